namespace ClusterTrust.Oidc.Issuer;

/// <summary>
/// The OpenID Connect discovery document, with the members kube-apiserver serves. Two are equal regardless of the
/// order of values in a list.
/// </summary>
internal sealed record DiscoveryDocument(
    string Issuer,
    string JwksUri,
    IReadOnlyList<string> ResponseTypes,
    IReadOnlyList<string> SubjectTypes,
    IReadOnlyList<string> SigningAlgorithms)
{
    /// <summary>The names of its members besides these, for a message; empty in what is published.</summary>
    public string OtherMembers { get; init; } = "";

    public bool Equals(DiscoveryDocument? other) =>
        other is not null
        && Issuer == other.Issuer
        && JwksUri == other.JwksUri
        && OtherMembers == other.OtherMembers
        && Same(ResponseTypes, other.ResponseTypes)
        && Same(SubjectTypes, other.SubjectTypes)
        && Same(SigningAlgorithms, other.SigningAlgorithms);

    public override int GetHashCode() => HashCode.Combine(Issuer, JwksUri);

    private static bool Same(IReadOnlyList<string> left, IReadOnlyList<string> right) =>
        left.ToHashSet(StringComparer.Ordinal).SetEquals(right);
}
