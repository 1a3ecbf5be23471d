namespace ClusterTrust.Oidc.Repository.Git.Packs;

/// <summary>How far a zlib stream is.</summary>
internal enum ZlibState
{
    /// <summary>More is to come.</summary>
    Open,

    /// <summary>Its end was reached.</summary>
    Ended,

    /// <summary>It is none, or broken.</summary>
    Damaged,
}
