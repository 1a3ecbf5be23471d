namespace ClusterTrust.Sandbox.GitHub;

/// <summary>GitHub's Git database in its documented shapes: what the real git makes of the requests.</summary>
internal sealed class GitHubData(GitRepository git)
{
    /// <summary>Answers a request below <c>repos/OWNER/REPO/</c>, or null for what is not there.</summary>
    public async Task<Answer?> FindAsync(string method, string[] path, IQueryCollection query, JsonNode? body, string defaultBranch)
    {
        if (path[0] == "git" && !git.HasBranches)
        {
            return Answer.Problem(409, "Git Repository is empty.");
        }

        return (method, path) switch
        {
            ("GET", ["branches", .. var name]) => git.Tip(string.Join('/', name)) is { } tip ? new(200, $$$"""{"name":"{{{string.Join('/', name)}}}","commit":{"sha":"{{{tip}}}"}}""") : null,
            ("GET", ["commits"]) => await ListAsync(query["sha"].ToString(), query["path"].ToString(), query["per_page"].ToString()),
            ("GET", ["git", "commits", var sha]) => await AskAsync(["rev-parse", "--verify", "--quiet", $"{sha}^{{tree}}"], tree => Commit(sha, Trim(tree))),
            ("GET", ["git", "trees", var sha]) => await AskAsync(["ls-tree", "-l", "-z", sha], listing => Tree(sha, listing.StandardOutput)),
            ("GET", ["git", "blobs", var sha]) => await AskAsync(["cat-file", "blob", sha], blob => Blob(blob.Bytes)),
            ("GET", ["compare", var range]) when range.Split("...") is [var from, var to] =>
                await AskAsync(["merge-base", from, to], common => $$"""{"status":"{{(Trim(common) == from ? "ahead" : "diverged")}}"}"""),
            ("POST", ["git", "trees"]) => Created(await MakeTreeAsync(body!)),
            ("POST", ["git", "commits"]) => await MakeCommitAsync(body!),
            // The latter beside a branch that continues the name, or that the name continues.
            ("POST", ["git", "refs"]) => await ReferAsync(
                201, TextOf(body!, "ref"), TextOf(body!, "sha"), new string('0', 40), git.Tip(TextOf(body!, "ref")["refs/heads/".Length..]) is null ? "Reference update failed" : "Reference already exists"),
            ("PATCH", ["git", "refs", "heads", .. var name]) => await MoveAsync(string.Join('/', name), body!),
            ("PUT", ["contents", .. var name]) => await PutFileAsync(string.Join('/', name), body!, defaultBranch),
            _ => null,
        };
    }

    private static Answer Refuse(string message) => Answer.Problem(422, message);

    private static Answer Created(string sha) => new(201, $$"""{"sha":"{{sha}}"}""");

    private static string Commit(string sha, string tree) => $$$"""{"sha":"{{{sha}}}","tree":{"sha":"{{{tree}}}"}}""";

    private static string Tree(string sha, string listing) =>
        $$"""{"sha":"{{sha}}","truncated":false,"tree":[{{string.Join(',', listing.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(Entry))}}]}""";

    private static string Entry(string line)
    {
        // "100644 blob <sha>   <size>\t<name>", with a hyphen for the size of what is no file.
        var (parts, name) = (line.Split('\t')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries), line.Split('\t', 2)[1]);
        return $$"""{"path":{{JsonSerializer.Serialize(name)}},"mode":"{{parts[0]}}","sha":"{{parts[2]}}","size":{{(parts[3] == "-" ? "0" : parts[3])}}}""";
    }

    private static string Blob(byte[] content)
    {
        var base64 = Convert.ToBase64String(content, Base64FormattingOptions.InsertLineBreaks).ReplaceLineEndings("\n") + "\n";
        return $$"""{"content":{{JsonSerializer.Serialize(base64)}},"encoding":"base64"}""";
    }

    private static string TextOf(JsonNode json, string member) => json[member]!.GetValue<string>();

    private static string Trim(Output output) => output.StandardOutput.Trim();

    /// <summary>The response to a request for an object that may not exist: null when git fails.</summary>
    private async Task<Answer?> AskAsync(string[] arguments, Func<Output, string> json) => await git.RunAsync(arguments) is { ExitCode: 0 } output ? new(200, json(output)) : null;

    private async Task<string> RunAsync(string[] arguments, string input = "", Dictionary<string, string>? environment = null) =>
        Trim((await git.RunAsync(arguments, Encoding.UTF8.GetBytes(input), environment)).OrThrow());

    private Task<Answer?> ListAsync(string sha, string path, string count) => AskAsync(
        ["log", $"-{count}", "--format=%H %T", sha, "--", path],
        log => $"[{string.Join(',', log.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => Commit(line[..40], line[41..])))}]");

    private async Task<string> MakeTreeAsync(JsonNode body)
    {
        using var folder = new TemporaryFolder("clustertrust-index-");
        var index = new Dictionary<string, string> { ["GIT_INDEX_FILE"] = folder.Combine("index") };
        await RunAsync(body["base_tree"] is null ? ["read-tree", "--empty"] : ["read-tree", TextOf(body, "base_tree")], environment: index);
        foreach (var entry in body["tree"]!.AsArray())
        {
            var blob = await RunAsync(["hash-object", "-w", "--stdin"], TextOf(entry!, "content"));
            await RunAsync(["update-index", "--add", "--replace", "--cacheinfo", $"{TextOf(entry!, "mode")},{blob},{TextOf(entry!, "path")}"], environment: index);
        }

        return await RunAsync(["write-tree"], environment: index);
    }

    private async Task<Answer> MakeCommitAsync(JsonNode body)
    {
        var parents = body["parents"]!.AsArray().SelectMany(static parent => new[] { "-p", parent!.GetValue<string>() });
        var environment = new Dictionary<string, string>();
        foreach (var (role, identity) in new[] { ("AUTHOR", body["author"]), ("COMMITTER", body["committer"] ?? body["author"]) })
        {
            environment[$"GIT_{role}_NAME"] = identity is null ? "octo-bot[bot]" : TextOf(identity, "name");
            environment[$"GIT_{role}_EMAIL"] = identity is null ? "bot@example.com" : TextOf(identity, "email");
            var time = identity is null ? DateTimeOffset.UtcNow : DateTimeOffset.Parse(TextOf(identity, "date"), CultureInfo.InvariantCulture);
            environment[$"GIT_{role}_DATE"] = $"@{time.ToUnixTimeSeconds()} +0000";
        }

        var sha = await RunAsync(["commit-tree", TextOf(body, "tree"), .. parents], TextOf(body, "message"), environment);
        if (body["signature"]?.GetValue<string>() is not { } signature)
        {
            return new(201, $$$"""{"sha":"{{{sha}}}","verification":{"verified":false,"reason":"unsigned","payload":null}}""");
        }

        // A header after the others, whose further lines begin with a blank.
        var payload = (await git.RunAsync(["cat-file", "commit", sha])).OrThrow().StandardOutput;
        var end = payload.IndexOf("\n\n", StringComparison.Ordinal);
        sha = await RunAsync(["hash-object", "-t", "commit", "-w", "--stdin"], $"{payload[..end]}\ngpgsig {signature.TrimEnd('\n').Replace("\n", "\n ", StringComparison.Ordinal)}{payload[end..]}");
        return new(201, $$$"""{"sha":"{{{sha}}}","verification":{"verified":false,"reason":"unknown_key","payload":{{{JsonSerializer.Serialize(payload)}}}}}""");
    }

    private async Task<Answer> ReferAsync(int status, string reference, string sha, string old, string refusal) =>
        await git.RunAsync(["update-ref", reference, sha, old]) is { ExitCode: 0 } ? new(status, $$"""{"ref":"{{reference}}"}""") : Refuse(refusal);

    private async Task<Answer> MoveAsync(string branch, JsonNode body)
    {
        var (old, sha) = (git.Tip(branch), TextOf(body, "sha"));
        if (old is null)
        {
            return Refuse("Reference does not exist");
        }

        return body["force"]!.GetValue<bool>() || (await git.RunAsync(["merge-base", "--is-ancestor", old, sha])).ExitCode != 0
            ? Refuse("Update is not a fast forward")
            : await ReferAsync(200, $"refs/heads/{branch}", sha, old, "Reference cannot be updated");
    }

    private async Task<Answer> PutFileAsync(string path, JsonNode body, string defaultBranch)
    {
        var branch = body["branch"]?.GetValue<string>() ?? defaultBranch;
        return git.Tip(branch) is not null && await git.ReadTextAsync(branch, path) is not null
            ? Refuse("Invalid request.\n\n\"sha\" wasn't supplied.")
            : new(201, $$$"""{"commit":{"sha":"{{{await git.CommitAsync(branch, TextOf(body, "message"), [GitChange.File(path, Convert.FromBase64String(TextOf(body, "content")))])}}}"}}""");
    }
}
