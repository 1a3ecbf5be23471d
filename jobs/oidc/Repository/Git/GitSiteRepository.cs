using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Issuer;
using ClusterTrust.Oidc.Repository.Git.Https;
using ClusterTrust.Oidc.Repository.Git.Ssh;
using ClusterTrust.Oidc.Site;
using LibGit2Sharp;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Polly;
using Polly.Retry;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>A repository on any Git host, over SSH, HTTPS or in the file system.</summary>
public sealed class GitSiteRepository : ISiteRepository
{
    private const string NewRepositoryBranch = "main";
    private const int BranchesShown = 10;

    // Enough to name the commit that brought a key; a longer history is not worth its transfer.
    private const int HistoryDepth = 50;

    // A server's words for a branch that another push holds or has moved.
    private static readonly string[] RacedWords = ["cannot lock", "failed to update ref", "fetch first", "non-fast-forward", "stale info", "failed to lock", "reference already exists"];

    private readonly GitRepositoryOptions options;
    private readonly GitTransport transport;
    private readonly string? wantedBranch;
    private readonly ResiliencePipeline retries;
    private GitWorkspace? workspace;
    private RepositorySnapshot? latest;

    /// <param name="options">Where the repository is and how to get in.</param>
    /// <param name="clock">Times the retries.</param>
    /// <param name="logger">Takes warnings about the files that are read; null for nowhere.</param>
    /// <exception cref="JobException">The address or the branch's name is not valid (exit code 2).</exception>
    public GitSiteRepository(GitRepositoryOptions options, TimeProvider? clock = null, ILogger? logger = null)
    {
        GitLibrary.EnsureReady();
        this.options = options;
        wantedBranch = ShortName(options.Branch);
        var address = RepositoryAddress.Parse(options.Url, preferHttps: options is { Token: not null, SshKeyFile: null });
        transport = address.Transport switch
        {
            RepositoryTransport.Ssh => new SshTransport(address, options, logger ?? NullLogger.Instance) { MostReceived = options.MostReceived, LongestConversation = options.LongestConversation },
            RepositoryTransport.Https => new HttpsTransport(address, options) { MostReceived = options.MostReceived, LongestConversation = options.LongestConversation },
            _ => new LocalTransport(address),
        };
        retries = options.ReadRetries == 0 ? ResiliencePipeline.Empty : new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<TransientGitException>(),
                MaxRetryAttempts = options.ReadRetries,
                Delay = options.RetryDelay,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
            })
            .Build();
    }

    /// <inheritdoc/>
    public async Task<RepositorySnapshot> ReadAsync(SiteLayout layout, CancellationToken cancellation)
    {
        return latest = await retries.ExecuteAsync(
            async token =>
            {
                // Afresh each time: after a lost race libgit2 cannot bring a shallow clone up to date.
                workspace?.Dispose();
                workspace = null;
                await transport.ConnectAsync(token);
                return await TransferAsync(() => Read(layout), token);
            },
            cancellation);
    }

    /// <inheritdoc/>
    public async Task<CommitReference> FindIntroductionAsync(RepositorySnapshot snapshot, string path, string text, CancellationToken cancellation)
    {
        await transport.ConnectAsync(cancellation);
        return await TransferAsync(
            () =>
            {
                using var history = GitWorkspace.Open(transport, snapshot.Branch, exists: true, options.TemporaryFolder, HistoryDepth);
                return history.FindIntroduction(path, text);
            },
            cancellation);
    }

    /// <inheritdoc/>
    public async Task<CommitResult> CommitAsync(RepositorySnapshot snapshot, CommitRequest request, CancellationToken cancellation)
    {
        if (workspace is not { } clone || !ReferenceEquals(snapshot, latest))
        {
            throw new ArgumentException("The snapshot is not the latest one of this repository.", nameof(snapshot));
        }

        var commit = clone.Commit(request);
        var result = new CommitResult(commit.Sha, clone.Branch);
        string? refusal;
        try
        {
            await transport.ConnectAsync(cancellation);
            refusal = await TransferAsync(() => clone.Push(commit, cancellation), cancellation);
        }
        catch (TransientGitException broken)
        {
            // It may have broken after the branch was moved, or before.
            return await TipAsync(clone.Branch, cancellation) == commit.Sha
                ? result
                : throw new RacedException($"The connection to {transport.Address} broke before the commit was there: try again.", broken);
        }

        if (refusal is null)
        {
            return result;
        }

        // Reading the tip makes the transport forget what the server said, so the sentence comes first.
        var refused = ServerRefusal.ExplainPush(transport, clone.Branch, refusal);
        var raced = RacedWords.Any(word => refusal.Contains(word, StringComparison.OrdinalIgnoreCase))
            || await TipAsync(clone.Branch, cancellation) != snapshot.Tip;
        throw raced
            ? new RacedException($"Someone else committed to the branch {clone.Branch} of {transport.Address} at the same time: try again.", refused)
            : refused;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        workspace?.Dispose();
        workspace = null;
        transport.Dispose();
    }

    private RepositorySnapshot Read(SiteLayout layout)
    {
        var branches = RemoteBranches.Read(transport);
        var branch = wantedBranch ?? branches.Default ?? (branches.IsEmpty ? NewRepositoryBranch : throw NoBranch(branches));
        var exists = branches.TipOf(branch) is not null;
        if (!exists && !branches.IsEmpty && !options.CreateBranch)
        {
            throw NoBranch(branches);
        }

        workspace = GitWorkspace.Open(transport, branch, exists, options.TemporaryFolder);
        if (workspace.Tip is not { } tip)
        {
            return new RepositorySnapshot(branch, null, PublishedSite.Empty);
        }

        var tree = new TreeReader(tip.Tree, workspace.Objects);
        return new RepositorySnapshot(branch, tip.Sha, tree.ReadSite(layout)) { Workflows = tree.ReadWorkflows() };
    }

    private async Task<string?> TipAsync(string branch, CancellationToken cancellation)
    {
        return await retries.ExecuteAsync(
            async token =>
            {
                await transport.ConnectAsync(token);
                return await TransferAsync(() => RemoteBranches.Read(transport).TipOf(branch), token);
            },
            cancellation);
    }

    /// <summary>Runs libgit2, which blocks, and explains what it says.</summary>
    private Task<T> TransferAsync<T>(Func<T> transfer, CancellationToken cancellation)
    {
        return Task.Run(
            () =>
            {
                transport.Begin(cancellation);
                try
                {
                    return transfer();
                }
                catch (LibGit2SharpException failure)
                {
                    cancellation.ThrowIfCancellationRequested();
                    throw GitFaults.Explain(failure, transport);
                }
            },
            cancellation);
    }

    private JobException NoBranch(RemoteBranches branches)
    {
        var names = string.Join(", ", branches.Tips.Keys.Take(BranchesShown).Select(name => Shown.Of(name)));
        var more = branches.Tips.Count > BranchesShown ? $" and {branches.Tips.Count - BranchesShown} more" : "";
        return new JobException(
            wantedBranch is null
                ? $"The repository {transport.Address} does not say which branch is its default (it has {names}{more}): name one with --branch."
                : $"The repository {transport.Address} has no branch {Shown.Of(wantedBranch)} (it has {names}{more}; was it renamed?): correct --branch, or create it with --create-branch.",
            ExitCode.Usage);
    }

    private static string? ShortName(string? branch)
    {
        const string Prefix = "refs/heads/";
        if (string.IsNullOrWhiteSpace(branch))
        {
            return null;
        }

        var name = branch.StartsWith(Prefix, StringComparison.Ordinal) ? branch[Prefix.Length..] : branch;
        return name[0] != '-' && Reference.IsValidName(Prefix + name)
            ? name
            : throw new JobException($"'{Shown.Of(branch)}' cannot be the name of a branch: correct --branch.", ExitCode.Usage);
    }
}
