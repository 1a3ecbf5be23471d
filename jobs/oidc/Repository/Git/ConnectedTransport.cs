using LibGit2Sharp;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>libgit2's transport over one lasting conversation, as over SSH.</summary>
internal sealed class ConnectedTransport : SmartSubtransport
{
    private WireStream? stream;

    protected override SmartSubtransportStream Action(string url, GitSmartSubtransportAction action)
    {
        var wire = GitWire.Of(url);
        var (service, advertises) = GitWire.Meaning(action);
        try
        {
            // What follows the list of branches is said in the same conversation.
            return advertises || stream is null ? stream = new WireStream(this, wire, wire.Talk(service, advertises: true)) : stream;
        }
        catch (Exception failure)
        {
            wire.Failed(failure);
            throw;
        }
    }
}
