using System.Diagnostics;
using System.Text;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.Sandbox.Git;

/// <summary>Runs the real git, independent of the configuration of the user and the machine.</summary>
internal static class GitProgram
{
    /// <summary>What keeps git to itself. safe.directory: under sudo, and in containers, the temporary folder can belong to someone else.</summary>
    public static readonly IReadOnlyDictionary<string, string> Environment = new Dictionary<string, string>
    {
        ["GIT_CONFIG_GLOBAL"] = "/dev/null",
        ["GIT_CONFIG_NOSYSTEM"] = "1",
        ["GIT_CONFIG_COUNT"] = "2",
        ["GIT_CONFIG_KEY_0"] = "safe.directory",
        ["GIT_CONFIG_VALUE_0"] = "*",
        ["GIT_CONFIG_KEY_1"] = "gc.auto",
        ["GIT_CONFIG_VALUE_1"] = "0",
        ["GIT_TERMINAL_PROMPT"] = "0",
        ["LC_ALL"] = "C",
    };

    /// <summary>The absolute path of git.</summary>
    public static string Path => Tools.Find("git", "git");

    /// <summary>How to start git, with nothing of this process's environment but PATH.</summary>
    public static ProcessStartInfo StartInfo(IEnumerable<string> arguments, string home)
    {
        var start = new ProcessStartInfo(Path, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = home,
        };
        start.Environment.Clear();
        start.Environment["PATH"] = System.Environment.GetEnvironmentVariable("PATH");
        start.Environment["HOME"] = home;
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    /// <summary>Runs git to its end.</summary>
    /// <param name="home">HOME and working directory.</param>
    /// <param name="arguments">The arguments.</param>
    /// <param name="input">Writes stdin; null for none.</param>
    /// <param name="cancellation">Kills git.</param>
    public static async Task<GitResult> RunAsync(string home, IReadOnlyList<string> arguments, Func<Stream, Task>? input, CancellationToken cancellation)
    {
        using var process = Process.Start(StartInfo(arguments, home))!;
        await using var kill = cancellation.Register(() => process.Kill(entireProcessTree: true));
        using var output = new MemoryStream();
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var copied = process.StandardOutput.BaseStream.CopyToAsync(output, CancellationToken.None);
        await FeedAsync(process, input);
        await Task.WhenAll(copied, error);
        await process.WaitForExitAsync(CancellationToken.None);
        cancellation.ThrowIfCancellationRequested();
        return new GitResult($"git {string.Join(' ', arguments)}", process.ExitCode, output.ToArray(), await error);
    }

    private static async Task FeedAsync(Process process, Func<Stream, Task>? input)
    {
        try
        {
            if (input is not null)
            {
                await input(process.StandardInput.BaseStream);
            }

            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // git gave up reading; its exit code and stderr say why.
        }
    }
}

/// <summary>What a git command left.</summary>
/// <param name="Command">The command line.</param>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Bytes">Stdout.</param>
/// <param name="Error">Stderr.</param>
public sealed record GitResult(string Command, int ExitCode, byte[] Bytes, string Error)
{
    /// <summary>Stdout as UTF-8 text.</summary>
    public string Text => Encoding.UTF8.GetString(Bytes);

    /// <summary>This result, when the exit code is 0.</summary>
    /// <exception cref="GitException">The exit code is another.</exception>
    public GitResult OrThrow() => ExitCode == 0 ? this : throw new GitException(Command, ExitCode, Error);
}

/// <summary>A git program of the sandbox failed; the message holds its command and what it wrote to stderr.</summary>
public sealed class GitException(string command, int exitCode, string error)
    : Exception($"'{command}' ended with exit code {exitCode}: {error.Trim()}");
