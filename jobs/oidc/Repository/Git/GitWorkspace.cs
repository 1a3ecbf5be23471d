using LibGit2Sharp;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>A clone in a temporary folder: the latest commit of one branch, without a work tree.</summary>
internal sealed class GitWorkspace : IDisposable
{
    private const string RemoteName = "origin";
    private const int MaximumCommits = 1000;

    // The maximum size of the index within the memory limit of the manifests. A few folders that contain each other many times are billions of files.
    private const int MaximumEntries = 100_000;
    private const int LongestPath = 4096;
    private const long MaximumPathBytes = 8 * 1024 * 1024;

    private readonly GitTransport _transport;
    private readonly LibGit2Sharp.Repository _repository;

    private GitWorkspace(GitTransport transport, LibGit2Sharp.Repository repository, string branch) =>
        (_transport, _repository, Branch, Tip) = (transport, repository, branch, repository.Branches[$"{RemoteName}/{branch}"]?.Tip);

    public string Branch { get; }

    /// <summary>The branch's latest commit; null if the branch is yet to be created.</summary>
    public Commit? Tip { get; }

    /// <summary>Clones a branch, or prepares an empty repository for a new one.</summary>
    /// <param name="depth">How many commits of its history are fetched, if the transport can omit the others.</param>
    /// <exception cref="JobException">The folder cannot be created (exit code 2), or the branch was not received (exit code 1).</exception>
    public static GitWorkspace Open(GitTransport transport, string branch, bool exists, int depth = 1)
    {
        var folder = CreateFolder();
        LibGit2Sharp.Repository? repository = null;
        try
        {
            transport.OnlyBranch = branch;
            if (exists)
            {
                Clone(transport, branch, folder, depth);
                repository = new LibGit2Sharp.Repository(folder);
                var clone = new GitWorkspace(transport, repository, branch);
                return clone.Tip is not null ? clone : throw new TransientGitException($"The branch {branch} of {transport.Address} was not received: try again later.");
            }

            repository = new LibGit2Sharp.Repository(LibGit2Sharp.Repository.Init(folder));
            repository.Network.Remotes.Add(RemoteName, transport.Url);
            return new GitWorkspace(transport, repository, branch);
        }
        catch
        {
            repository?.Dispose();
            Delete(folder);
            throw;
        }
    }

    public CommitTree TreeOf(Commit commit) => new GitTree(_repository, commit);

    /// <summary>Creates a commit on top of the tip.</summary>
    /// <exception cref="JobException">
    /// The tree has too many entries (exit code 2) or one that Git refuses to commit (exit code 3), or the commit cannot be written (exit code 1).
    /// </exception>
    public Commit Commit(CommitRequest request)
    {
        var identity = request.Author ?? throw new ArgumentException("A commit by Git requires an author.", nameof(request));
        try
        {
            var tree = Write(request);
            RequireOnly(request, tree);
            var buffer = CommitBuffer.Of(tree.Sha, Tip is null ? [] : [Tip.Sha], identity, request.Message);
            var signature = request.Signer?.Sign(Encoding.UTF8.GetBytes(buffer)).TrimEnd('\n');
            return _repository.Lookup<Commit>(_repository.ObjectDatabase.CreateCommitWithSignature(buffer, signature));
        }
        catch (LibGit2SharpException fault)
        {
            var quote = ServerText.Quote(fault.Message);
            throw fault.Message.StartsWith("invalid path", StringComparison.Ordinal) || fault.Message.StartsWith("failed to insert entry", StringComparison.Ordinal)
                ? new JobException($"The tree of the branch {Branch} contains an entry that Git refuses to commit ({quote}): remove it or, if only its mode is an old one (100664), run 'git ls-files --stage | git update-index --index-info && git commit --allow-empty' in a clone.", ExitCode.Refused, fault)
                : new JobException(
                    $"The commit to the branch {Branch} cannot be written ({quote}): check the free space in '{Sanitizer.Sanitize(Path.GetTempPath())}', and the repository with git fsck.", ExitCode.Failed, fault);
        }
    }

    /// <summary>Pushes a commit to the server.</summary>
    /// <returns>The server's reason for refusing it; null if the branch was moved.</returns>
    /// <exception cref="RacedException">The branch is at another commit than <see cref="Tip"/>, or it was created meanwhile.</exception>
    /// <exception cref="TransientGitException">The server may or may not have moved the branch.</exception>
    public string? Push(Commit commit, CancellationToken cancellationToken)
    {
        string? refusal = null;
        PushUpdate? moved = null;
        var reference = "refs/heads/" + Branch;
        var local = _transport as LocalTransport;
        _transport.OnlyBranch = Branch;
        _repository.Refs.Add(reference, commit.Id, allowOverwrite: true);
        try
        {
            // In the file system, libgit2 does not compare the branch when it moves it, and would replace what others committed during the push.
            _repository.Network.Push(_repository.Network.Remotes[RemoteName], $"{reference}:{(local is null ? reference : LocalTransport.Received + commit.Sha)}", new PushOptions
            {
                // libgit2 would create a branch again that was deleted meanwhile, and undo a reset to an earlier commit.
                OnNegotiationCompletedBeforePush = updates => (moved = updates.FirstOrDefault(update => local is null && update.SourceObjectId != (Tip?.Id ?? ObjectId.Zero))) is null,
                // Without this handler, a refusal is not reported.
                OnPushStatusError = error => refusal = error.Message ?? "refused",
                OnPushTransferProgress = (_, _, _) => !cancellationToken.IsCancellationRequested,
                PackbuilderDegreeOfParallelism = 1,
            });

            // libgit2 treats a report without the branch as a success.
            return local is not null ? refusal ?? local.Move(Branch, Tip?.Sha, commit.Sha)
                : refusal is not null || _transport.IsMoveReported ? refusal
                : throw new TransientGitException($"The server of {_transport.Address} did not report whether it moved the branch {Branch}: try again later.");
        }
        catch (UserCancelledException stopped) when (moved is not null)
        {
            // Deleted meanwhile, or hidden by the server (receive.hideRefs).
            return moved.SourceObjectId == ObjectId.Zero ? "it lists the branch for a clone and not for a push" : throw Raced(stopped);
        }
    }

    /// <param name="reason">The server's, in parentheses: a lock that a crashed process left behind looks like a race.</param>
    public RacedException Raced(Exception cause, string reason = "") => new($"The branch {Branch} of {_transport.Address} changed during the push{reason}: try again.", cause);

    /// <summary>Finds the commit since which a file contains a text, by first parents.</summary>
    public Task<CommitReference> FindIntroductionAsync(string path, string text, CancellationToken cancellationToken)
    {
        var history = new List<string>();
        for (var commit = Tip; commit is not null && history.Count < MaximumCommits; commit = commit.Parents.FirstOrDefault())
        {
            history.Add(commit.Sha);
        }

        var isWhole = history.Count < MaximumCommits && !_repository.Info.IsShallow;
        return CommitTree.FindIntroductionAsync(Tip!.Sha, history, isWhole, sha => new(TreeOf(_repository.Lookup<Commit>(sha))), path, text, cancellationToken);
    }

    public void Dispose()
    {
        var folder = _repository.Info.WorkingDirectory;
        _repository.Dispose();
        Delete(folder);
    }

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string CreateFolder()
    {
        try
        {
            return Directory.CreateTempSubdirectory("clustertrust-oidc-").FullName;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new JobException(
                $"The clone cannot be created in '{Sanitizer.Sanitize(Path.GetTempPath())}': mount a writable volume there, such as an emptyDir.", ExitCode.Usage, fault);
        }
    }

    private static void Clone(GitTransport transport, string branch, string folder, int depth)
    {
        // Not a fetch into a new repository: LibGit2Sharp's ignores the depth.
        LibGit2Sharp.Repository.Clone(transport.Url, folder, new CloneOptions(new FetchOptions
        {
            Depth = transport.CanBeShallow ? depth : 0,
            TagFetchMode = TagFetchMode.None,
            OnTransferProgress = _ => !transport.Cancellation.IsCancellationRequested,
        })
        {
            // Not bare, because the index is needed; nothing is checked out.
            Checkout = false,
            BranchName = branch,
            RecurseSubmodules = false,
        });
    }

    /// <summary>Writes the tree through the index, which keeps names as bytes, even if they are not UTF-8.</summary>
    private Tree Write(CommitRequest request)
    {
        var index = _repository.Index;
        if (Tip is null)
        {
            index.Clear();
        }
        else
        {
            RequireBounded(Tip.Tree);
            index.Replace(Tip.Tree);
        }

        foreach (var file in request.Files)
        {
            using var content = new MemoryStream(file.Content.ToArray());
            index.Add(_repository.ObjectDatabase.CreateBlob(content), file.Path, Mode.NonExecutableFile);
        }

        return index.WriteToTree();
    }

    /// <summary>Counts files and folders by path, as the index does, up to the limit.</summary>
    private void RequireBounded(Tree root)
    {
        var (entries, bytes) = (0, 0L);
        var folders = new Stack<(Tree Folder, int Length)>([(root, 0)]);
        while (folders.TryPop(out var parent))
        {
            foreach (var entry in parent.Folder)
            {
                var length = parent.Length + Encoding.UTF8.GetByteCount(entry.Name) + 1;
                if (++entries > MaximumEntries || length > LongestPath || (bytes += length) > MaximumPathBytes)
                {
                    throw new JobException(
                        $"The branch {Branch} of {_transport.Address} has more than {MaximumEntries} files and folders, or paths longer than {LongestPath} bytes (or {MaximumPathBytes} in total): check its last commits, or publish to a repository of its own.",
                        ExitCode.Usage);
                }

                if (entry.Mode == Mode.Directory)
                {
                    folders.Push(((Tree)entry.Target, length));
                }
            }
        }
    }

    /// <summary>The last check before anything is published: only the plan's files may change.</summary>
    private void RequireOnly(CommitRequest request, Tree tree)
    {
        var planned = request.Files.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        using var changes = _repository.Diff.Compare<TreeChanges>(Tip?.Tree, tree, new LibGit2Sharp.CompareOptions { Similarity = SimilarityOptions.None });
        if (changes.FirstOrDefault(change => !planned.Contains(change.Path)) is { } other)
        {
            throw new JobException(
                $"The commit would also change '{Sanitizer.Sanitize(other.Path)}' on the branch {Branch}, which is not in the plan: check the repository.", ExitCode.Refused);
        }
    }
}
