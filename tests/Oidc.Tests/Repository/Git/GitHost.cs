namespace ClusterTrust.Oidc.Tests.Repository.Git;

/// <summary>A Git host on loopback, over SSH and HTTPS, with a repository for each test that creates one.</summary>
public sealed class GitHost : IAsyncLifetime
{
    private int _made;
    private GitRepository _template = null!;

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

    private TemporaryFolder Folder { get; } = new();

    public async Task InitializeAsync()
    {
        Key = await SshKeyPair.CreateAsync();
        Ssh.AddDeployKey(Key);
        Https.AddToken("good-token");
        await Ssh.StartAsync();
        await Https.StartAsync();
        _template = await Repositories.CreateAsync("owner/template");
        await _template.CommitFilesAsync("main", new Dictionary<string, string> { ["README.md"] = "A site.\n", ["docs/a.txt"] = "a\n" });
        KnownHostsFile = Write(Ssh.KnownHosts());
    }

    public async Task DisposeAsync()
    {
        await Ssh.DisposeAsync();
        await Https.DisposeAsync();
        Key.Dispose();
        Repositories.Dispose();
        Folder.Dispose();
    }

    /// <summary>Creates a repository with a unique name.</summary>
    public async Task<(string Name, GitRepository Repository)> CreateAsync()
    {
        var name = $"owner/repository{Interlocked.Increment(ref _made)}";
        var repository = await Repositories.CreateAsync(name);
        repository.CopyFrom(_template);
        return (name, repository);
    }

    /// <summary>A file with this text.</summary>
    public string Write(string text) => Folder.Write(Path.GetRandomFileName(), text);

    /// <summary>A program with this text.</summary>
    public string WriteScript(string text) => Folder.Write(Path.GetRandomFileName(), $"#!/bin/sh\n{text}\n", UnixFileMode.UserRead | UnixFileMode.UserExecute);

    internal GitRepositoryOptions OverSsh(string name) =>
        new() { Url = Ssh.Url(name), SshKeyFile = Key.PrivateKeyPath, KnownHostsFile = KnownHostsFile, RetryDelay = TimeSpan.FromMilliseconds(20) };
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

    private protected GitRepositoryOptions Https => new() { Url = host.Https.Url(Name), Token = "good-token", RetryDelay = TimeSpan.FromMilliseconds(20) };

    private protected GitRepositoryOptions Local => new() { Url = "file://" + Repository.Path };

    public virtual async Task InitializeAsync()
    {
        (Name, Repository) = await host.CreateAsync();
        Tip = Repository.Tip("main")!;
    }

    public virtual Task DisposeAsync()
    {
        (host.Https.Tamper, host.Https.Instead) = (null, null);
        return Task.CompletedTask;
    }

    /// <summary>Commits as another user, with Git.</summary>
    private protected Task<string> PushAsync(string path, string text, string branch = "main") => Repository.CommitAsync(branch, $"Push {Guid.NewGuid()}", [GitChange.File(path, text)]);

    /// <summary>Opens what the settings of publish name.</summary>
    private protected static Task<ISiteRepository> OpenAsync(IReadOnlyDictionary<string, string> variables, params string[] arguments) =>
        OidcOptionsTests.ReadAsync(static values => RepositorySelection.Open(values, TimeProvider.System, NullLoggerFactory.Instance), variables, arguments);

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
