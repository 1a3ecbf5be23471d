using LibGit2Sharp;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>libgit2's settings, which are the process's.</summary>
internal static class GitLibrary
{
    public const string SshScheme = "clustertrust-ssh";
    public const string HttpsScheme = "clustertrust-https";

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

        GlobalSettings.RegisterSmartSubtransport<SshSubtransport>(SshScheme);
        GlobalSettings.RegisterSmartSubtransport<HttpsSubtransport>(HttpsScheme);
        return true;
    }
}

/// <summary>libgit2's subtransport over one lasting connection, as over SSH.</summary>
internal sealed class SshSubtransport : SmartSubtransport
{
    private TransportStream? _stream;

    protected override SmartSubtransportStream Action(string url, GitSmartSubtransportAction action)
    {
        var transport = GitTransport.Of(url);
        var (service, advertises) = GitTransport.Meaning(action);
        try
        {
            // What follows the list of branches belongs to the same conversation.
            return advertises || _stream is null ? _stream = new TransportStream(this, transport, transport.Talk(service, advertises: true)) : _stream;
        }
        catch (Exception failure)
        {
            transport.Failed(failure);
            throw;
        }
    }
}

/// <summary>libgit2's subtransport by one request after another, as over HTTPS.</summary>
internal sealed class HttpsSubtransport : RpcSmartSubtransport
{
    protected override SmartSubtransportStream Action(string url, GitSmartSubtransportAction action)
    {
        var transport = GitTransport.Of(url);
        var (service, advertises) = GitTransport.Meaning(action);
        return new TransportStream(this, transport, transport.Talk(service, advertises));
    }
}
