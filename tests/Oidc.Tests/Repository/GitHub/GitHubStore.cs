using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ClusterTrust.Sandbox.Processes;
using LibGit2Sharp;

namespace ClusterTrust.Oidc.Tests.Repository.GitHub;

/// <summary>GitHub's Git Data API over a bare repository.</summary>
internal sealed class GitHubStore : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly LibGit2Sharp.Repository git;

    public GitHubStore()
    {
        LibGit2Sharp.Repository.Init(folder.Path, isBare: true);
        git = new LibGit2Sharp.Repository(folder.Path);
    }

    public string Path => folder.Path;

    public string DefaultBranch { get; set; } = "main";

    /// <summary>Refuses every move of a branch with this message, as a ruleset does.</summary>
    public string? Rule { get; set; }

    public string? Tip(string branch = "main") => git.Branches[branch]?.Tip.Sha;

    public string Message(string branch = "main") => git.Branches[branch].Tip.Message;

    public Commit Commit(string sha) => git.Lookup<Commit>(sha);

    public byte[]? Read(string path, string branch = "main")
    {
        using var content = (git.Branches[branch]?.Tip[path]?.Target as Blob)?.GetContentStream();
        using var bytes = new MemoryStream();
        content?.CopyTo(bytes);
        return content is null ? null : bytes.ToArray();
    }

    /// <summary>Commits as somebody else does, by Git.</summary>
    /// <param name="edit">Changes the tree.</param>
    public string Push(Action<TreeDefinition, ObjectDatabase> edit, string branch = "main")
    {
        var tip = git.Branches[branch]?.Tip;
        var tree = tip is null ? new TreeDefinition() : TreeDefinition.From(tip);
        edit(tree, git.ObjectDatabase);
        var author = new Signature("Else", "else@example.com", DateTimeOffset.UtcNow);
        var commit = git.ObjectDatabase.CreateCommit(
            author, author, $"Push {Guid.NewGuid()}", git.ObjectDatabase.CreateTree(tree), tip is null ? [] : [tip], prettifyMessage: false);
        git.Refs.Add($"refs/heads/{branch}", commit.Id, allowOverwrite: true);
        return commit.Sha;
    }

    /// <summary>Moves a branch to another commit, as a forced push does.</summary>
    public void Reset(string sha, string branch = "main") => git.Refs.Add($"refs/heads/{branch}", new LibGit2Sharp.ObjectId(sha), allowOverwrite: true);

    public string Push(string path, string content, string branch = "main") =>
        Push((tree, objects) => tree.Add(path, Blob(objects, Encoding.UTF8.GetBytes(content)), Mode.NonExecutableFile), branch);

    public static Blob Blob(ObjectDatabase objects, byte[] content)
    {
        using var stream = new MemoryStream(content);
        return objects.CreateBlob(stream);
    }

    /// <summary>Answers a request below <c>repos/OWNER/REPO/</c>, or null for what is not there.</summary>
    public (int Status, JsonNode Answer)? Answer(string method, string path, JsonNode? body)
    {
        var isEmpty = !git.Branches.Any();
        if (isEmpty && path.StartsWith("git/", StringComparison.Ordinal))
        {
            return (409, new JsonObject { ["message"] = "Git Repository is empty." });
        }

        return (method, path.Split('/')) switch
        {
            ("GET", ["branches", .. var name]) => Branch(string.Join('/', name)),
            ("GET", ["commits"]) => (200, new JsonArray([.. git.Commits.QueryBy(new CommitFilter { IncludeReachableFrom = git.Branches["main"], SortBy = CommitSortStrategies.Topological })
                .Where(commit => commit["openid/v1/jwks"]?.Target.Sha != commit.Parents.FirstOrDefault()?["openid/v1/jwks"]?.Target.Sha)
                .Take(10).Select(commit => Show(commit)!.Value.Answer)])),
            ("GET", ["git", "commits", var sha]) => Show(git.Lookup<Commit>(sha)),
            ("GET", ["git", "trees", var sha]) => Show(git.Lookup<Tree>(sha)),
            ("GET", ["git", "blobs", var sha]) => Show(git.Lookup<Blob>(sha)),
            ("GET", ["compare", var range]) => Compare(range.Split("...")),
            ("POST", ["git", "trees"]) => MakeTree(body!),
            ("POST", ["git", "commits"]) => MakeCommit(body!),
            ("POST", ["git", "refs"]) => MakeRef(body!["ref"]!.GetValue<string>(), body["sha"]!.GetValue<string>()),
            ("PATCH", ["git", "refs", "heads", .. var name]) => Move(string.Join('/', name), body!),
            ("PUT", ["contents", .. var name]) => PutFile(string.Join('/', name), body!),
            _ => null,
        };
    }

    public void Dispose()
    {
        git.Dispose();
        folder.Dispose();
    }

    private static (int Status, JsonNode Answer) Refuse(string message) => (422, new JsonObject { ["message"] = message });

    private static (int Status, JsonNode Answer)? Show(Commit? commit) => commit is null ? null : (200, new JsonObject
    {
        ["sha"] = commit.Sha,
        ["tree"] = new JsonObject { ["sha"] = commit.Tree.Sha },
    });

    private static (int Status, JsonNode Answer)? Show(Tree? tree) => tree is null ? null : (200, new JsonObject
    {
        ["sha"] = tree.Sha,
        ["tree"] = new JsonArray([.. tree.Select(entry => new JsonObject
        {
            ["path"] = entry.Name,
            ["mode"] = Convert.ToString((int)entry.Mode, 8).PadLeft(6, '0'),
            ["sha"] = entry.Target.Sha,
            ["size"] = (entry.Target as Blob)?.Size,
        })]),
        ["truncated"] = false,
    });

    private static (int Status, JsonNode Answer)? Show(Blob? blob)
    {
        if (blob is null)
        {
            return null;
        }

        using var content = blob.GetContentStream();
        using var bytes = new MemoryStream();
        content.CopyTo(bytes);
        var base64 = Convert.ToBase64String(bytes.ToArray(), Base64FormattingOptions.InsertLineBreaks).ReplaceLineEndings("\n") + "\n";
        return (200, new JsonObject { ["content"] = base64, ["encoding"] = "base64", ["sha"] = blob.Sha });
    }

    private static Signature Identity(JsonNode? identity) => identity is null
        ? new Signature("octo-bot[bot]", "bot@example.com", DateTimeOffset.UtcNow)
        : new Signature(
            identity["name"]!.GetValue<string>(),
            identity["email"]!.GetValue<string>(),
            DateTimeOffset.Parse(identity["date"]!.GetValue<string>(), CultureInfo.InvariantCulture));

    private (int Status, JsonNode Answer)? Branch(string name) => git.Branches[name] is not { } branch ? null : (200, new JsonObject
    {
        ["name"] = name,
        ["commit"] = new JsonObject { ["sha"] = branch.Tip.Sha },
    });

    private (int Status, JsonNode Answer)? Compare(string[] range)
    {
        var (from, to) = (git.Lookup<Commit>(range[0]), git.Lookup<Commit>(range[1]));
        var common = from is null || to is null ? null : git.ObjectDatabase.FindMergeBase(from, to);
        return common is null ? null : (200, new JsonObject { ["status"] = common == from ? "ahead" : "diverged" });
    }

    private (int Status, JsonNode Answer) MakeTree(JsonNode body)
    {
        var tree = body["base_tree"] is { } from ? TreeDefinition.From(git.Lookup<Tree>(from.GetValue<string>())) : new TreeDefinition();
        foreach (var entry in body["tree"]!.AsArray())
        {
            var blob = Blob(git.ObjectDatabase, Encoding.UTF8.GetBytes(entry!["content"]!.GetValue<string>()));
            tree.Add(entry["path"]!.GetValue<string>(), blob, Mode.NonExecutableFile);
        }

        return (201, new JsonObject { ["sha"] = git.ObjectDatabase.CreateTree(tree).Sha });
    }

    private (int Status, JsonNode Answer) MakeCommit(JsonNode body)
    {
        var parents = body["parents"]!.AsArray().Select(parent => git.Lookup<Commit>(parent!.GetValue<string>()));
        var tree = git.Lookup<Tree>(body["tree"]!.GetValue<string>());
        var author = Identity(body["author"]);
        var buffer = LibGit2Sharp.Commit.CreateBuffer(
            author, body["committer"] is { } committer ? Identity(committer) : author, body["message"]!.GetValue<string>(), tree, parents, false, null);
        var signature = body["signature"]?.GetValue<string>();
        var sha = signature is null
            ? git.ObjectDatabase.Write<Commit>(Encoding.UTF8.GetBytes(buffer)).Sha
            : git.ObjectDatabase.CreateCommitWithSignature(buffer, signature.TrimEnd('\n')).Sha;
        return (201, new JsonObject
        {
            ["sha"] = sha,
            ["tree"] = new JsonObject { ["sha"] = tree.Sha },
            ["verification"] = new JsonObject
            {
                ["verified"] = false,
                ["reason"] = signature is null ? "unsigned" : "unknown_key",
                ["payload"] = signature is null ? null : buffer,
            },
        });
    }

    private (int Status, JsonNode Answer) MakeRef(string name, string sha)
    {
        if (git.Refs[name] is not null)
        {
            return Refuse("Reference already exists");
        }

        git.Refs.Add(name, new LibGit2Sharp.ObjectId(sha));
        return (201, new JsonObject { ["ref"] = name });
    }

    private (int Status, JsonNode Answer) Move(string branch, JsonNode body)
    {
        var (old, commit) = (git.Branches[branch]?.Tip, git.Lookup<Commit>(body["sha"]!.GetValue<string>()));
        if (Rule is not null || old is null || body["force"]!.GetValue<bool>() || git.ObjectDatabase.FindMergeBase(old, commit) != old)
        {
            return Refuse(Rule ?? (old is null ? "Reference does not exist" : "Update is not a fast forward"));
        }

        git.Refs.Add($"refs/heads/{branch}", commit.Id, allowOverwrite: true);
        return (200, new JsonObject { ["ref"] = $"refs/heads/{branch}" });
    }

    private (int Status, JsonNode Answer) PutFile(string path, JsonNode body)
    {
        var branch = body["branch"]?.GetValue<string>() ?? DefaultBranch;
        if (git.Branches[branch]?.Tip[path] is not null)
        {
            return Refuse("Invalid request.\n\n\"sha\" wasn't supplied.");
        }

        var sha = Push((tree, objects) => tree.Add(
            path, Blob(objects, Convert.FromBase64String(body["content"]!.GetValue<string>())), Mode.NonExecutableFile), branch);
        return (201, new JsonObject { ["commit"] = new JsonObject { ["sha"] = sha } });
    }
}
