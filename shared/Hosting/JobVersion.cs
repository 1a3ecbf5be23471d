using System.Reflection;

namespace ClusterTrust.Hosting;

/// <summary>The version of the running program.</summary>
public static class JobVersion
{
    /// <summary>The version as <c>--version</c> shows it: <c>0.1.0 (commit abcdef0)</c>.</summary>
    public static string Current =>
        Describe(Assembly.GetEntryAssembly()?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion);

    /// <summary>Words an informational version.</summary>
    /// <param name="informationalVersion">A version, maybe followed by a plus sign and a commit: <c>0.1.0+abcdef0123</c>.</param>
    internal static string Describe(string? informationalVersion)
    {
        var (version, commit) = informationalVersion?.Split('+', 2) switch
        {
            [var number, var sha] => (number, sha),
            [var number] => (number, ""),
            _ => ("unknown", ""),
        };
        return commit.Length == 0 ? version : $"{version} (commit {commit[..Math.Min(7, commit.Length)]})";
    }
}
