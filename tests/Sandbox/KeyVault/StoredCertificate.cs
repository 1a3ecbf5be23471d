namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>A certificate of a vault as it was when it was asked for; later changes make new objects.</summary>
/// <param name="Name">The name as first written; compared without case.</param>
/// <param name="Versions">Oldest first; at least one.</param>
public sealed record StoredCertificate(
    string Name,
    IReadOnlyList<StoredVersion> Versions,
    StoredPolicy Policy,
    DateTimeOffset PolicyUpdated)
{
    /// <summary>When it was deleted, if it is.</summary>
    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>When it will be gone for good, if it is deleted.</summary>
    public DateTimeOffset? ScheduledPurge { get; init; }

    /// <summary>When the running or last deletion or recovery is over.</summary>
    internal DateTimeOffset SettledAt { get; init; }

    public StoredVersion Latest => Versions[^1];

    /// <summary>The version of an id, or the latest when it is null.</summary>
    internal StoredVersion Version(string? id) => id is null ? Latest : Versions.FirstOrDefault(version => version.Id == id) ?? throw VaultErrors.NotFound($"{Name}/{id}");

    /// <summary>Where it is at a time.</summary>
    public CertificatePhase PhaseAt(DateTimeOffset now) => (DeletedAt, now < SettledAt) switch
    {
        (null, false) => CertificatePhase.Active,
        (null, true) => CertificatePhase.BeingRecovered,
        (_, true) => CertificatePhase.BeingDeleted,
        (_, false) => CertificatePhase.Deleted,
    };
}

/// <summary>Where a certificate is in its life.</summary>
public enum CertificatePhase
{
    Active,
    BeingDeleted,
    Deleted,
    BeingRecovered,
}

/// <summary>One version of a certificate, as it is now.</summary>
/// <param name="Certificate">The leaf, with its private key unless it was seeded without one.</param>
/// <param name="Chain">Every certificate that came with it, in the order in which its secret gives them back.</param>
public sealed record StoredVersion(X509Certificate2 Certificate, IReadOnlyList<X509Certificate2> Chain, DateTimeOffset Created)
{
    /// <summary>32 hexadecimal digits.</summary>
    public string Id { get; } = Guid.NewGuid().ToString("N");

    public bool Enabled { get; init; } = true;

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    public DateTimeOffset Updated { get; init; } = Created;

    /// <summary>SHA-1 of the DER as upper-case hexadecimal digits.</summary>
    public string Thumbprint => Certificate.Thumbprint;
}
