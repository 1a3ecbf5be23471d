namespace ClusterTrust.Oidc.Repository.GitHub;

/// <summary>Branch names in the API's paths.</summary>
internal static class GitHubBranch
{
    /// <summary>Escapes a name but for its slashes, which GitHub takes as they are.</summary>
    public static string Escape(string branch) => Uri.EscapeDataString(branch).Replace("%2F", "/", StringComparison.Ordinal);
}
