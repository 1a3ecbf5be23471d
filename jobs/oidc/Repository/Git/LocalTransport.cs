using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Site;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>A repository in the file system, which libgit2 opens by itself.</summary>
internal sealed class LocalTransport(RepositoryAddress address) : GitTransport(address)
{
    /// <inheritdoc/>
    public override string Url => Address.Path;

    /// <inheritdoc/>
    public override bool CanBeShallow => false;

    protected override string Scheme => "file";

    /// <inheritdoc/>
    public override Task ConnectAsync(CancellationToken cancellation)
    {
        if (!Directory.Exists(Address.Path))
        {
            throw new JobException($"There is no repository {Address}: correct the address, or make it with git init --bare.", ExitCode.Usage);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override GitExchange Talk(GitService service, bool advertises) => throw new InvalidOperationException("There is no server.");

    protected override void Dispose(bool disposing)
    {
    }
}
