namespace ClusterTrust.Sandbox.Git;

/// <summary>What a deploy key or a token may do.</summary>
public enum GitAccess
{
    /// <summary>Clone and fetch.</summary>
    ReadOnly,

    /// <summary>Clone, fetch and push.</summary>
    ReadWrite,
}
