using ClusterTrust.Hosting;

namespace ClusterTrust.Oidc.Repository.GitHub;

/// <summary>Reads a mounted Secret.</summary>
internal static class SecretFile
{
    /// <param name="path">The file.</param>
    /// <param name="what">What it holds, for the message.</param>
    /// <exception cref="JobException">It cannot be read (exit code 2).</exception>
    public static async Task<string> ReadAsync(string path, string what)
    {
        try
        {
            return await File.ReadAllTextAsync(path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new JobException($"The {what} cannot be read from {path}: check the path and that the Secret is mounted there.", ExitCode.Usage, unreadable);
        }
    }
}
