namespace ClusterTrust.Oidc.Repository;

/// <summary>A commit that explains something in a branch.</summary>
/// <param name="Sha">Its id in hexadecimal.</param>
/// <param name="IsExact">Whether it is that very commit; false where the history that was read ends before it.</param>
public sealed record CommitReference(string Sha, bool IsExact)
{
    /// <summary><c>commit SHA</c>, or <c>at or before commit SHA</c>.</summary>
    public override string ToString() => IsExact ? $"commit {Sha}" : $"at or before commit {Sha}";
}
