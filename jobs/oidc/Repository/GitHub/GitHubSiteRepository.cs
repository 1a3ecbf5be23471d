using System.Text;
using System.Text.Json;
using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Issuer;
using ClusterTrust.Oidc.Site;
using Microsoft.Extensions.Logging;
using Octokit;
using Octokit.Internal;

namespace ClusterTrust.Oidc.Repository.GitHub;

/// <summary>
/// A repository on GitHub (github.com or GitHub Enterprise Server), read and written by its REST API. One commit for all files, but
/// for an empty repository, where a first one with a single file precedes it.
/// </summary>
public sealed class GitHubSiteRepository : ISiteRepository
{
    private const string WorkflowFolder = ".github/workflows";
    private const long MaxWorkflowBytes = 512 * 1024;
    private const long MaxFileBytes = 16 * 1024 * 1024;
    private const int MaxWorkflows = 100;
    private const int MostCommits = 10;

    private readonly GitHubOptions options;
    private readonly TimeProvider clock;
    private readonly GitHubApi api;
    private readonly GitHubCommitter committer;
    private readonly string prefix;

    /// <exception cref="JobException">A setting is wrong (exit code 2).</exception>
    public GitHubSiteRepository(GitHubOptions options, TimeProvider clock, ILogger<GitHubSiteRepository> logger)
        // The proxy and the trusted CAs of .NET: HTTPS_PROXY, SSL_CERT_FILE.
        : this(options, clock, logger, HttpMessageHandlerFactory.CreateDefault)
    {
    }

    internal GitHubSiteRepository(
        GitHubOptions options, TimeProvider clock, ILogger<GitHubSiteRepository> logger, Func<HttpMessageHandler> handler)
    {
        options.Check();
        (this.options, this.clock) = (options, clock);
        prefix = $"repos/{options.Owner}/{options.Name}";
        api = new GitHubApi(options, clock, logger, handler);
        committer = new GitHubCommitter(api, prefix, logger);
    }

    /// <inheritdoc/>
    public Task<RepositorySnapshot> ReadAsync(SiteLayout layout, CancellationToken cancellation) =>
        ExplainedAsync(() => ReadTipAsync(layout, cancellation), cancellation);

    /// <inheritdoc/>
    public Task<CommitResult> CommitAsync(RepositorySnapshot snapshot, CommitRequest request, CancellationToken cancellation) =>
        ExplainedAsync(
            async () => new CommitResult(await committer.CommitAsync(snapshot, request, cancellation), snapshot.Branch), cancellation);

    /// <inheritdoc/>
    public Task<CommitReference> FindIntroductionAsync(RepositorySnapshot snapshot, string path, string text, CancellationToken cancellation) =>
        ExplainedAsync(() => FindAsync(snapshot.Tip ?? throw new ArgumentException("There is no commit.", nameof(snapshot)), path, text, cancellation), cancellation);

    /// <inheritdoc/>
    public void Dispose() => api.Dispose();

    private async Task<CommitReference> FindAsync(string tip, string path, string text, CancellationToken cancellation)
    {
        var changes = await api.GetAsync<CommitInfo[]>(
            $"{prefix}/commits?sha={tip}&path={Uri.EscapeDataString(path)}&per_page={MostCommits}", cancellation);
        CommitReference? found = null;
        foreach (var change in changes.Take(MostCommits))
        {
            var root = (await api.GetAsync<CommitInfo>($"{prefix}/git/commits/{GitHubTree.Checked(change.Sha)}", cancellation)).Tree?.Sha ?? throw new JsonException("The commit has no tree.");
            var tree = new GitHubTree(api, prefix, root);
            var holds = await tree.FindAsync(path, cancellation) is ({ Size: null or <= MaxWorkflowBytes } file, null)
                && Encoding.UTF8.GetString((await tree.ContentAsync(file, cancellation)).Span).Contains(text, StringComparison.Ordinal);
            if (!holds)
            {
                return found is null ? new CommitReference(tip, IsExact: false) : found with { IsExact = true };
            }

            found = new CommitReference(change.Sha, IsExact: false);
        }

        return found is null ? new CommitReference(tip, IsExact: false) : found with { IsExact = changes.Length < MostCommits };
    }

    private async Task<RepositorySnapshot> ReadTipAsync(SiteLayout layout, CancellationToken cancellation)
    {
        var name = options.Branch ?? await DefaultBranchAsync(cancellation);
        if (await FindBranchAsync(name, cancellation) is not { } branch)
        {
            await RequireCreatableAsync(name, cancellation);
            return new RepositorySnapshot(name, null, PublishedSite.Empty);
        }

        // GitHub redirects from the old name of a renamed branch, but not where the branch is to move.
        if (branch.Name != name)
        {
            throw new JobException(
                $"The branch {name} of {options.Owner}/{options.Name} was renamed to {Shown.Of(branch.Name)}: correct --branch.", ExitCode.Usage);
        }

        var tip = branch.Commit.Sha;
        var root = (await api.GetAsync<CommitInfo>($"{prefix}/git/commits/{tip}", cancellation)).Tree?.Sha ?? throw new JsonException("The commit has no tree.");
        var tree = new GitHubTree(api, prefix, root);
        return new RepositorySnapshot(name, tip, await ReadSiteAsync(tree, layout, cancellation))
        {
            Workflows = await ReadWorkflowsAsync(tree, cancellation),
        };
    }

    private static async Task<PublishedSite> ReadSiteAsync(GitHubTree tree, SiteLayout layout, CancellationToken cancellation)
    {
        var files = new Dictionary<string, ReadOnlyMemory<byte>>();
        var obstacles = new Dictionary<string, string>();
        foreach (var path in layout.Paths)
        {
            var (file, obstacle) = await tree.FindAsync(path, cancellation);
            if (obstacle is not null)
            {
                obstacles[path] = obstacle;
            }
            else if (file is { Size: > MaxFileBytes })
            {
                obstacles[path] = $"a file of more than {MaxFileBytes / 1024 / 1024} MiB";
            }
            else if (file is not null)
            {
                files[path] = await tree.ContentAsync(file, cancellation);
            }
        }

        return new PublishedSite(files) { Obstacles = obstacles };
    }

    private static async Task<Dictionary<string, ReadOnlyMemory<byte>>> ReadWorkflowsAsync(GitHubTree tree, CancellationToken cancellation)
    {
        var workflows = new Dictionary<string, ReadOnlyMemory<byte>>();
        var files = (await tree.FilesOfAsync(WorkflowFolder, cancellation)).Where(file =>
            file.Size is null or <= MaxWorkflowBytes
            && (file.Path.EndsWith(".yml", StringComparison.Ordinal) || file.Path.EndsWith(".yaml", StringComparison.Ordinal)));
        foreach (var file in files.Take(MaxWorkflows))
        {
            workflows[$"{WorkflowFolder}/{file.Path}"] = await tree.ContentAsync(file, cancellation);
        }

        return workflows;
    }

    private async Task<string> DefaultBranchAsync(CancellationToken cancellation) =>
        (await api.GetAsync<RepositoryInfo>(prefix, cancellation)).DefaultBranch ?? "main";

    private async Task<BranchInfo?> FindBranchAsync(string name, CancellationToken cancellation)
    {
        try
        {
            return await api.GetAsync<BranchInfo>($"{prefix}/branches/{GitHubApi.EscapeBranch(name)}", cancellation);
        }
        catch (NotFoundException)
        {
            return null;
        }
    }

    /// <summary>A missing branch is no fault in an empty repository, or where it was asked for.</summary>
    private async Task RequireCreatableAsync(string name, CancellationToken cancellation)
    {
        // Tells a repository that is missing or hidden, too: then this is where GitHub answers 404 again.
        var byDefault = await DefaultBranchAsync(cancellation);
        if (!options.CreateBranch && name != byDefault && await FindBranchAsync(byDefault, cancellation) is not null)
        {
            throw new JobException(
                $"There is no branch {name} in {options.Owner}/{options.Name}, whose default branch is {Shown.Of(byDefault)}: correct --branch, or have it created with --create-branch.",
                ExitCode.Usage);
        }
    }

    private async Task<T> ExplainedAsync<T>(Func<Task<T>> work, CancellationToken cancellation)
    {
        try
        {
            return await work();
        }
        catch (Exception fault) when (!(fault is OperationCanceledException && cancellation.IsCancellationRequested)
            && GitHubFaults.Explain(fault, options, clock.GetUtcNow()) is { } explained)
        {
            throw explained;
        }
    }
}
