namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>How a repository is reached.</summary>
internal enum GitAddressKind
{
    /// <summary>Over SSH with a deploy key.</summary>
    Ssh,

    /// <summary>Over HTTPS, usually with a token.</summary>
    Https,

    /// <summary>In the file system.</summary>
    Local,
}
