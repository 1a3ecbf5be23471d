using System.Collections.Immutable;

namespace ClusterTrust.CertSync.Planning;

/// <summary>
/// Says which names a namespace may use. Without grants those are the names the template makes from the namespace's own
/// Secrets, so that no tenant can write over another's certificate through an annotation.
/// </summary>
/// <param name="Grants">Prefixes granted to namespaces.</param>
public sealed record NamePolicy(ImmutableArray<NameGrant> Grants)
{
    /// <summary>Whether <paramref name="namespace"/> may use <paramref name="wanted"/>.</summary>
    /// <param name="namespace">The Secret's namespace.</param>
    /// <param name="wanted">The name as Key Vault would hold it.</param>
    /// <param name="derived">The names the template makes from this namespace's Secrets, compared without regard to case.</param>
    public bool Allows(string @namespace, string wanted, IReadOnlySet<string> derived) =>
        derived.Contains(wanted)
        || Grants.Any(grant => grant.Namespaces.IsMatch(@namespace)
            && wanted.StartsWith(grant.Prefix, StringComparison.OrdinalIgnoreCase));
}
