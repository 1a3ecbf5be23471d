namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>The address of a Git repository and its credentials. Files are read when they are needed, so that a mounted Secret may rotate.</summary>
internal sealed record GitRepositoryOptions
{
    /// <summary>The address (<see cref="RepositoryAddress.Parse"/>); <c>OWNER/REPO</c> is over HTTPS when there is a token and no key.</summary>
    public required string Url { get; init; }

    /// <summary>The branch's short name; null for the repository's default branch, <c>main</c> when it is empty.</summary>
    public string? Branch { get; init; }

    /// <summary>Whether a <see cref="Branch"/> that is missing in a repository with others is created, without history.</summary>
    public bool CreateBranch { get; init; }

    public string? SshKeyFile { get; init; }
    public string? SshKeyPassphrase { get; init; }

    /// <summary>The known_hosts file; may be null for github.com, whose keys are built in.</summary>
    public string? KnownHostsFile { get; init; }

    public string? Token { get; init; }

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the server may send nothing while a transfer waits for it. Default 60 s.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    public int ReadRetries { get; init; } = 3;

    /// <summary>The delay before the first retry; it doubles each time. Default 500 ms.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The maximum length of one response in bytes. Default 1 GiB; GitHub's own limit for a Pages site is 1 GB.</summary>
    public long MaximumReceivedBytes { get; init; } = 1024L * 1024 * 1024;

    /// <summary>The maximum duration of one response. Default 5 min.</summary>
    public TimeSpan MaximumDuration { get; init; } = TimeSpan.FromMinutes(5);

    public override string ToString() => $"{nameof(GitRepositoryOptions)} {{ Branch = {Branch} }}";
}
