namespace ClusterTrust.Oidc.Issuer;

/// <summary>
/// The OpenID Connect discovery document, with the members kube-apiserver serves. Two of them are equal when they say the same;
/// the order of values in a list says nothing.
/// </summary>
/// <param name="Issuer">The issuer, to the character.</param>
/// <param name="JwksUri">Where the key set is served.</param>
/// <param name="ResponseTypes"><c>response_types_supported</c>.</param>
/// <param name="SubjectTypes"><c>subject_types_supported</c>.</param>
/// <param name="SigningAlgorithms"><c>id_token_signing_alg_values_supported</c>.</param>
public sealed record DiscoveryDocument(
    string Issuer,
    string JwksUri,
    IReadOnlyList<string> ResponseTypes,
    IReadOnlyList<string> SubjectTypes,
    IReadOnlyList<string> SigningAlgorithms)
{
    /// <summary>Whether both say the same.</summary>
    public bool Equals(DiscoveryDocument? other) =>
        other is not null
        && Issuer == other.Issuer
        && JwksUri == other.JwksUri
        && Same(ResponseTypes, other.ResponseTypes)
        && Same(SubjectTypes, other.SubjectTypes)
        && Same(SigningAlgorithms, other.SigningAlgorithms);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Issuer, JwksUri);

    private static bool Same(IReadOnlyList<string> left, IReadOnlyList<string> right) =>
        left.ToHashSet(StringComparer.Ordinal).SetEquals(right);
}
