namespace ClusterTrust.CertSync.Planning;

/// <summary>The metadata of a Secret that may hold a certificate; none of it is secret.</summary>
/// <param name="Uid">The object's identifier; a Secret that was deleted and created again has another.</param>
/// <param name="ResourceVersion">The opaque version of its last change (Kubernetes API conventions: compared for equality only).</param>
public sealed record TlsSecretRef(string Namespace, string Name, string Uid, string ResourceVersion)
{
    public const string TlsType = "kubernetes.io/tls";

    /// <summary>The type of Secrets without a schema, listed only with <c>--include-opaque</c>.</summary>
    public const string OpaqueType = "Opaque";

    /// <summary>When the API server created it, which its owner cannot change; a copy is younger than its original.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The annotations that this job reads.</summary>
    public ImmutableDictionary<string, string> Annotations { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>The labels that this job reads.</summary>
    public ImmutableDictionary<string, string> Labels { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary><c>namespace/name</c>, as in the tag <see cref="Ownership.SourceTag"/>.</summary>
    public string Source => $"{Namespace}/{Name}";

    public override string ToString() => Source;
}
