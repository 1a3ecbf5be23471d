using ApiException = Octokit.ApiException;

namespace ClusterTrust.Oidc.Repository.GitHub;

/// <summary>Creates one commit with all files through the Git Data API; nothing is visible before the branch is updated.</summary>
internal sealed class GitHubCommitter(GitHubApi api, ILogger logger)
{
    private const string RegularFile = "100644";
    private const string UpdateFailed = "Reference update failed";

    // The phrases with which GitHub reports that the branch has changed, is being changed, or that a new commit is not found on every server yet.
    private static readonly string[] RacedPhrases =
    [
        "fast forward", "Reference already exists", "Reference does not exist", "Reference cannot be updated", UpdateFailed, "Object does not exist",
    ];

    // All published files are text, and the API accepts only text.
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public async Task<string> CommitAsync(RepositorySnapshot snapshot, CommitRequest request, CancellationToken cancellationToken)
    {
        var (parent, files) = (snapshot.Tip, request.Files);
        string tree;
        try
        {
            tree = await CreateTreeAsync(parent, files, cancellationToken);
        }
        catch (ApiException empty) when (parent is null && IsEmptyRepository(empty))
        {
            (parent, files) = await StartAsync(snapshot.Branch, request, cancellationToken);
            tree = await CreateTreeAsync(parent, files, cancellationToken);
        }

        var commit = Compose(request, tree, parent);
        var created = await api.PostAsync<CommitInfo>("git/commits", commit, cancellationToken);
        CheckSignature(request, commit, created);
        await PublishAsync(snapshot.Branch, parent, created.Sha, cancellationToken);
        return created.Sha;
    }

    /// <summary>The commit to request, signed as GitHub will store it.</summary>
    /// <exception cref="JobException">A commit to sign has no author (exit code 2).</exception>
    internal static NewCommit Compose(CommitRequest request, string tree, string? parent)
    {
        // In UTC, so that the offset in the commit is known even if GitHub converts others.
        var author = request.Author is not { } identity ? null : new NewIdentity(
            identity.Name,
            identity.Email,
            Sentence.Time(identity.Time));

        // Without a line feed at its end, as in all commits that GitHub creates.
        var commit = new NewCommit(request.Message.TrimEnd('\n'), tree, parent is null ? [] : [parent], author, author, null);
        return request.Signer is not { } signer ? commit
            : request.Author is not { } signed ? throw new JobException("A signed commit requires an author: set --commit-name and --commit-email.", ExitCode.Usage)
            : commit with { Signature = signer.Sign(Encoding.UTF8.GetBytes(CommitBuffer.Of(commit.Tree, commit.Parents, signed, commit.Message))) };
    }

    // GitHub's Git Data API answers 409 for a repository without a commit.
    private static bool IsEmptyRepository(ApiException refused) => refused.StatusCode == HttpStatusCode.Conflict
        && GitHubFaults.MessageOf(refused).Contains("empty", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether another attempt from the new tip may succeed. A rule's refusal has the same statuses.</summary>
    /// <param name="phrases">The phrases with which GitHub reports a race with status 422.</param>
    private bool IsRace(ApiException refused, params string[] phrases) => !api.IsPolicy(refused)
        && (refused.StatusCode == HttpStatusCode.Conflict
            || (refused.StatusCode == HttpStatusCode.UnprocessableEntity
                && GitHubFaults.MessageOf(refused).Replace('-', ' ') is var message
                && phrases.Any(phrase => message.Contains(phrase, StringComparison.OrdinalIgnoreCase))));

    private async Task<string> CreateTreeAsync(string? parent, IReadOnlyList<SiteFile> files, CancellationToken cancellationToken)
    {
        // Without it, the commit would delete every other file.
        var baseTree = parent is null ? null : await api.GetTreeOfAsync(parent, cancellationToken);
        var entries = files.Select(static file => new NewTreeEntry(file.Path, RegularFile, "blob", StrictUtf8.GetString(file.Content.Span))).ToList();
        return (await api.PostAsync<TreeInfo>("git/trees", new NewTree(baseTree, entries), cancellationToken)).Sha;
    }

    /// <summary>Creates the first commit of an empty repository, for which GitHub offers only the contents API: one file, without a signature.</summary>
    /// <returns>The commit and the remaining files.</returns>
    private async Task<(string Parent, IReadOnlyList<SiteFile> Remaining)> StartAsync(string branch, CommitRequest request, CancellationToken cancellationToken)
    {
        // The smallest file, which is no document, so that no reader sees one document without the other.
        var first = request.Files.MinBy(file => file.Content.Length)!;
        var commit = Compose(request with { Signer = null }, "", null);
        try
        {
            var created = await api.PutAsync<NewFileResult>(
                $"contents/{string.Join('/', first.Path.Split('/').Select(Uri.EscapeDataString))}",
                new NewFile("Start the site", Convert.ToBase64String(first.Content.Span), branch, commit.Author, commit.Committer),
                cancellationToken);
            return (created.Commit.Sha, [.. request.Files.Where(file => file != first)]);
        }
        // If another commit was created meanwhile, GitHub requires the id of the file to replace.
        catch (ApiException raced) when (IsRace(raced, "\"sha\" wasn't supplied"))
        {
            throw Raced(branch, raced);
        }
    }

    private void CheckSignature(CommitRequest request, NewCommit commit, CommitInfo created)
    {
        if (commit.Signature is null || created.Verification is not { } verification)
        {
            return;
        }

        if (verification.Payload is { } payload && payload != CommitBuffer.Of(commit.Tree, commit.Parents, request.Author!, commit.Message))
        {
            throw new JobException(
                "GitHub stored a commit that differs from the signed one, so its signature is invalid and nothing was published: publish with Git (ssh:// or https://) to sign commits.",
                ExitCode.Failed);
        }

        if (!verification.Verified)
        {
            Log.NotVerified(logger, created.Sha, Sanitizer.Sanitize(verification.Reason));
        }
    }

    private async Task PublishAsync(string branch, string? parent, string commit, CancellationToken cancellationToken)
    {
        // GitHub fast-forwards a branch from any commit: a reset to an earlier commit would be undone.
        if (parent is not null && (await api.FindBranchAsync(branch, cancellationToken))?.Commit.Sha != parent)
        {
            throw Raced(branch);
        }

        try
        {
            if (parent is null)
            {
                await api.PostAsync<RefInfo>("git/refs", new NewRef($"refs/heads/{branch}", commit), cancellationToken);
            }
            else
            {
                await api.PatchAsync<RefInfo>($"git/refs/heads/{GitHubApi.EscapeBranch(branch)}", new RefUpdate(commit, Force: false), cancellationToken);
            }
        }
        // The response to a successful attempt may have been lost, so neither a refusal nor a missing response is proof.
        catch (Exception fault) when (fault is ApiException refused ? IsRace(refused, RacedPhrases) : api.IsTransient(fault) && !cancellationToken.IsCancellationRequested)
        {
            if (!await IsOnBranchAsync(branch, commit, cancellationToken))
            {
                // GitHub's message for a name that continues another branch's is the same as for a race.
                throw parent is null && fault is ApiException unchanged && GitHubFaults.MessageOf(unchanged).Contains(UpdateFailed, StringComparison.OrdinalIgnoreCase)
                    ? new JobException(
                        $"The branch {branch} was not created ({GitHubFaults.Describe(unchanged)}): if a branch of the repository has a name that continues it with a '/', or that it continues, set another --branch; else run again.",
                        ExitCode.Failed,
                        fault)
                    : Raced(branch, fault);
            }
        }
    }

    /// <summary>GitHub answers 404 to a comparison of commits without a common ancestor.</summary>
    private async Task<bool> IsOnBranchAsync(string branch, string commit, CancellationToken cancellationToken) =>
        (await api.FindBranchAsync(branch, cancellationToken))?.Commit.Sha is { } tip
        && (tip == commit || (await api.FindAsync<Comparison>($"compare/{commit}...{tip}", cancellationToken))?.Status is "ahead" or "identical");

    private static RacedException Raced(string branch, Exception? fault = null) => new(
        $"The branch {branch} was not updated, because it changed or the connection broke{(fault is null ? "" : $" ({GitHubFaults.Summary(fault)})")}: run again, and check whether another job commits to it all the time.",
        fault);
}
