using System.Collections.Immutable;

namespace ClusterTrust.CertSync.Planning;

/// <summary>Finds the place in a vault for every Secret, or says why it has none. Nothing is read and nothing is written.</summary>
/// <param name="filter">Which Secrets are synced.</param>
/// <param name="names">How names are made.</param>
/// <param name="policy">Which names a namespace may use.</param>
/// <param name="vaults">The configured vaults' aliases; the first is the default.</param>
public sealed class TargetResolver(SecretFilter filter, VaultNames names, NamePolicy policy, ImmutableArray<string> vaults)
{
    /// <summary>Sorts a listing into targets and Secrets without one.</summary>
    public Targets Resolve(IEnumerable<TlsSecretRef> secrets)
    {
        var dropped = ImmutableArray.CreateBuilder<SyncAction>();
        var selected = new List<TlsSecretRef>();
        var derived = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var secret in secrets)
        {
            if (filter.Exclude(secret) is { } reason)
            {
                dropped.Add(SyncAction.About(secret, ActionKind.Skip, reason, Sentence(reason, secret)));
                continue;
            }

            selected.Add(secret);
            if (!derived.TryGetValue(secret.Namespace, out var own))
            {
                derived[secret.Namespace] = own = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            }

            own.Add(VaultNames.Map(DerivedName(secret)));
        }

        var places = new Dictionary<VaultKey, List<(string RawName, TlsSecretRef Secret)>>();
        foreach (var secret in selected)
        {
            var raw = secret.Annotations.GetValueOrDefault(Annotations.Name) is { Length: > 0 } asked ? asked : DerivedName(secret);
            var name = VaultNames.Map(raw);
            if (!policy.Allows(secret.Namespace, name, derived[secret.Namespace]))
            {
                dropped.Add(SyncAction.About(secret, ActionKind.Refuse, Reason.NameNotAllowed,
                    $"The annotation {Annotations.Name} asks for '{raw}', which namespace {secret.Namespace} may not use: only names of its own Secrets, or under a prefix granted to it with --grant."));
                continue;
            }

            foreach (var vault in VaultsOf(secret, dropped))
            {
                var key = new VaultKey(vault, name);
                if (!places.TryGetValue(key, out var list))
                {
                    places[key] = list = [];
                }

                list.Add((raw, secret));
            }
        }

        var targets = ImmutableArray.CreateBuilder<SyncTarget>(places.Count);
        foreach (var (key, members) in places)
        {
            var sources = members.Select(member => member.Secret)
                .OrderBy(secret => secret.Source, StringComparer.Ordinal).ToImmutableArray();
            var target = new SyncTarget(key.Vault, members[0].RawName is var raw ? VaultNames.Map(raw) : key.Name, raw, sources);
            var rawNames = members.Select(member => member.RawName).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
            if (rawNames.Length == 1)
            {
                targets.Add(target);
            }
            else
            {
                dropped.Add(SyncAction.On(target, null, ActionKind.Refuse, Reason.NameCollision,
                    $"The names {string.Join(" and ", rawNames)} become one in Key Vault: '{target.Name}' is wanted by {string.Join(" and ", sources)}."));
            }
        }

        targets.Sort((left, right) => Compare(left.Key, right.Key));
        return new Targets(targets.ToImmutable(), dropped.ToImmutable());
    }

    private string DerivedName(TlsSecretRef secret) => names.Derive(secret.Namespace, filter.NameOf(secret));

    private List<string> VaultsOf(TlsSecretRef secret, ImmutableArray<SyncAction>.Builder dropped)
    {
        if (secret.Annotations.GetValueOrDefault(Annotations.Vault) is not { Length: > 0 } asked)
        {
            return [vaults[0]];
        }

        var found = new List<string>();
        foreach (var alias in asked.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (vaults.FirstOrDefault(vault => string.Equals(vault, alias, StringComparison.OrdinalIgnoreCase)) is { } known)
            {
                found.Add(known);
            }
            else
            {
                dropped.Add(SyncAction.About(secret, ActionKind.Refuse, Reason.UnknownVault,
                    $"The annotation {Annotations.Vault} names '{alias}', but the configured vaults are {string.Join(", ", vaults)}."));
            }
        }

        return found;
    }

    private static int Compare(VaultKey left, VaultKey right)
    {
        var vault = string.Compare(left.Vault, right.Vault, StringComparison.OrdinalIgnoreCase);
        return vault != 0 ? vault : string.Compare(left.Name, right.Name, StringComparison.OrdinalIgnoreCase);
    }

    private string Sentence(Reason reason, TlsSecretRef secret) => reason switch
    {
        Reason.NextPrivateKey => "It holds cert-manager's next private key during an issuance, not a certificate.",
        Reason.NoCertificateAnnotation => $"It has no annotation {filter.CertificateAnnotation}.",
        Reason.NamespaceNotSelected => $"Namespace {secret.Namespace} is not selected.",
        Reason.NameNotSelected => $"Certificate {filter.NameOf(secret)} is not selected by name.",
        _ => $"The annotation {Annotations.Enabled} switches it off.",
    };
}
