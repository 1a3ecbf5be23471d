namespace ClusterTrust.Oidc.Tests.Repository.GitHub;

/// <summary>A test with a GitHub of its own, whose repository <c>octo/pages</c> has one commit.</summary>
public abstract class GitHubTest : IAsyncLifetime, IDisposable
{
    private readonly List<IDisposable> _opened = [];
    private readonly GitRepositories _repositories = new();

    private protected TemporaryFolder Folder { get; } = new();

    private protected GitRepository Repository { get; private set; } = null!;

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
        Repository = await _repositories.CreateAsync("octo/pages");
        Server = new GitHubServer(CertificateAuthority.OfProcess, Repository, "octo/pages");
        await PushAsync("a", "1");
        await Server.StartAsync();
    }

    public async Task DisposeAsync()
    {
        _opened.ForEach(one => one.Dispose());
        await Server.DisposeAsync();
    }

    public void Dispose()
    {
        _repositories.Dispose();
        Folder.Dispose();
        GC.SuppressFinalize(this);
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

    /// <summary>Commits as somebody else does, by Git.</summary>
    private protected Task<string> PushAsync(string path, string text, string branch = "main") => Repository.CommitAsync(branch, $"Push {Guid.NewGuid()}", [GitChange.File(path, text)]);

    /// <summary>Moves the branch as somebody else does; takes it away where no commit is named.</summary>
    private protected async Task ResetAsync(string? commit = null) =>
        (await Repository.RunAsync(commit is null ? ["update-ref", "-d", "refs/heads/main"] : ["update-ref", "refs/heads/main", commit])).OrThrow();
}
