using LibGit2Sharp;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>libgit2's settings, which hold for the whole process.</summary>
internal static class GitLibrary
{
    public const string SshScheme = "clustertrust-ssh";
    public const string HttpsScheme = "clustertrust-https";

    private static readonly Lazy<bool> Ready = new(Prepare);

    public static void EnsureReady() => _ = Ready.Value;

    private static bool Prepare()
    {
        // A run must not depend on a home directory, or on whether it can be read, so no configuration file is searched for.
        foreach (var level in (ReadOnlySpan<ConfigurationLevel>)
            [ConfigurationLevel.Global, ConfigurationLevel.Xdg, ConfigurationLevel.System, ConfigurationLevel.ProgramData])
        {
            GlobalSettings.SetConfigSearchPaths(level, "");
        }

        GlobalSettings.RegisterSmartSubtransport<SshSubtransport>(SshScheme);
        GlobalSettings.RegisterSmartSubtransport<HttpsSubtransport>(HttpsScheme);
        return true;
    }
}

/// <summary>libgit2's subtransport over one lasting connection.</summary>
internal sealed class SshSubtransport : SmartSubtransport
{
    private GitExchange? _exchange;

    // What follows the list of branches belongs to the same conversation.
    protected override SmartSubtransportStream Action(string url, GitSmartSubtransportAction action) =>
        _exchange is null || action.IsListing()
            ? _exchange = GitTransport.Find(url).Open(this, action)
            : _exchange;
}

/// <summary>libgit2's subtransport by one request after another.</summary>
internal sealed class HttpsSubtransport : RpcSmartSubtransport
{
    protected override SmartSubtransportStream Action(string url, GitSmartSubtransportAction action) =>
        GitTransport.Find(url).Open(this, action);
}
