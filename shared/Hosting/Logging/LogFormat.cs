namespace ClusterTrust.Hosting.Logging;

/// <summary>How log lines look.</summary>
public enum LogFormat
{
    /// <summary>Text when standard error is a terminal, else JSON.</summary>
    Auto,

    /// <summary>One JSON object a line.</summary>
    Json,

    /// <summary>Readable lines.</summary>
    Text,
}
