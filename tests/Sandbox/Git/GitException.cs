namespace ClusterTrust.Sandbox.Git;

/// <summary>A git program of the sandbox failed; the message holds its command and what it wrote to stderr.</summary>
public sealed class GitException(string command, int exitCode, string error)
    : Exception($"'{command}' ended with exit code {exitCode}: {error.Trim()}")
{
    /// <summary>git's exit code.</summary>
    public int ExitCode { get; } = exitCode;
}
