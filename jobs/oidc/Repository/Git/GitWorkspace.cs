using System.Text;
using ClusterTrust.Hosting;
using ClusterTrust.Text;
using LibGit2Sharp;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>A clone in a temporary folder: the latest commit of one branch, without a work tree.</summary>
internal sealed class GitWorkspace : IDisposable
{
    private const string RemoteName = "origin";
    private const int MostCommits = 1000;
    private const long MostSearched = 1024 * 1024;

    private readonly string _folder;
    private LibGit2Sharp.Repository? _repository;

    private GitWorkspace(string folder, string branch) => (_folder, Branch) = (folder, branch);

    public string Branch { get; }

    /// <summary>The branch's latest commit, or null when there is none yet.</summary>
    public Commit? Tip { get; private set; }

    public ObjectDatabase Objects => Repository.ObjectDatabase;

    private LibGit2Sharp.Repository Repository => _repository ?? throw new InvalidOperationException("Nothing was cloned.");

    /// <summary>Clones a branch, or starts one.</summary>
    /// <exception cref="JobException">The clone cannot be created (exit code 2).</exception>
    public static GitWorkspace Open(GitTransport transport, string branch, bool exists, string? parent, int depth = 1)
    {
        var workspace = new GitWorkspace(MakeFolder(parent), branch);
        try
        {
            if (exists)
            {
                workspace.Clone(transport, depth);
            }
            else
            {
                workspace.Start(transport);
            }

            return workspace;
        }
        catch
        {
            workspace.Dispose();
            throw;
        }
    }

    /// <summary>Makes a commit on top of the tip.</summary>
    /// <exception cref="JobException">The tree contains an entry that Git refuses to commit (exit code 3).</exception>
    public Commit Commit(CommitRequest request)
    {
        var identity = request.Author ?? throw new ArgumentException("A commit by Git requires an author.", nameof(request));
        var tree = Write(request);
        Commit[] parents = Tip is null ? [] : [Tip];
        if (request.Signer is null)
        {
            var author = new Signature(identity.Name, identity.Email, identity.Time);
            return Repository.ObjectDatabase.CreateCommit(author, author, request.Message, tree, parents, prettifyMessage: false);
        }

        var buffer = CommitBuffer.Of(tree.Sha, parents.Select(static parent => parent.Sha), identity, request.Message);
        var signature = request.Signer.Sign(Encoding.UTF8.GetBytes(buffer)).TrimEnd('\n');
        return Repository.Lookup<Commit>(Repository.ObjectDatabase.CreateCommitWithSignature(buffer, signature));
    }

    /// <summary>Offers a commit to the server.</summary>
    /// <returns>The server's reason for refusing it; null if the branch was moved.</returns>
    public string? Push(Commit commit, CancellationToken cancellationToken)
    {
        string? refusal = null;
        var reference = "refs/heads/" + Branch;
        Repository.Refs.Add(reference, commit.Id, allowOverwrite: true);
        Repository.Network.Push(Repository.Network.Remotes[RemoteName], $"{reference}:{reference}", new PushOptions
        {
            // Without this handler, a refusal is not reported.
            OnPushStatusError = error => refusal = error.Message ?? "refused",
            OnPushTransferProgress = (_, _, _) => !cancellationToken.IsCancellationRequested,
            PackbuilderDegreeOfParallelism = 1,
        });
        return refusal;
    }

    /// <summary>Finds the commit since which a file holds a text, by first parents.</summary>
    public CommitReference FindIntroduction(string path, string text)
    {
        var at = Tip ?? throw new InvalidOperationException("There is no commit.");
        for (var read = 0; read < MostCommits; read++)
        {
            if (at.Parents.FirstOrDefault() is not { } parent)
            {
                return new CommitReference(at.Sha, IsExact: !Repository.Info.IsShallow);
            }

            if (!Holds(parent, path, text))
            {
                return new CommitReference(at.Sha, IsExact: true);
            }

            at = parent;
        }

        return new CommitReference(at.Sha, IsExact: false);
    }

    public void Dispose()
    {
        _repository?.Dispose();
        _repository = null;
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private static bool Holds(Commit commit, string path, string text) =>
        commit[path]?.Target is Blob { Size: <= MostSearched } file && file.GetContentText(Encoding.UTF8).Contains(text, StringComparison.Ordinal);

    private static string MakeFolder(string? parent)
    {
        try
        {
            if (parent is null)
            {
                return Directory.CreateTempSubdirectory("clustertrust-oidc-").FullName;
            }

            // Not the folder itself: the root of a mounted volume belongs to another user, so Git refuses it.
            var folder = Path.Combine(parent, "clustertrust-oidc-" + Path.GetRandomFileName());
            Directory.CreateDirectory(folder);
            return folder;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new JobException(
                $"The clone cannot be created in '{Sanitizer.Sanitize(parent ?? Path.GetTempPath())}': mount a writable volume there, such as an emptyDir.",
                ExitCode.Usage,
                fault);
        }
    }

    private void Clone(GitTransport transport, int depth)
    {
        transport.OnlyBranch = Branch;
        LibGit2Sharp.Repository.Clone(transport.Url, _folder, new CloneOptions(new FetchOptions
        {
            Depth = transport.CanBeShallow ? depth : 0,
            TagFetchMode = TagFetchMode.None,
            OnTransferProgress = _ => !transport.Cancellation.IsCancellationRequested,
        })
        {
            // Not bare, because the index is needed; nothing is checked out.
            Checkout = false,
            BranchName = Branch,
            RecurseSubmodules = false,
        });
        transport.OnlyBranch = null;
        _repository = new LibGit2Sharp.Repository(_folder);
        Tip = _repository.Branches[$"{RemoteName}/{Branch}"]?.Tip
            ?? throw new TransientGitException($"The branch {Branch} of {transport.Address} was not received: try again later.");
    }

    private void Start(GitTransport transport)
    {
        LibGit2Sharp.Repository.Init(_folder);
        _repository = new LibGit2Sharp.Repository(_folder);
        _repository.Network.Remotes.Add(RemoteName, transport.Url);
    }

    /// <summary>
    /// Writes the tree through the index, which keeps names as bytes, even if they are not UTF-8.
    /// </summary>
    private Tree Write(CommitRequest request)
    {
        try
        {
            var index = Repository.Index;
            if (Tip is null)
            {
                index.Clear();
            }
            else
            {
                index.Replace(Tip.Tree);
            }

            foreach (var file in request.Files)
            {
                using var content = new MemoryStream(file.Content.ToArray());
                index.Add(Repository.ObjectDatabase.CreateBlob(content), file.Path, Mode.NonExecutableFile);
            }

            var tree = index.WriteToTree();
            RequireOnly(request, tree);
            return tree;
        }
        catch (LibGit2SharpException fault)
        {
            throw new JobException(
                $"The tree of the branch {Branch} contains an entry that Git refuses to commit ({ServerText.Quote(fault.Message)}): check the repository.", ExitCode.Refused, fault);
        }
    }

    /// <summary>The last check before anything is published: only the plan's files may change.</summary>
    private void RequireOnly(CommitRequest request, Tree tree)
    {
        var planned = request.Files.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        using var changes = Repository.Diff.Compare<TreeChanges>(Tip?.Tree, tree, new CompareOptions { Similarity = SimilarityOptions.None });
        if (changes.FirstOrDefault(change => !planned.Contains(change.Path)) is { } other)
        {
            throw new JobException(
                $"The commit would also change '{Sanitizer.Sanitize(other.Path)}' on the branch {Branch}, which is not in the plan: check the repository.", ExitCode.Refused);
        }
    }
}
