namespace ClusterTrust.Oidc.Tests.Repository.Git;

/// <summary>A Git host on loopback, over SSH and HTTPS, with a repository for each test that asks for one.</summary>
public sealed class GitHost : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private int _made;

    public GitHost()
    {
        Ssh = new GitSshServer(Repositories);
        Https = new GitHttpsServer(CertificateAuthority.OfProcess, Repositories);
    }

    public GitRepositories Repositories { get; } = new();

    public GitSshServer Ssh { get; }

    public GitHttpsServer Https { get; }

    public SshKeyPair Key { get; private set; } = null!;

    public string KnownHostsFile { get; private set; } = "";

    public async Task InitializeAsync()
    {
        Key = await SshKeyPair.CreateAsync();
        Ssh.AddDeployKey(Key);
        Https.AddToken("good-token");
        await Ssh.StartAsync();
        await Https.StartAsync();
        KnownHostsFile = WriteKnownHosts(Ssh.KnownHosts());
    }

    public async Task DisposeAsync()
    {
        await Ssh.DisposeAsync();
        await Https.DisposeAsync();
        Key.Dispose();
    }

    public void Dispose()
    {
        Repositories.Dispose();
        _folder.Dispose();
    }

    /// <summary>Makes a repository with a name of its own.</summary>
    public async Task<(string Name, GitRepository Repository)> CreateAsync(bool empty = false)
    {
        var name = $"owner/repository{Interlocked.Increment(ref _made)}";
        var repository = await Repositories.CreateAsync(name);
        if (!empty)
        {
            await repository.CommitFilesAsync("main", new Dictionary<string, string> { ["README.md"] = "A site.\n", ["docs/a.txt"] = "a\n" });
        }

        return (name, repository);
    }

    public string WriteKnownHosts(string text) => _folder.Write(Path.GetRandomFileName(), text);

    internal GitRepositoryOptions OverSsh(string name) =>
        new() { Url = Ssh.Url(name), SshKeyFile = Key.PrivateKeyPath, KnownHostsFile = KnownHostsFile, RetryDelay = TimeSpan.FromMilliseconds(20) };

    internal GitRepositoryOptions OverHttps(string name) => new() { Url = Https.Url(name), Token = "good-token", RetryDelay = TimeSpan.FromMilliseconds(20) };
}

/// <summary>A test with a repository of its own on the host.</summary>
public abstract class GitTest(GitHost host) : IClassFixture<GitHost>, IAsyncLifetime
{
    private protected string Name { get; private set; } = "";

    private protected GitRepository Repository { get; private set; } = null!;

    /// <summary>The branch as the test found it.</summary>
    private protected string Tip { get; private set; } = "";

    private protected GitHost Host => host;

    private protected GitRepositoryOptions Ssh => host.OverSsh(Name);

    private protected GitRepositoryOptions Https => host.OverHttps(Name);

    public async Task InitializeAsync()
    {
        (Name, Repository) = await host.CreateAsync();
        Tip = Repository.Tip("main")!;
    }

    public Task DisposeAsync()
    {
        (host.Https.Tamper, host.Https.Instead) = (null, null);
        return Task.CompletedTask;
    }

    /// <summary>Reads, which fails.</summary>
    private protected static Task<JobException> FaultAsync(GitRepositoryOptions options, ExitCode exitCode, string sentence) => Assert.FaultAsync(exitCode, sentence, async () =>
    {
        using var repository = new GitSiteRepository(options);
        await repository.ReadAsync();
    });

    /// <summary>Reads and commits the key set, as a run does.</summary>
    private protected static async Task<CommitResult> PublishAsync(GitRepositoryOptions options)
    {
        using var repository = new GitSiteRepository(options);
        return await repository.PublishAsync(TestRepository.Request(TestRepository.Jwks));
    }

    /// <summary>Reads and commits, which fails.</summary>
    private protected static Task<JobException> PublishFaultAsync(GitRepositoryOptions options, ExitCode exitCode, string sentence) =>
        Assert.FaultAsync(exitCode, sentence, () => PublishAsync(options));
}
