using System.Text;
using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Repository;
using ClusterTrust.Oidc.Repository.Git;
using ClusterTrust.Oidc.Site;
using ClusterTrust.Sandbox.Git;
using ClusterTrust.Sandbox.Processes;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.Oidc.Tests.Repository.Git;

/// <summary>A Git host on loopback, over SSH and HTTPS, with a repository for each test that asks for one.</summary>
public sealed class GitHost : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder folder = new();
    private int made;

    public GitHost()
    {
        Ssh = new GitSshServer(Repositories);
        Https = new GitHttpsServer(CertificateAuthority.OfProcess, Repositories);
    }

    internal static SiteLayout Layout { get; } = SiteLayout.For("https://issuer.example", "owner/repository");

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
        folder.Dispose();
    }

    /// <summary>Makes a repository with a name of its own.</summary>
    public async Task<(string Name, GitRepository Repository)> CreateAsync(bool empty = false)
    {
        var name = $"owner/repository{Interlocked.Increment(ref made)}";
        var repository = await Repositories.CreateAsync(name);
        if (!empty)
        {
            await repository.CommitFilesAsync("main", new Dictionary<string, string> { ["README.md"] = "A site.\n", ["docs/a.txt"] = "a\n" });
        }

        return (name, repository);
    }

    public string WriteKnownHosts(string text) => folder.Write(Path.GetRandomFileName(), text);

    internal GitRepositoryOptions OverSsh(string name) => new()
    {
        Url = Ssh.Url(name),
        SshKeyFile = Key.PrivateKeyPath,
        KnownHostsFile = KnownHostsFile,
        RetryDelay = TimeSpan.FromMilliseconds(20),
    };

    internal GitRepositoryOptions OverHttps(string name) => new()
    {
        Url = Https.Url(name),
        Token = "good-token",
        RetryDelay = TimeSpan.FromMilliseconds(20),
    };

    /// <summary>A commit of these files.</summary>
    internal static CommitRequest Request(params (string Path, string Text)[] files) => new(
        [.. files.Select(file => new SiteFile(file.Path, Encoding.UTF8.GetBytes(file.Text)))],
        "Add a key",
        "Added:\n- kid-1\n",
        new CommitIdentity("Publisher", "publisher@example.com", new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.FromHours(2))));

    /// <summary>Reads, which fails.</summary>
    internal static async Task<JobException> FaultAsync(GitRepositoryOptions options, ExitCode exitCode, string sentence)
    {
        using var repository = new GitSiteRepository(options);
        var fault = await Assert.ThrowsAnyAsync<JobException>(() => repository.ReadAsync(Layout, CancellationToken.None));
        Assert.Contains(sentence, fault.Message, StringComparison.Ordinal);
        Assert.Equal(exitCode, fault.ExitCode);
        return fault;
    }

    /// <summary>Reads and commits, as a run does.</summary>
    internal static async Task<CommitResult> PublishAsync(GitRepositoryOptions options, params (string Path, string Text)[] files)
    {
        using var repository = new GitSiteRepository(options);
        var snapshot = await repository.ReadAsync(Layout, CancellationToken.None);
        return await repository.CommitAsync(snapshot, Request(files), CancellationToken.None);
    }
}
