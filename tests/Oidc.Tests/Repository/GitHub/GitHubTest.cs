using ClusterTrust.Oidc.Repository.GitHub;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterTrust.Oidc.Tests.Repository.GitHub;

/// <summary>A test with a GitHub of its own, whose repository has one commit.</summary>
public abstract class GitHubTest : IAsyncLifetime
{
    private readonly List<IDisposable> _opened = [];

    private protected GitHubServer Server { get; private set; } = null!;

    private protected GitHubOptions Options => new()
    {
        Owner = "octo",
        Name = "pages",
        ApiUrl = Server.ApiUrl,
        Token = Server.Token,
        RetryDelay = TimeSpan.FromMilliseconds(1),
    };

    public async Task InitializeAsync()
    {
        Server = new GitHubServer();
        Server.Store.Push("a", "1");
        await Server.StartAsync();
    }

    public async Task DisposeAsync()
    {
        _opened.ForEach(one => one.Dispose());
        await Server.DisposeAsync();
    }

    private protected ISiteRepository Open(GitHubOptions? options = null, TimeProvider? clock = null)
    {
        var repository = new GitHubSiteRepository(options ?? Options, clock ?? TimeProvider.System, NullLogger<GitHubSiteRepository>.Instance);
        _opened.Add(repository);
        return repository;
    }

    private protected Task<RepositorySnapshot> ReadAsync(GitHubOptions? options = null) => Open(options).ReadAsync();

    /// <summary>Commits a file on what the branch holds now.</summary>
    private protected Task<CommitResult> CommitAsync(GitHubOptions? options = null, ICommitSigner? signer = null) =>
        Open(options).PublishAsync(TestRepository.Request(("b", "2")) with { Signer = signer });
}
