using ClusterTrust.Sandbox.Git;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.Sandbox.Tests.Git;

/// <summary>A test with the repository octo/issuer, which has one commit, and a user's git.</summary>
public abstract class RepositoryTest : IAsyncLifetime, IAsyncDisposable
{
    protected const string Name = "octo/issuer";

    protected static CertificateAuthority Authority => CertificateAuthority.OfProcess;

    protected GitRepositories Repositories { get; } = new();

    protected GitRepository Repository { get; private set; } = null!;

    private protected GitClient Client { get; } = new();

    public virtual async Task InitializeAsync()
    {
        Repository = await Repositories.CreateAsync(Name);
        await CommitAsync(("readme", "hello"));
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public virtual async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        Repositories.Dispose();
        GC.SuppressFinalize(this);
    }

    protected Task<string> CommitAsync(params (string Path, string Text)[] files) =>
        Repository.CommitFilesAsync("main", files.ToDictionary(static file => file.Path, static file => file.Text));
}
