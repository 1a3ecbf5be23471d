using LibGit2Sharp;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>libgit2's settings, which are the process's.</summary>
internal static class GitLibrary
{
    public const string ConnectedScheme = "clustertrust-ssh";
    public const string RequestScheme = "clustertrust-https";

    private static readonly Lazy<bool> Ready = new(Prepare);

    /// <summary>Sets them, once.</summary>
    public static void EnsureReady() => _ = Ready.Value;

    private static bool Prepare()
    {
        // A run must not depend on whose home it has or cannot read: no file is looked for anywhere.
        foreach (var level in (ReadOnlySpan<ConfigurationLevel>)
            [ConfigurationLevel.Global, ConfigurationLevel.Xdg, ConfigurationLevel.System, ConfigurationLevel.ProgramData])
        {
            GlobalSettings.SetConfigSearchPaths(level, Path.Combine(Path.GetTempPath(), "clustertrust-no-configuration"));
        }

        GlobalSettings.RegisterSmartSubtransport<ConnectedTransport>(ConnectedScheme);
        GlobalSettings.RegisterSmartSubtransport<RequestTransport>(RequestScheme);
        return true;
    }
}
