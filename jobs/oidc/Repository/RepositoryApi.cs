namespace ClusterTrust.Oidc.Repository;

/// <summary>How commits reach a repository.</summary>
public enum RepositoryApi
{
    /// <summary>GitHub's API where a GitHub App is configured, Git elsewhere.</summary>
    Auto,

    /// <summary>Git, over SSH, HTTPS or files.</summary>
    Git,

    /// <summary>GitHub's REST API (the Git database endpoints).</summary>
    GitHub,
}
