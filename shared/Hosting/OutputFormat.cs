namespace ClusterTrust.Hosting;

/// <summary>How results are written to standard output.</summary>
public enum OutputFormat
{
    /// <summary>For people.</summary>
    Table,

    /// <summary>For programs: one JSON document.</summary>
    Json,
}
