namespace ClusterTrust.Hosting.Settings;

/// <summary>Where a setting's value came from; a higher member wins over a lower one.</summary>
public enum SettingSource
{
    /// <summary>Nobody set it.</summary>
    Default,

    /// <summary>The JSON configuration file.</summary>
    File,

    /// <summary>An environment variable.</summary>
    Environment,

    /// <summary>The command line.</summary>
    Flag,
}
