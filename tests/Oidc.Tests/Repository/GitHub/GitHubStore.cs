using System.Globalization;
using System.Text.Json;
using LibGit2Sharp;

namespace ClusterTrust.Oidc.Tests.Repository.GitHub;

/// <summary>GitHub's Git Data API over a bare repository.</summary>
internal sealed class GitHubStore : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LibGit2Sharp.Repository _git;

    public GitHubStore()
    {
        LibGit2Sharp.Repository.Init(_folder.Path, isBare: true);
        _git = new LibGit2Sharp.Repository(_folder.Path);
    }

    public string Path => _folder.Path;

    public string DefaultBranch { get; set; } = "main";

    /// <summary>Refuses every move of a branch with this message, as a ruleset does.</summary>
    public string? Rule { get; set; }

    public string? Tip(string branch = "main") => _git.Branches[branch]?.Tip.Sha;

    public Commit Commit(string sha) => _git.Lookup<Commit>(sha);

    public byte[]? Read(string path, string branch = "main") => _git.Branches[branch]?.Tip[path]?.Target is Blob blob ? BytesOf(blob) : null;

    /// <summary>Commits as somebody else does, by Git.</summary>
    /// <param name="edit">Changes the tree.</param>
    public string Push(Action<TreeDefinition, ObjectDatabase> edit, string branch = "main")
    {
        var tip = _git.Branches[branch]?.Tip;
        var tree = tip is null ? new TreeDefinition() : TreeDefinition.From(tip);
        edit(tree, _git.ObjectDatabase);
        var author = new Signature("Else", "else@example.com", DateTimeOffset.UtcNow);
        var commit = _git.ObjectDatabase.CreateCommit(
            author, author, $"Push {Guid.NewGuid()}", _git.ObjectDatabase.CreateTree(tree), tip is null ? [] : [tip], prettifyMessage: false);
        _git.Refs.Add($"refs/heads/{branch}", commit.Id, allowOverwrite: true);
        return commit.Sha;
    }

    /// <summary>Moves a branch to another commit, as a forced push does.</summary>
    public void Reset(string sha, string branch = "main") => _git.Refs.Add($"refs/heads/{branch}", new LibGit2Sharp.ObjectId(sha), allowOverwrite: true);

    /// <summary>Takes the branches away: nobody has committed yet.</summary>
    public void Clear() => _git.Branches.ToList().ForEach(branch => _git.Refs.Remove(branch.CanonicalName));

    public string Push(string path, string content, string branch = "main") => Push(path, Encoding.UTF8.GetBytes(content), branch);

    public static Blob Blob(ObjectDatabase objects, byte[] content)
    {
        using var stream = new MemoryStream(content);
        return objects.CreateBlob(stream);
    }

    /// <summary>Answers a request below <c>repos/OWNER/REPO/</c>, or null for what is not there.</summary>
    public Answer? Find(string method, string[] path, JsonNode? body)
    {
        if (path[0] == "git" && !_git.Branches.Any())
        {
            return Answer.Problem(409, "Git Repository is empty.");
        }

        return (method, path) switch
        {
            ("GET", ["branches", .. var name]) => Show(_git.Branches[string.Join('/', name)], Json),
            ("GET", ["commits"]) => new(200, $"[{string.Join(',', ChangesOfKeys().Take(10).Select(Json))}]"),
            ("GET", ["git", "commits", var sha]) => Show(_git.Lookup<Commit>(sha), Json),
            ("GET", ["git", "trees", var sha]) => Show(_git.Lookup<Tree>(sha), Json),
            ("GET", ["git", "blobs", var sha]) => Show(_git.Lookup<Blob>(sha), Json),
            ("GET", ["compare", var range]) => Compare(range.Split("...")),
            ("POST", ["git", "trees"]) => MakeTree(body!),
            ("POST", ["git", "commits"]) => MakeCommit(body!),
            ("POST", ["git", "refs"]) => MakeRef(TextOf(body!, "ref"), TextOf(body!, "sha")),
            ("PATCH", ["git", "refs", "heads", .. var name]) => Move(string.Join('/', name), body!),
            ("PUT", ["contents", .. var name]) => PutFile(string.Join('/', name), body!),
            _ => null,
        };
    }

    public void Dispose()
    {
        _git.Dispose();
        _folder.Dispose();
    }

    private static Answer Refuse(string message) => Answer.Problem(422, message);

    private static Answer Created(GitObject made) => new(201, $$"""{"sha":"{{made.Sha}}"}""");

    private static Answer? Show<T>(T? found, Func<T, string> json) => found is null ? null : new(200, json(found));

    private static string Json(Branch branch) => $$$"""{"name":"{{{branch.FriendlyName}}}","commit":{"sha":"{{{branch.Tip.Sha}}}"}}""";

    private static string Json(Commit commit) => $$$"""{"sha":"{{{commit.Sha}}}","tree":{"sha":"{{{commit.Tree.Sha}}}"}}""";

    private static string Json(Tree tree) => $$"""{"sha":"{{tree.Sha}}","truncated":false,"tree":[{{string.Join(',', tree.Select(Json))}}]}""";

    private static string Json(TreeEntry entry) =>
        $$"""{"path":"{{entry.Name}}","mode":"{{Convert.ToString((int)entry.Mode, 8).PadLeft(6, '0')}}","sha":"{{entry.Target.Sha}}","size":{{(entry.Target as Blob)?.Size ?? 0}}}""";

    private static string Json(Blob blob)
    {
        var base64 = Convert.ToBase64String(BytesOf(blob), Base64FormattingOptions.InsertLineBreaks).ReplaceLineEndings("\n") + "\n";
        return $$"""{"content":{{JsonSerializer.Serialize(base64)}},"encoding":"base64"}""";
    }

    private static byte[] BytesOf(Blob blob)
    {
        using var content = blob.GetContentStream();
        using var bytes = new MemoryStream();
        content.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static string TextOf(JsonNode json, string member) => json[member]!.GetValue<string>();

    private static Signature Identity(JsonNode? identity) => identity is null
        ? new Signature("octo-bot[bot]", "bot@example.com", DateTimeOffset.UtcNow)
        : new Signature(TextOf(identity, "name"), TextOf(identity, "email"), DateTimeOffset.Parse(TextOf(identity, "date"), CultureInfo.InvariantCulture));

    private IEnumerable<Commit> ChangesOfKeys() => _git.Commits
        .QueryBy(new CommitFilter { IncludeReachableFrom = _git.Branches["main"], SortBy = CommitSortStrategies.Topological })
        .Where(commit => commit["openid/v1/jwks"]?.Target.Sha != commit.Parents.FirstOrDefault()?["openid/v1/jwks"]?.Target.Sha);

    private string Push(string path, byte[] content, string branch) => Push((tree, objects) => tree.Add(path, Blob(objects, content), Mode.NonExecutableFile), branch);

    private Answer? Compare(string[] range)
    {
        var (from, to) = (_git.Lookup<Commit>(range[0]), _git.Lookup<Commit>(range[1]));
        var common = from is null || to is null ? null : _git.ObjectDatabase.FindMergeBase(from, to);
        return common is null ? null : new(200, $$"""{"status":"{{(common == from ? "ahead" : "diverged")}}"}""");
    }

    private Answer MakeTree(JsonNode body)
    {
        var tree = body["base_tree"] is not null ? TreeDefinition.From(_git.Lookup<Tree>(TextOf(body, "base_tree"))) : new TreeDefinition();
        foreach (var entry in body["tree"]!.AsArray())
        {
            tree.Add(TextOf(entry!, "path"), Blob(_git.ObjectDatabase, Encoding.UTF8.GetBytes(TextOf(entry!, "content"))), Mode.NonExecutableFile);
        }

        return Created(_git.ObjectDatabase.CreateTree(tree));
    }

    private Answer MakeCommit(JsonNode body)
    {
        var parents = body["parents"]!.AsArray().Select(parent => _git.Lookup<Commit>(parent!.GetValue<string>()));
        var author = Identity(body["author"]);
        var buffer = LibGit2Sharp.Commit.CreateBuffer(
            author, body["committer"] is { } committer ? Identity(committer) : author, TextOf(body, "message"), _git.Lookup<Tree>(TextOf(body, "tree")), parents, false, null);
        var signature = body["signature"]?.GetValue<string>();
        var made = signature is null
            ? _git.ObjectDatabase.Write<Commit>(Encoding.UTF8.GetBytes(buffer))
            : _git.ObjectDatabase.CreateCommitWithSignature(buffer, signature.TrimEnd('\n'));
        var (reason, payload) = signature is null ? ("unsigned", "null") : ("unknown_key", JsonSerializer.Serialize(buffer));
        return new(201, $$$"""{"sha":"{{{made.Sha}}}","verification":{"verified":false,"reason":"{{{reason}}}","payload":{{{payload}}}}}""");
    }

    private Answer MakeRef(string name, string sha)
    {
        if (_git.Refs[name] is not null)
        {
            return Refuse("Reference already exists");
        }

        _git.Refs.Add(name, new LibGit2Sharp.ObjectId(sha));
        return new(201, $$"""{"ref":"{{name}}"}""");
    }

    private Answer Move(string branch, JsonNode body)
    {
        var (old, commit) = (_git.Branches[branch]?.Tip, _git.Lookup<Commit>(TextOf(body, "sha")));
        if (Rule is not null || old is null || body["force"]!.GetValue<bool>() || _git.ObjectDatabase.FindMergeBase(old, commit) != old)
        {
            return Refuse(Rule ?? (old is null ? "Reference does not exist" : "Update is not a fast forward"));
        }

        _git.Refs.Add($"refs/heads/{branch}", commit.Id, allowOverwrite: true);
        return new(200, $$"""{"ref":"refs/heads/{{branch}}"}""");
    }

    private Answer PutFile(string path, JsonNode body)
    {
        var branch = body["branch"]?.GetValue<string>() ?? DefaultBranch;
        return _git.Branches[branch]?.Tip[path] is not null
            ? Refuse("Invalid request.\n\n\"sha\" wasn't supplied.")
            : new(201, $$$"""{"commit":{"sha":"{{{Push(path, Convert.FromBase64String(TextOf(body, "content")), branch)}}}"}}""");
    }
}
