using ClusterTrust.Oidc.Repository.Git.Ssh;
using LibGit2Sharp;
using Microsoft.Extensions.Logging.Abstractions;
using Polly;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>A repository on any Git host, over SSH, HTTPS or in the file system.</summary>
internal sealed class GitSiteRepository : ISiteRepository
{
    private const string NewRepositoryBranch = "main";
    private const int BranchesShown = 10;

    // Enough to name the commit that added a key; a longer history is not worth its transfer.
    private const int HistoryDepth = 50;

    // The phrases with which servers report that another push has locked or moved the branch.
    private static readonly string[] RacePhrases = ["cannot lock", "failed to update ref", "fetch first", "non-fast-forward", "stale info", "failed to lock", "reference already exists"];

    private readonly GitRepositoryOptions _options;
    private readonly GitTransport _transport;
    private readonly ResiliencePipeline _retries;
    private GitWorkspace? _workspace;
    private RepositorySnapshot? _latest;

    /// <exception cref="JobException">The address is not valid (exit code 2).</exception>
    public GitSiteRepository(GitRepositoryOptions options, TimeProvider? clock = null, ILogger? logger = null)
    {
        GitLibrary.EnsureReady();
        _options = options;
        var address = RepositoryAddress.Parse(options.Url, preferHttps: options is { Token: not null, SshKeyFile: null });
        _transport = address.Transport switch
        {
            RepositoryTransport.Ssh => new SshTransport(address, options, logger ?? NullLogger.Instance),
            RepositoryTransport.Https => new HttpsTransport(address, options),
            _ => new LocalTransport(address, options),
        };
        _retries = Retries.Of(clock, options.ReadRetries, options.RetryDelay, static fault => fault is TransientGitException);
    }

    public async Task<RepositorySnapshot> ReadAsync(SiteLayout layout, CancellationToken cancellationToken)
    {
        return _latest = await _retries.ExecuteAsync(
            async token =>
            {
                // A new clone each time: libgit2 cannot update a shallow clone.
                _workspace?.Dispose();
                _workspace = null;
                await _transport.ConnectAsync(token);
                return await TransferAsync(() => ReadTipAsync(layout, token), token);
            },
            cancellationToken);
    }

    public async Task<CommitReference> FindIntroductionAsync(RepositorySnapshot snapshot, string path, string text, CancellationToken cancellationToken)
    {
        await _transport.ConnectAsync(cancellationToken);
        return await TransferAsync(
            async () =>
            {
                using var history = GitWorkspace.Open(_transport, snapshot.Branch, exists: true, HistoryDepth);
                return await history.FindIntroductionAsync(path, text, cancellationToken);
            },
            cancellationToken);
    }

    public async Task<CommitResult> CommitAsync(RepositorySnapshot snapshot, CommitRequest request, CancellationToken cancellationToken)
    {
        if (_workspace is not { } clone || !ReferenceEquals(snapshot, _latest))
        {
            throw new ArgumentException("The snapshot is not the latest one of this repository.", nameof(snapshot));
        }

        var commit = clone.Commit(request);
        var result = new CommitResult(commit.Sha, clone.Branch);
        string? refusal;
        try
        {
            await _transport.ConnectAsync(cancellationToken);
            refusal = await TransferAsync(() => Task.FromResult(clone.Push(commit, cancellationToken)), cancellationToken);
        }
        catch (TransientGitException broken)
        {
            // The connection may have broken before or after the branch was moved.
            return await TipAsync(clone.Branch, cancellationToken) == commit.Sha
                ? result
                : throw new RacedException(broken.Message, broken);
        }

        if (refusal is null)
        {
            return result;
        }

        // Reading the tip clears the server's messages, so the refusal is composed first.
        var refused = ServerRefusal.ExplainPush(_transport, clone.Branch, refusal);
        var raced = RacePhrases.Any(phrase => refusal.Contains(phrase, StringComparison.OrdinalIgnoreCase))
            || await TipAsync(clone.Branch, cancellationToken) != snapshot.Tip;
        throw raced ? clone.Raced(refused, $" ({_transport.Quote(refusal)})") : refused;
    }

    public void Dispose()
    {
        _workspace?.Dispose();
        _workspace = null;
        _transport.Dispose();
    }

    private async Task<RepositorySnapshot> ReadTipAsync(SiteLayout layout, CancellationToken cancellationToken)
    {
        var branches = RemoteBranches.Read(_transport);

        // The HEAD of a repository that Git created may name a branch that does not exist, master; an empty one has this branch from an earlier run.
        var branch = _options.Branch ?? branches.Default
            ?? (branches.IsEmpty || branches.TipOf(NewRepositoryBranch) is not null ? NewRepositoryBranch : throw NoBranch(branches));
        var exists = branches.TipOf(branch) is not null;
        if (!exists && !branches.IsEmpty && !_options.CreateBranch)
        {
            throw NoBranch(branches);
        }

        // Git keeps a branch as a file, and no name can be both a file and a folder. Servers refuse it as they refuse a race.
        if (!exists && branches.Tips.Keys.FirstOrDefault(other => other.StartsWith($"{branch}/", StringComparison.Ordinal) || branch.StartsWith($"{other}/", StringComparison.Ordinal)) is { } conflicting)
        {
            throw new JobException(
                $"The branch {Sanitizer.Sanitize(branch)} cannot be created in {_transport.Address} beside the branch {Sanitizer.Sanitize(conflicting)}, because one name continues the other: set another --branch.",
                ExitCode.Usage);
        }

        _workspace = GitWorkspace.Open(_transport, branch, exists);
        return _workspace.Tip is { } tip
            ? await _workspace.TreeOf(tip).SnapshotAsync(branch, tip.Sha, layout, cancellationToken)
            : new RepositorySnapshot(branch, null, PublishedSite.Empty);
    }

    private async Task<string?> TipAsync(string branch, CancellationToken cancellationToken) => await _retries.ExecuteAsync(
        async token =>
        {
            await _transport.ConnectAsync(token);
            return await TransferAsync(() => Task.FromResult(RemoteBranches.Read(_transport).TipOf(branch)), token);
        },
        cancellationToken);

    /// <summary>Runs libgit2, which blocks, and explains its failures.</summary>
    private Task<T> TransferAsync<T>(Func<Task<T>> transfer, CancellationToken cancellationToken) => Task.Run(
        async () =>
        {
            _transport.Begin(cancellationToken);
            try
            {
                return await transfer();
            }
            catch (LibGit2SharpException failure)
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw GitFaults.Explain(failure, _transport);
            }
        },
        cancellationToken);

    private JobException NoBranch(RemoteBranches branches)
    {
        var names = string.Join(", ", branches.Tips.Keys.Take(BranchesShown).Select(name => Sanitizer.Sanitize(name)));
        var more = branches.Tips.Count > BranchesShown ? $" and {branches.Tips.Count - BranchesShown} more" : "";
        return new JobException(
            _options.Branch is null
                ? $"The repository {_transport.Address} names no default branch (it has {names}{more}): set --branch."
                : $"The repository {_transport.Address} has no branch {Sanitizer.Sanitize(_options.Branch)} (it has {names}{more}; was it renamed?): correct --branch, or create it with --create-branch.",
            ExitCode.Usage);
    }
}
