using System.Text;

namespace ClusterTrust.Sandbox.Git;

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
