using System.Text;
using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Repository;
using ClusterTrust.Oidc.Repository.GitHub;
using ClusterTrust.Oidc.Site;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterTrust.Oidc.Tests.Repository.GitHub;

/// <summary>A test with a GitHub of its own.</summary>
public abstract class GitHubTest : IAsyncLifetime
{
    private readonly List<IDisposable> opened = [];

    private protected static CancellationToken None => CancellationToken.None;

    private protected static SiteLayout Layout { get; } = SiteLayout.For("https://octo.github.io/pages", "octo/pages");

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
        await Server.StartAsync();
    }

    public async Task DisposeAsync()
    {
        opened.ForEach(one => one.Dispose());
        await Server.DisposeAsync();
    }

    private protected ISiteRepository Open(GitHubOptions? options = null, TimeProvider? clock = null)
    {
        var repository = new GitHubSiteRepository(options ?? Options, clock ?? TimeProvider.System, NullLogger<GitHubSiteRepository>.Instance);
        opened.Add(repository);
        return repository;
    }

    /// <summary>Commits on what the branch holds now.</summary>
    private protected async Task<CommitResult> CommitAsync(CommitRequest request, GitHubOptions? options = null)
    {
        var repository = Open(options);
        return await repository.CommitAsync(await repository.ReadAsync(Layout, None), request, None);
    }

    private protected static CommitRequest Request(params SiteFile[] files) =>
        new(files, "Add a key", "Added:\n- kid-ü\n", new CommitIdentity("Jörg Test.", "ci@example.com", DateTimeOffset.UtcNow));

    private protected static SiteFile FileOf(string path, string content) => new(path, Encoding.UTF8.GetBytes(content));

    private protected static async Task<JobException> FailsAsync(Func<Task> work, ExitCode exitCode)
    {
        var fault = await Assert.ThrowsAnyAsync<JobException>(work);
        Assert.Equal(exitCode, fault.ExitCode);
        return fault;
    }
}
