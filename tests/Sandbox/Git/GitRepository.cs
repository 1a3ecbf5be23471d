namespace ClusterTrust.Sandbox.Git;

/// <summary>A bare repository in a temporary folder, kept by the real git: what a hosting service has on its disk.</summary>
public sealed class GitRepository
{
    /// <summary>The branch that HEAD names.</summary>
    public const string DefaultBranch = "main";

    private readonly TemporaryFolder _root;
    private readonly string _name;
    private readonly BinaryRunner _git;
    private readonly ConcurrentDictionary<string, byte[]> _blobs = new(StringComparer.Ordinal);

    private GitRepository(TemporaryFolder root, string name, BinaryRunner git) => (this._root, this._name, this._git) = (root, name, git);

    public string Path => _root.Combine(_name);

    internal static async Task<GitRepository> CreateAsync(TemporaryFolder root, string name, BinaryRunner git)
    {
        // What 'git init --bare' writes, without a process. As on GitHub: partial clones and any reachable object may be requested, pushes are checked.
        // An import stays a pack: another process would unpack it.
        root.CreateFolder(System.IO.Path.Combine(name, "objects", "pack"));
        root.CreateFolder(System.IO.Path.Combine(name, "refs", "heads"));
        var repository = new GitRepository(root, name, git);
        await File.WriteAllTextAsync(System.IO.Path.Combine(repository.Path, "HEAD"), $"ref: refs/heads/{DefaultBranch}\n");
        await File.WriteAllTextAsync(
            System.IO.Path.Combine(repository.Path, "config"),
            "[core]\n\trepositoryformatversion = 0\n\tbare = true\n[uploadpack]\n\tallowFilter = true\n\tallowAnySHA1InWant = true\n"
            + "[receive]\n\tfsckObjects = true\n\tautogc = false\n[fastimport]\n\tunpackLimit = 1\n");
        return repository;
    }

    /// <summary>Takes over what was just imported to another repository, without a process.</summary>
    public void CopyFrom(GitRepository other) => Array.ForEach(
        [.. new[] { "objects/pack", "refs/heads" }.SelectMany(folder => Directory.GetFiles(System.IO.Path.Combine(other.Path, folder)))],
        file => File.Copy(file, file.Replace(other.Path, Path, StringComparison.Ordinal)));

    /// <summary>Whether there is any branch, so any commit to see.</summary>
    public bool HasBranches => Directory.EnumerateFiles(System.IO.Path.Combine(Path, "refs", "heads"), "*", SearchOption.AllDirectories).Any();

    public Task<Output> RunAsync(IReadOnlyList<string> arguments, ReadOnlyMemory<byte> input = default, IReadOnlyDictionary<string, string>? environment = null) =>
        _git.RunAsync([$"--git-dir={Path}", .. arguments], environment, input: input);

    /// <summary>The commit at a branch's tip as 40 hexadecimal digits, or null when the branch does not exist. Reads a file, starts no process: nothing packs references here.</summary>
    public string? Tip(string branch)
    {
        var reference = System.IO.Path.Combine(Path, "refs", "heads", branch);
        return File.Exists(reference) ? File.ReadAllText(reference).Trim() : null;
    }

    /// <summary>Moves a branch to a commit, wherever it was, while nobody reads it; deletes it if no commit is given.</summary>
    public void Reset(string branch, string? commit)
    {
        var reference = System.IO.Path.Combine(Path, "refs", "heads", branch);
        File.Delete(reference);
        if (commit is not null)
        {
            File.WriteAllText(reference, commit + "\n");
        }
    }

    /// <summary>Commits text files on top of a branch, which is created when it does not exist.</summary>
    /// <param name="files">Path to content. Files not named stay as they are.</param>
    public Task<string> CommitFilesAsync(string branch, IReadOnlyDictionary<string, string> files) =>
        CommitAsync(branch, "Change files", [.. files.Select(file => GitChange.File(file.Key, file.Value))]);

    /// <summary>Commits changes on top of a branch, which is created when it does not exist.</summary>
    public Task<string> CommitAsync(string branch, string message, IReadOnlyCollection<GitChange> changes) =>
        ImportAsync(branch, [(message, DateTimeOffset.UtcNow, changes)]);

    /// <summary>Builds a long history quickly (a pack, thousands of commits a second), an hour between two commits, the last one now.</summary>
    public Task<string> BuildHistoryAsync(string branch, int commits, string path = "history.txt", Func<int, string>? text = null)
    {
        var now = DateTimeOffset.UtcNow;
        return ImportAsync(
            branch,
            Enumerable.Range(0, commits).Select(i => ($"Commit {i}", now.AddHours(i + 1 - commits), (IReadOnlyCollection<GitChange>)[GitChange.File(path, text?.Invoke(i) ?? $"{i}\n")])));
    }

    /// <summary>A file's UTF-8 text at a branch or commit, or null when there is no such file.</summary>
    public async Task<string?> ReadTextAsync(string revision, string path)
    {
        var result = await RunAsync(["cat-file", "blob", $"{revision}:{path}"]);
        return result.ExitCode == 0 ? result.StandardOutput : null;
    }

    /// <summary>A blob's content, which its name determines: read once.</summary>
    public async Task<byte[]> ReadBlobAsync(string sha) =>
        _blobs.TryGetValue(sha, out var known) ? known : _blobs[sha] = (await RunAsync(["cat-file", "blob", sha])).OrThrow().Bytes;

    /// <summary>Every file at a branch or commit, in git's order.</summary>
    public async Task<IReadOnlyList<GitTreeEntry>> TreeAsync(string revision)
    {
        // "100644 blob <sha>\t<path>"
        var listing = (await RunAsync(["ls-tree", "-r", "-z", "--full-tree", revision])).OrThrow();
        return [.. listing.StandardOutput.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Split([' ', '\t'], 4))
            .Select(static parts => new GitTreeEntry(parts[0], parts[2], parts[3]))];
    }

    /// <summary>The commits of a branch, newest first; none when the branch does not exist.</summary>
    public async Task<IReadOnlyList<GitLogEntry>> LogAsync(string branch)
    {
        if (Tip(branch) is not { } tip)
        {
            return [];
        }

        var log = (await RunAsync(["log", "-z", "--format=%H%n%P%n%an <%ae>%n%B", tip])).OrThrow();
        return [.. log.StandardOutput.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(static text => text.Split('\n', 4))
            .Select(static lines => new GitLogEntry(lines[0], lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries), lines[2], lines[3].TrimEnd('\n')))];
    }

    /// <summary>Checks every object and reference strictly.</summary>
    /// <param name="reachableOnly">Only whether everything is there that a reference leads to.</param>
    /// <returns>The errors that <c>git fsck</c> reports; empty when the repository is valid.</returns>
    public async Task<string> FsckAsync(bool reachableOnly = false)
    {
        string[] depth = reachableOnly ? ["--connectivity-only"] : ["--full", "--strict"];
        var result = await RunAsync(["fsck", .. depth, "--no-dangling", "--no-progress"]);
        var findings = result.StandardOutput + result.StandardError;
        return result.ExitCode == 0 || findings.Length > 0 ? findings : $"git fsck ended with exit code {result.ExitCode}";
    }

    /// <summary>Refuses every push from now on, as a branch protection does: a pre-receive hook that says why.</summary>
    public void Protect(string message)
    {
        _root.Write($"{_name}/hooks/message", message + "\n");
        _root.Write(
            $"{_name}/hooks/pre-receive",
            "#!/bin/sh\ncat hooks/message >&2\nexit 1\n",
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Writes commits with <c>git fast-import</c>, in its stream format.</summary>
    private async Task<string> ImportAsync(string branch, IEnumerable<(string Message, DateTimeOffset Time, IReadOnlyCollection<GitChange> Changes)> commits)
    {
        var stream = new ArrayBufferWriter<byte>();
        var from = Tip(branch) is { } tip ? $"from {tip}\n" : "";
        foreach (var (message, time, changes) in commits)
        {
            Line(string.Create(CultureInfo.InvariantCulture, $"commit refs/heads/{branch}\ncommitter Sandbox <sandbox@clustertrust.example> {time.ToUnixTimeSeconds()} +0000"));
            Data(Encoding.UTF8.GetBytes(message));
            stream.Write(Encoding.UTF8.GetBytes(from));
            foreach (var change in changes)
            {
                Line($"M {change.Mode} inline {change.Path}");
                Data(change.Content);
            }

            // The next one follows this one.
            from = "";
        }

        (await RunAsync(["fast-import", "--quiet"], stream.WrittenMemory)).OrThrow();
        return Tip(branch)!;

        void Line(string line) => stream.Write(Encoding.UTF8.GetBytes(line + "\n"));

        void Data(byte[] bytes)
        {
            Line(string.Create(CultureInfo.InvariantCulture, $"data {bytes.Length}"));
            stream.Write(bytes);
            Line("");
        }
    }
}

public sealed record GitChange(string Path, string Mode, byte[] Content)
{
    public static GitChange File(string path, string text) => File(path, Encoding.UTF8.GetBytes(text));

    public static GitChange File(string path, byte[] bytes) => new(path, "100644", bytes);

    /// <summary>A symbolic link (mode 120000); its target is stored as given and need not exist.</summary>
    public static GitChange Symlink(string path, string target) => new(path, "120000", Encoding.UTF8.GetBytes(target));
}

public sealed record GitLogEntry(string Sha, IReadOnlyList<string> Parents, string Author, string Message);

/// <summary>One file of a tree.</summary>
/// <param name="Mode">Six octal digits: 100644, 100755, 120000 for a symbolic link, 160000 for a submodule.</param>
public sealed record GitTreeEntry(string Mode, string Sha, string Path);
