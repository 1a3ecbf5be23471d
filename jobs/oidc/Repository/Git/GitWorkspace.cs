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
    /// <exception cref="JobException">There is no place for the clone (exit code 2).</exception>
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
    /// <exception cref="JobException">The tree holds something that cannot be committed again (exit code 3).</exception>
    public Commit Commit(CommitRequest request)
    {
        var author = Signature(request.Author ?? request.Committer ?? throw new ArgumentException("A commit needs an author.", nameof(request)));
        var committer = request.Committer is { } identity ? Signature(identity) : author;
        var tree = Write(request);
        Commit[] parents = Tip is null ? [] : [Tip];
        if (request.Signer is null)
        {
            return Repository.ObjectDatabase.CreateCommit(author, committer, request.Message, tree, parents, prettifyMessage: false);
        }

        var buffer = CommitBuffer.Of(tree.Sha, parents.Select(static parent => parent.Sha), Text(author), Text(committer), request.Message);
        var signature = request.Signer.Sign(Encoding.UTF8.GetBytes(buffer)).TrimEnd('\n');
        return Repository.Lookup<Commit>(Repository.ObjectDatabase.CreateCommitWithSignature(buffer, signature));
    }

    /// <summary>Offers a commit to the server.</summary>
    /// <returns>The server's word for refusing it, or null when the branch was moved.</returns>
    public string? Push(Commit commit, CancellationToken cancellationToken)
    {
        string? refusal = null;
        var reference = "refs/heads/" + Branch;
        Repository.Refs.Add(reference, commit.Id, allowOverwrite: true);
        Repository.Network.Push(Repository.Network.Remotes[RemoteName], $"{reference}:{reference}", new PushOptions
        {
            // Without it, a refusal goes by unnoticed.
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

            // Not the folder itself: the root of a mounted volume belongs to someone else, and Git refuses that.
            var folder = Path.Combine(parent, "clustertrust-oidc-" + Path.GetRandomFileName());
            Directory.CreateDirectory(folder);
            return folder;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new JobException(
                $"There is no place for the clone in '{Sanitizer.Sanitize(parent ?? Path.GetTempPath())}': mount a writable volume there (an emptyDir will do), or name another folder.",
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
            // Not bare, for the sake of the index; but nothing is ever checked out.
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
    /// By way of the index, which keeps every name as bytes, also those that are not UTF-8; a tree taken apart into strings would not.
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
                $"The tree of the branch {Branch} holds something that Git would not commit again ({ServerText.Quote(fault.Message)}): look at the repository.", ExitCode.Refused, fault);
        }
    }

    /// <summary>The last look before anything is published: nothing but the plan's files may have changed.</summary>
    private void RequireOnly(CommitRequest request, Tree tree)
    {
        var planned = request.Files.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        using var changes = Repository.Diff.Compare<TreeChanges>(Tip?.Tree, tree, new CompareOptions { Similarity = SimilarityOptions.None });
        if (changes.FirstOrDefault(change => !planned.Contains(change.Path)) is { } other)
        {
            throw new JobException(
                $"The commit would also change '{Sanitizer.Sanitize(other.Path)}' on the branch {Branch}, which is none of this job's: look at the repository.", ExitCode.Refused);
        }
    }

    private static Signature Signature(CommitIdentity identity) => new(identity.Name, identity.Email, identity.Time);

    private static string Text(Signature identity) => CommitBuffer.Identity(identity.Name, identity.Email, identity.When);
}
