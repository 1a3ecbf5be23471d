using System.Collections.Immutable;

namespace ClusterTrust.CertSync.Planning;

/// <summary>A certificate as a vault's listing shows it: the newest version's properties, without a GET of its own.</summary>
/// <param name="Vault">The alias of the vault it is in.</param>
/// <param name="Name">Its name; Key Vault compares names without regard to case.</param>
/// <param name="Thumbprint">SHA-1 over the leaf's DER as lower-case hexadecimal (Key Vault's <c>x5t</c>), or empty if the listing has none.</param>
public sealed record VaultCertificate(string Vault, string Name, string Thumbprint)
{
    /// <summary>The newest version's tags.</summary>
    public ImmutableDictionary<string, string> Tags { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>
    /// True if the vault has tags that <see cref="Tags"/> leaves out: a listing keeps this job's tags only. They are read before tags
    /// are written, which replaces all of them.
    /// </summary>
    public bool HasMoreTags { get; init; }

    /// <summary>What went wrong after the vault had stored the certificate, one sentence; null if nothing.</summary>
    public string? Warning { get; init; }

    /// <summary>False when a person, or <c>--prune disable</c>, has switched it off.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Start of validity (<c>nbf</c>), if the listing has it.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>End of validity (<c>exp</c>), if the listing has it.</summary>
    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>True for a soft-deleted certificate: its name is blocked until it is recovered or purged.</summary>
    public bool IsDeleted { get; init; }

    /// <summary>
    /// Whether anything that a decision rests on is missing, tags above all: Key Vault leaves them out of a listing only if there
    /// are none, but others may always do. Then the certificate itself has to be asked for.
    /// </summary>
    public bool IsSparse => Tags.IsEmpty || Thumbprint.Length == 0 || NotBefore is null;

    /// <summary>Where it is, comparable with a target's.</summary>
    public VaultKey Key => new(Vault, Name);
}
