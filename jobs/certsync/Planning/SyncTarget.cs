namespace ClusterTrust.CertSync.Planning;

/// <summary>A certificate that should be in a vault, and the Secrets it may come from.</summary>
/// <param name="RawName">The name before it was mapped to one that Key Vault accepts.</param>
/// <param name="Sources">The Secrets, at least one, ordered by namespace and name.</param>
public sealed record SyncTarget(string Vault, string Name, string RawName, ImmutableArray<TlsSecretRef> Sources)
{
    /// <summary>The names before mapping of the sources whose name is not <see cref="RawName"/>, by <see cref="TlsSecretRef.Source"/>.</summary>
    public ImmutableDictionary<string, string> OtherNames { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Namespaces that could not be listed completely, and whose Secrets may request the name too.</summary>
    public ImmutableArray<string> Unlisted { get; init; } = [];

    /// <summary>Namespaces whose requests were refused unread because there are too many; a name of theirs is assigned to no other namespace.</summary>
    public ImmutableArray<string> TooMany { get; init; } = [];

    public VaultKey Key => new(Vault, Name);

    /// <summary>The name before mapping that a source requests.</summary>
    public string RawNameOf(TlsSecretRef source) => OtherNames.GetValueOrDefault(source.Source, RawName);
}
