namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>A certificate of a vault at the time of the call; later changes create new objects.</summary>
/// <param name="Name">The name as first written; compared without case.</param>
/// <param name="Versions">Oldest first; at least one.</param>
public sealed record StoredCertificate(
    string Name,
    IReadOnlyList<StoredVersion> Versions,
    StoredPolicy Policy,
    DateTimeOffset PolicyUpdated)
{
    public DateTimeOffset? DeletedAt { get; init; }

    public DateTimeOffset? ScheduledPurge { get; init; }

    /// <summary>When the running or last deletion or recovery is over.</summary>
    internal DateTimeOffset SettledAt { get; init; }

    public StoredVersion Latest => Versions[^1];

    internal StoredVersion Version(string? id) => id is null ? Latest : Versions.FirstOrDefault(version => version.Id == id) ?? throw VaultErrors.NotFound($"{Name}/{id}");

    public CertificatePhase PhaseAt(DateTimeOffset now) => (DeletedAt, now < SettledAt) switch
    {
        (null, false) => CertificatePhase.Active,
        (null, true) => CertificatePhase.BeingRecovered,
        (_, true) => CertificatePhase.BeingDeleted,
        (_, false) => CertificatePhase.Deleted,
    };
}

public enum CertificatePhase
{
    Active,
    BeingDeleted,
    Deleted,
    BeingRecovered,
}

/// <summary>One version of a certificate, as it is now.</summary>
/// <param name="Certificate">The leaf, with its private key unless it was seeded without one.</param>
/// <param name="Chain">Every certificate that came with it, itself first.</param>
public sealed record StoredVersion(X509Certificate2 Certificate, IReadOnlyList<X509Certificate2> Chain, DateTimeOffset Created)
{
    public string Id { get; } = Guid.NewGuid().ToString("N");

    public bool Enabled { get; init; } = true;

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    public DateTimeOffset Updated { get; init; } = Created;

    /// <summary>SHA-1 of the DER as upper-case hexadecimal digits.</summary>
    public string Thumbprint => Certificate.Thumbprint;
}
