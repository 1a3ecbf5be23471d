namespace ClusterTrust.Oidc.Tests.Repository.GitHub;

/// <summary>A test with a GitHub of its own, where its repository has the name <c>octo/pages</c>.</summary>
public abstract class GitHubTest(GitHost host) : GitTest(host)
{
    private readonly List<ISiteRepository> _opened = [];

    private protected GitHubServer Server { get; private set; } = null!;

    private protected GitHubOptions Options => new()
    {
        Owner = "octo",
        Name = "pages",
        ApiUrl = Server.ApiUrl,
        Token = Server.Token,
        RetryDelay = TimeSpan.FromMilliseconds(1),
    };

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        Server = new GitHubServer(CertificateAuthority.OfProcess, Repository, "octo/pages");
        await Server.StartAsync();
    }

    public override async Task DisposeAsync()
    {
        _opened.ForEach(one => one.Dispose());
        await Server.DisposeAsync();
        await base.DisposeAsync();
    }

    private protected ISiteRepository Open(GitHubOptions? options = null, TimeProvider? clock = null) =>
        Opened(new GitHubSiteRepository(options ?? Options, clock ?? TimeProvider.System, NullLogger<GitHubSiteRepository>.Instance));

    private protected ISiteRepository Opened(ISiteRepository repository)
    {
        _opened.Add(repository);
        return repository;
    }

    private protected Task<RepositorySnapshot> ReadAsync(GitHubOptions? options = null) => Open(options).ReadAsync();

    /// <summary>Commits a file on top of the current branch.</summary>
    private protected Task<CommitResult> CommitAsync(GitHubOptions? options = null, ICommitSigner? signer = null) =>
        Open(options).PublishAsync(TestRepository.Request(("b", "2")) with { Signer = signer });
}
