namespace ClusterTrust.Oidc.Repository;

/// <summary>Signs commits.</summary>
public interface ICommitSigner
{
    /// <summary>Signs a commit.</summary>
    /// <param name="commitBuffer">The commit object's content as Git hashes it, without the signature.</param>
    /// <returns>The armored signature, its lines separated by line feeds.</returns>
    string Sign(ReadOnlySpan<byte> commitBuffer);
}
