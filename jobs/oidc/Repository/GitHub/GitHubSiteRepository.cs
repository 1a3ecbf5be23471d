namespace ClusterTrust.Oidc.Repository.GitHub;

/// <summary>
/// A repository on GitHub (github.com or GitHub Enterprise Server), read and written by its REST API. All files are in one commit, except
/// in an empty repository, where a commit with a single file precedes it.
/// </summary>
internal sealed class GitHubSiteRepository : ISiteRepository
{
    private const int MaximumCommits = 10;

    private readonly GitHubOptions _options;
    private readonly TimeProvider _clock;
    private readonly GitHubApi _api;
    private readonly GitHubCommitter _committer;

    /// <param name="handler">Sends the requests; null uses the proxies and CAs of the environment (HTTPS_PROXY, SSL_CERT_FILE).</param>
    /// <exception cref="JobException">A setting is wrong (exit code 2).</exception>
    public GitHubSiteRepository(
        GitHubOptions options, TimeProvider clock, ILogger<GitHubSiteRepository> logger, Func<HttpMessageHandler>? handler = null)
    {
        options.Check();
        (_options, _clock) = (options, clock);
        _api = new GitHubApi(options, clock, logger, handler ?? CreateHandler);
        _committer = new GitHubCommitter(_api, logger);
    }

    public Task<RepositorySnapshot> ReadAsync(SiteLayout layout, CancellationToken cancellationToken) =>
        ExplainedAsync(() => ReadTipAsync(layout, cancellationToken), cancellationToken);

    public Task<CommitResult> CommitAsync(RepositorySnapshot snapshot, CommitRequest request, CancellationToken cancellationToken) =>
        ExplainedAsync(
            async () => new CommitResult(await _committer.CommitAsync(snapshot, request, cancellationToken), snapshot.Branch), cancellationToken);

    public Task<CommitReference> FindIntroductionAsync(RepositorySnapshot snapshot, string path, string text, CancellationToken cancellationToken) =>
        ExplainedAsync(() => FindAsync(snapshot.Tip ?? throw new ArgumentException("There is no commit.", nameof(snapshot)), path, text, cancellationToken), cancellationToken);

    public void Dispose() => _api.Dispose();

    // Octokit follows redirects itself.
    private static SocketsHttpHandler CreateHandler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.GZip | DecompressionMethods.Deflate,
        SslOptions = { RemoteCertificateValidationCallback = ServerCertificateException.Validate },
    };

    private async Task<CommitReference> FindAsync(string tip, string path, string text, CancellationToken cancellationToken)
    {
        var changes = await _api.GetAsync<CommitInfo[]>(
            $"commits?sha={tip}&path={Uri.EscapeDataString(path)}&per_page={MaximumCommits}", cancellationToken);
        return await CommitTree.FindIntroductionAsync(
            tip,
            [.. changes.Take(MaximumCommits).Select(static change => change.Sha)],
            changes.Length < MaximumCommits,
            async commit => await GitHubTree.OfCommitAsync(_api, commit, cancellationToken),
            path,
            text,
            cancellationToken);
    }

    private async Task<RepositorySnapshot> ReadTipAsync(SiteLayout layout, CancellationToken cancellationToken)
    {
        var name = _options.Branch ?? await DefaultBranchAsync(cancellationToken);
        if (await _api.FindBranchAsync(name, cancellationToken) is not { } branch)
        {
            await RequireCreatableAsync(name, cancellationToken);
            return new RepositorySnapshot(name, null, PublishedSite.Empty);
        }

        // GitHub redirects reads, but not writes, from the old name of a renamed branch.
        if (branch.Name != name)
        {
            throw new JobException(
                $"The branch {name} of {_options.Owner}/{_options.Name} was renamed to {Sanitizer.Sanitize(branch.Name)}: correct --branch.", ExitCode.Usage);
        }

        var tip = branch.Commit.Sha;
        var tree = await GitHubTree.OfCommitAsync(_api, tip, cancellationToken);
        return await tree.SnapshotAsync(name, tip, layout, cancellationToken);
    }

    private async Task<string> DefaultBranchAsync(CancellationToken cancellationToken) =>
        (await _api.GetAsync<RepositoryInfo>("", cancellationToken)).DefaultBranch ?? "main";

    /// <summary>A missing branch is allowed in an empty repository, and with --create-branch.</summary>
    private async Task RequireCreatableAsync(string name, CancellationToken cancellationToken)
    {
        // A missing or hidden repository is detected here too: GitHub answers 404 again.
        var byDefault = await DefaultBranchAsync(cancellationToken);
        if (!_options.CreateBranch && name != byDefault && await _api.FindBranchAsync(byDefault, cancellationToken) is not null)
        {
            throw new JobException(
                $"There is no branch {name} in {_options.Owner}/{_options.Name}, whose default branch is {Sanitizer.Sanitize(byDefault)}: correct --branch, or create it with --create-branch.",
                ExitCode.Usage);
        }
    }

    private async Task<T> ExplainedAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work();
        }
        catch (Exception fault) when (!(fault is OperationCanceledException && cancellationToken.IsCancellationRequested)
            && GitHubFaults.Explain(fault, _options, _clock.GetUtcNow()) is { } explained)
        {
            throw explained;
        }
    }
}
