namespace ClusterTrust.CertSync.Planning;

/// <summary>A certificate as a vault's listing shows it: the properties of its newest version.</summary>
/// <param name="Name">Its name, case-insensitive.</param>
/// <param name="Thumbprint">SHA-1 over the leaf's DER as lower-case hexadecimal (Key Vault's <c>x5t</c>); empty if the listing has none.</param>
public sealed record VaultCertificate(string Vault, string Name, string Thumbprint)
{
    public ImmutableDictionary<string, string> Tags { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>
    /// How many tags the vault has that <see cref="Tags"/> leaves out: of a listing only this job's tags are kept. All are read before
    /// tags are written, because writing replaces all of them.
    /// </summary>
    public int MoreTags { get; init; }

    /// <summary>What went wrong after the vault had stored the certificate, one sentence; null if nothing.</summary>
    public string? Warning { get; init; }

    /// <summary>False if a person or <c>--prune disable</c> disabled it.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Start of validity (<c>nbf</c>); null if the listing has none.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>End of validity (<c>exp</c>); null if the listing has none.</summary>
    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>When this version was imported; null if the response has no time.</summary>
    public DateTimeOffset? CreatedOn { get; init; }

    /// <summary>Whether it is soft-deleted: its name cannot be used until it is recovered or purged.</summary>
    public bool IsDeleted { get; init; }

    /// <summary>
    /// Whether anything that a decision needs is missing, so that the certificate itself has to be read. Key Vault omits tags from a
    /// listing only if there are none; emulators may omit more.
    /// </summary>
    public bool IsSparse => Tags.IsEmpty || Thumbprint.Length == 0 || NotBefore is null;

    public VaultKey Key => new(Vault, Name);
}

/// <summary>The versions of one certificate in a vault.</summary>
/// <param name="Current">The newest version, which clients receive that request no version.</param>
/// <param name="Versions">The versions that were read, <paramref name="Current"/> among them, in any order.</param>
/// <param name="Identities">The alternative names of <paramref name="Current"/> with their kind, such as <c>DNS:shop.example.com</c>.</param>
/// <param name="IsComplete">Whether <paramref name="Versions"/> are all there are, each with its thumbprint.</param>
public sealed record VaultHistory(VaultCertificate Current, ImmutableArray<VaultCertificate> Versions, ImmutableArray<string> Identities, bool IsComplete);

/// <summary>A vault's alias and a name in it, compared case-insensitively as Key Vault's identifiers are.</summary>
public readonly record struct VaultKey(string Vault, string Name)
{
    public bool Equals(VaultKey other) =>
        string.Equals(Vault, other.Vault, StringComparison.OrdinalIgnoreCase)
        && string.Equals(Name, other.Name, StringComparison.OrdinalIgnoreCase);

    public override int GetHashCode() => HashCode.Combine(
        StringComparer.OrdinalIgnoreCase.GetHashCode(Vault),
        StringComparer.OrdinalIgnoreCase.GetHashCode(Name));

    public override string ToString() => $"{Vault}/{Name}";
}
