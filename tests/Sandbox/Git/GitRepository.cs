using System.Globalization;
using System.Text;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.Sandbox.Git;

/// <summary>A bare repository in a temporary folder, kept by the real git: what a hosting service has on its disk.</summary>
public sealed class GitRepository : IDisposable
{
    private readonly TemporaryFolder folder = new("clustertrust-git-");
    private readonly BinaryRunner git = GitProgram.Runner();

    private GitRepository(string defaultBranch) => DefaultBranch = defaultBranch;

    /// <summary>The absolute path of the bare repository.</summary>
    public string Path => folder.Combine("repository.git");

    /// <summary>The branch that HEAD names.</summary>
    public string DefaultBranch { get; }

    /// <summary>Creates an empty repository.</summary>
    /// <exception cref="MissingToolException">git is not installed.</exception>
    public static async Task<GitRepository> CreateAsync(string defaultBranch = "main", CancellationToken cancellation = default)
    {
        var repository = new GitRepository(defaultBranch);
        (await repository.RunAsync(["init", "--quiet", "--bare", $"--initial-branch={defaultBranch}", "--template="], cancellation)).OrThrow();

        // As GitHub has it: partial clones and any reachable object may be asked for, pushes are checked.
        await File.AppendAllTextAsync(
            System.IO.Path.Combine(repository.Path, "config"),
            "[uploadpack]\n\tallowFilter = true\n\tallowAnySHA1InWant = true\n[receive]\n\tfsckObjects = true\n\tautogc = false\n",
            cancellation);
        return repository;
    }

    /// <summary>Runs any git command in the repository.</summary>
    public Task<Output> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellation = default) => RunAsync(arguments, default, cancellation);

    /// <summary>The commit at a branch's tip as 40 hexadecimal digits, or null when the branch does not exist. Reads a file, starts no process.</summary>
    public string? Tip(string branch)
    {
        var loose = System.IO.Path.Combine(Path, "refs", "heads", branch);
        if (File.Exists(loose))
        {
            return File.ReadAllText(loose).Trim();
        }

        var packed = System.IO.Path.Combine(Path, "packed-refs");
        return File.Exists(packed)
            ? File.ReadLines(packed).FirstOrDefault(line => line.EndsWith($" refs/heads/{branch}", StringComparison.Ordinal))?[..40]
            : null;
    }

    /// <summary>Commits text files on top of a branch, which is created when it does not exist.</summary>
    /// <param name="files">Path to content. Files not named stay as they are.</param>
    public Task<string> CommitFilesAsync(string branch, IReadOnlyDictionary<string, string> files, string message = "Change files", CancellationToken cancellation = default) =>
        CommitAsync(branch, message, [.. files.Select(file => GitChange.File(file.Key, file.Value))], cancellation: cancellation);

    /// <summary>Commits changes on top of a branch, which is created when it does not exist.</summary>
    public async Task<string> CommitAsync(
        string branch, string message, IReadOnlyCollection<GitChange> changes, DateTimeOffset? time = null, CancellationToken cancellation = default)
    {
        var from = Tip(branch);
        var import = new FastImport();
        import.Commit(branch, from, message, time ?? DateTimeOffset.UtcNow, changes);
        (await RunAsync(["fast-import", "--quiet"], import.Bytes, cancellation)).OrThrow();
        return Tip(branch)!;
    }

    /// <summary>Builds a long history quickly (a pack, thousands of commits a second), an hour between two commits, the last one now.</summary>
    /// <param name="branch">The branch; continued when it exists.</param>
    public async Task<string> BuildHistoryAsync(string branch, int commits, CancellationToken cancellation = default)
    {
        var from = Tip(branch);
        var now = DateTimeOffset.UtcNow;
        var import = new FastImport();
        for (var i = 0; i < commits; i++)
        {
            import.Commit(branch, i == 0 ? from : null, $"Commit {i}", now.AddHours(i + 1 - commits), [GitChange.File("history.txt", $"{i}\n")]);
        }

        (await RunAsync(["fast-import", "--quiet"], import.Bytes, cancellation)).OrThrow();
        return Tip(branch)!;
    }

    /// <summary>A file's UTF-8 text at a branch or commit, or null when there is no such file.</summary>
    public async Task<string?> ReadTextAsync(string revision, string path, CancellationToken cancellation = default)
    {
        var result = await RunAsync(["cat-file", "blob", $"{revision}:{path}"], cancellation);
        return result.ExitCode == 0 ? result.StandardOutput : null;
    }

    /// <summary>A blob's bytes by its id.</summary>
    public async Task<byte[]> ReadBlobAsync(string sha, CancellationToken cancellation = default) =>
        (await RunAsync(["cat-file", "blob", sha], cancellation)).OrThrow().Bytes;

    /// <summary>Every file at a branch or commit, in git's order.</summary>
    public async Task<IReadOnlyList<GitTreeEntry>> TreeAsync(string revision, CancellationToken cancellation = default)
    {
        var listing = (await RunAsync(["ls-tree", "-r", "-z", "-l", "--full-tree", revision], cancellation)).OrThrow();
        return [.. listing.StandardOutput.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(ParseTreeEntry)];
    }

    /// <summary>The commits of a branch, newest first; none when the branch does not exist.</summary>
    public async Task<IReadOnlyList<GitLogEntry>> LogAsync(string branch, CancellationToken cancellation = default)
    {
        if (Tip(branch) is not { } tip)
        {
            return [];
        }

        var log = (await RunAsync(["log", "-z", "--format=%H%n%P%n%an <%ae>%n%cn <%ce>%n%ct%n%B", tip], cancellation)).OrThrow();
        return [.. log.StandardOutput.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(ParseLogEntry)];
    }

    /// <summary>Checks every object and reference strictly.</summary>
    /// <param name="reachableOnly">Only whether everything is there that a reference leads to.</param>
    /// <returns>What <c>git fsck</c> complains of; empty when the repository is sound.</returns>
    public async Task<string> FsckAsync(bool reachableOnly = false, CancellationToken cancellation = default)
    {
        string[] depth = reachableOnly ? ["--connectivity-only"] : ["--full", "--strict"];
        var result = await RunAsync(["fsck", .. depth, "--no-dangling", "--no-progress"], cancellation);
        var findings = result.StandardOutput + result.StandardError;
        return result.ExitCode == 0 || findings.Length > 0 ? findings : $"git fsck ended with exit code {result.ExitCode}";
    }

    /// <summary>Refuses every push from now on, as a branch protection does: a pre-receive hook that says why.</summary>
    public void Protect(string message)
    {
        folder.Write("repository.git/hooks/message", message + "\n");
        folder.Write(
            "repository.git/hooks/pre-receive",
            "#!/bin/sh\ncat hooks/message >&2\nexit 1\n",
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public void Dispose()
    {
        git.DisposeAsync().AsTask().GetAwaiter().GetResult();
        folder.Dispose();
    }

    private Task<Output> RunAsync(IReadOnlyList<string> arguments, ReadOnlyMemory<byte> input, CancellationToken cancellation) =>
        git.RunAsync([$"--git-dir={Path}", .. arguments], input: input, cancellation: cancellation);

    private static GitTreeEntry ParseTreeEntry(string line)
    {
        // "100644 blob <sha> <size, padded>\t<path>"
        var (head, path) = (line[..line.IndexOf('\t', StringComparison.Ordinal)], line[(line.IndexOf('\t', StringComparison.Ordinal) + 1)..]);
        var parts = head.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new GitTreeEntry(parts[0], parts[2], parts[3] == "-" ? 0 : long.Parse(parts[3], CultureInfo.InvariantCulture), path);
    }

    private static GitLogEntry ParseLogEntry(string text)
    {
        var lines = text.Split('\n', 6);
        return new GitLogEntry(
            lines[0],
            lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries),
            lines[2],
            lines[3],
            DateTimeOffset.FromUnixTimeSeconds(long.Parse(lines[4], CultureInfo.InvariantCulture)),
            lines[5].TrimEnd('\n'));
    }
}

/// <summary>One change that a commit makes.</summary>
public abstract record GitChange
{
    private GitChange(string path) => Path = path.Contains('\n', StringComparison.Ordinal) || path.StartsWith('"')
        ? throw new ArgumentException("A path with a line feed or a leading quote is not supported.", nameof(path))
        : path;

    /// <summary>The path in the tree, with forward slashes.</summary>
    public string Path { get; }

    /// <summary>A file with this content.</summary>
    public static GitChange File(string path, string text) => new Written(path, "100644", Encoding.UTF8.GetBytes(text));

    /// <summary>A file with this content.</summary>
    public static GitChange File(string path, byte[] bytes) => new Written(path, "100644", bytes);

    /// <summary>A symbolic link (mode 120000); its target is stored as given and need not exist.</summary>
    public static GitChange Symlink(string path, string target) => new Written(path, "120000", Encoding.UTF8.GetBytes(target));

    /// <summary>Removes a file, or a folder with all its content.</summary>
    public static GitChange Delete(string path) => new Deleted(path);

    internal sealed record Written(string WrittenPath, string Mode, byte[] Content) : GitChange(WrittenPath);

    internal sealed record Deleted(string DeletedPath) : GitChange(DeletedPath);
}

/// <summary>One commit of a history.</summary>
/// <param name="Sha">40 hexadecimal digits.</param>
/// <param name="Parents">The parents' ids; none for a root commit.</param>
/// <param name="Author">Author as <c>Name &lt;email&gt;</c>.</param>
/// <param name="Committer">Committer as <c>Name &lt;email&gt;</c>.</param>
/// <param name="Time">The commit's time, in whole seconds.</param>
/// <param name="Message">The whole message without trailing line feeds.</param>
public sealed record GitLogEntry(string Sha, IReadOnlyList<string> Parents, string Author, string Committer, DateTimeOffset Time, string Message);

/// <summary>One file of a tree.</summary>
/// <param name="Mode">Six octal digits: 100644, 100755, 120000 for a symbolic link, 160000 for a submodule.</param>
/// <param name="Sha">The object id, 40 hexadecimal digits.</param>
/// <param name="Size">Bytes; 0 for a submodule.</param>
/// <param name="Path">The path from the root, with forward slashes.</param>
public sealed record GitTreeEntry(string Mode, string Sha, long Size, string Path);
