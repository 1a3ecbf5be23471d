using LibGit2Sharp;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>libgit2's transport by one request after another, as over HTTPS.</summary>
internal sealed class RequestTransport : RpcSmartSubtransport
{
    protected override SmartSubtransportStream Action(string url, GitSmartSubtransportAction action)
    {
        var wire = GitWire.Of(url);
        var (service, advertises) = GitWire.Meaning(action);
        return new WireStream(this, wire, wire.Talk(service, advertises));
    }
}
