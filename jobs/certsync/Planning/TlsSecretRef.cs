using System.Collections.Immutable;

namespace ClusterTrust.CertSync.Planning;

/// <summary>A Secret that may hold a certificate, by its metadata alone: nothing in here is secret.</summary>
/// <param name="Namespace">The namespace it lives in.</param>
/// <param name="Name">Its name, unique in the namespace.</param>
/// <param name="Uid">Kubernetes' identifier of this very object; a Secret deleted and made anew has another.</param>
/// <param name="ResourceVersion">The opaque version of its last change (Kubernetes API conventions: compared for equality only).</param>
public sealed record TlsSecretRef(string Namespace, string Name, string Uid, string ResourceVersion)
{
    /// <summary>The annotations this job reads; others need not be kept.</summary>
    public ImmutableDictionary<string, string> Annotations { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>The labels this job reads; others need not be kept.</summary>
    public ImmutableDictionary<string, string> Labels { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary><c>kubernetes.io/tls</c> or <c>Opaque</c>: the type the listing asked for.</summary>
    public string Type { get; init; } = TlsType;

    /// <summary>The type of Secrets made for certificates.</summary>
    public const string TlsType = "kubernetes.io/tls";

    /// <summary>The type of Secrets without a schema, read only when asked for.</summary>
    public const string OpaqueType = "Opaque";

    /// <summary><c>namespace/name</c>, as in the tag <see cref="Ownership.SourceTag"/>.</summary>
    public string Source => $"{Namespace}/{Name}";

    /// <inheritdoc/>
    public override string ToString() => Source;
}
