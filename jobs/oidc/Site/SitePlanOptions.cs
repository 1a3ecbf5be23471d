namespace ClusterTrust.Oidc.Site;

/// <summary>What a person may decide about a plan.</summary>
public sealed record SitePlanOptions
{
    /// <summary>How long a key that the API servers no longer serve stays published. Zero mirrors the API servers exactly.</summary>
    public TimeSpan RetainRemovedKeys { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Publish although nothing ties these keys or this issuer to what is published: the cluster was rebuilt.</summary>
    public bool AcceptNewKeys { get; init; }

    /// <summary>The kids of keys that are never published, whatever the repository holds: they are compromised.</summary>
    public IReadOnlyCollection<string> DropKeys { get; init; } = [];

    /// <summary>Seals the state file and finds out whether somebody else edited it; null believes a plausible one.</summary>
    public StateSeal? Seal { get; init; }

    /// <summary>Whether the status page is written.</summary>
    public bool StatusPage { get; init; } = true;
}
