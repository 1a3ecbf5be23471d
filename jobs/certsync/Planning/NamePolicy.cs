using System.Collections.Immutable;

namespace ClusterTrust.CertSync.Planning;

/// <summary>
/// The names that namespaces may use beyond those that the template makes of their own Secrets: through the annotation
/// <see cref="Annotations.Name"/>, and although another namespace has filled them.
/// </summary>
/// <param name="Grants">Prefixes granted to namespaces.</param>
public sealed record NamePolicy(ImmutableArray<NameGrant> Grants)
{
    /// <summary>Whether a grant gives <paramref name="namespace"/> the name <paramref name="wanted"/>.</summary>
    /// <param name="namespace">The Secret's namespace.</param>
    /// <param name="wanted">The name as Key Vault would hold it, compared without regard to case.</param>
    public bool IsGranted(string @namespace, string wanted) =>
        Grants.Any(grant => grant.Namespaces.IsMatch(@namespace)
            && wanted.StartsWith(grant.Prefix, StringComparison.OrdinalIgnoreCase));
}
