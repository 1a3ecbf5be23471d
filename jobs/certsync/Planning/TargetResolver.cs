using System.Collections.Immutable;

namespace ClusterTrust.CertSync.Planning;

/// <summary>Finds the place in a vault for every Secret, or says why it has none. Nothing is read and nothing is written.</summary>
/// <param name="filter">Which Secrets are synced.</param>
/// <param name="names">How names are made.</param>
/// <param name="policy">What is allowed.</param>
/// <param name="vaults">The configured vaults' aliases; the first is the default.</param>
public sealed class TargetResolver(SecretFilter filter, VaultNames names, SyncPolicy policy, ImmutableArray<string> vaults)
{
    /// <summary>How much of a text that a tenant wrote is quoted, in characters.</summary>
    private const int LongestQuote = 100;

    /// <summary>Sorts a listing into targets and Secrets without one.</summary>
    /// <param name="secrets">The Secrets.</param>
    /// <param name="listing">What the vaults have: a certificate keeps the name under which an earlier release imported it.</param>
    public Targets Resolve(IEnumerable<TlsSecretRef> secrets, IEnumerable<VaultCertificate>? listing = null)
    {
        var withoutTarget = ImmutableArray.CreateBuilder<SyncAction>();
        var selected = new List<TlsSecretRef>();
        foreach (var secret in secrets)
        {
            if (filter.Exclude(secret) is { } reason)
            {
                withoutTarget.Add(SyncAction.About(secret, reason == Reason.AnnotationTooLong ? ActionKind.Refuse : ActionKind.Skip, reason, Sentence(reason, secret)));
            }
            else
            {
                selected.Add(secret);
            }
        }

        var held = names.IsPerNamespace
            ? (listing ?? []).Where(MayKeepItsName).ToDictionary(certificate => certificate.Key)
            : [];
        var own = OwnNames(selected, held);
        var places = new Dictionary<VaultKey, List<(string RawName, TlsSecretRef Secret)>>();
        foreach (var secret in selected)
        {
            var asked = secret.Annotations.GetValueOrDefault(Annotations.Name) is { Length: > 0 } name ? name : null;
            if (asked is not null && !own[secret.Namespace].ContainsKey(VaultNames.Map(asked)) && !policy.Names.IsGranted(secret.Namespace, VaultNames.Map(asked)))
            {
                withoutTarget.Add(SyncAction.About(secret, ActionKind.Refuse, Reason.NameNotAllowed,
                    $"The annotation {Annotations.Name} asks for '{Quote(asked)}', which namespace {secret.Namespace} may not use: only names of its own Secrets, or under a prefix granted to it with --grant."));
                continue;
            }

            var (chosen, fault) = VaultsOf(secret);
            if (fault is not null)
            {
                withoutTarget.Add(SyncAction.About(secret, ActionKind.Refuse, Reason.UnknownVault, fault));
            }

            foreach (var vault in chosen)
            {
                var (mapped, raw) = asked is null ? NameOf(secret, vault, held)
                    : own[secret.Namespace].TryGetValue(asked, out var ofOwn) && ofOwn.Name == asked ? ofOwn
                    : (VaultNames.Map(asked), asked);
                var key = new VaultKey(vault, mapped);
                if (!places.TryGetValue(key, out var claims))
                {
                    places[key] = claims = [];
                }

                claims.Add((raw, secret));
            }
        }

        var targets = places.Select(place => Target(place.Key, place.Value)).ToList();
        targets.Sort((left, right) => Compare(left.Key, right.Key));
        return new Targets([.. targets], withoutTarget.ToImmutable());
    }

    private bool MayKeepItsName(VaultCertificate certificate) => Ownership.OwnerOf(certificate, policy.Cluster) switch
    {
        Owner.Us => true,
        Owner.KeyVaultSync => policy.Adopt,
        _ => false,
    };

    /// <summary>The names that the template makes of each namespace's own Secrets, and what they were before mapping.</summary>
    private Dictionary<string, Dictionary<string, (string Name, string RawName)>> OwnNames(
        List<TlsSecretRef> secrets, Dictionary<VaultKey, VaultCertificate> held)
    {
        var own = new Dictionary<string, Dictionary<string, (string Name, string RawName)>>(StringComparer.Ordinal);
        foreach (var secret in secrets)
        {
            if (!own.TryGetValue(secret.Namespace, out var ofNamespace))
            {
                own[secret.Namespace] = ofNamespace = new(StringComparer.OrdinalIgnoreCase);
            }

            foreach (var vault in held.Count > 0 ? vaults : [vaults[0]])
            {
                var name = NameOf(secret, vault, held);
                ofNamespace.TryAdd(name.Name, name);
            }
        }

        return own;
    }

    /// <summary>
    /// The name of a Secret's certificate by the template, and what it was before mapping. Names by namespace were ambiguous before
    /// they had a digest or a doubled hyphen; one that this very namespace has filled under the old name keeps it.
    /// </summary>
    private (string Name, string RawName) NameOf(TlsSecretRef secret, string vault, Dictionary<VaultKey, VaultCertificate> held)
    {
        var raw = names.Derive(secret.Namespace, filter.NameOf(secret));
        return held.TryGetValue(new VaultKey(vault, VaultNames.Map(raw)), out var before) && Ownership.IsNamed(before, secret.Namespace, raw)
            ? (before.Name, raw)
            : (names.NameOf(secret.Namespace, filter.NameOf(secret)), raw);
    }

    private static SyncTarget Target(VaultKey key, List<(string RawName, TlsSecretRef Secret)> claims)
    {
        var (rawName, _) = claims[0];
        return new SyncTarget(key.Vault, key.Name, rawName, [.. claims.Select(claim => claim.Secret).OrderBy(secret => secret.Source, StringComparer.Ordinal)])
        {
            OtherNames = claims.Where(claim => claim.RawName != rawName).ToImmutableDictionary(claim => claim.Secret.Source, claim => claim.RawName),
        };
    }

    /// <summary>The vaults that a Secret asks for, and what is wrong with the rest of what it asks for, in one sentence for all of it.</summary>
    private (IReadOnlyList<string> Vaults, string? Fault) VaultsOf(TlsSecretRef secret)
    {
        if (secret.Annotations.GetValueOrDefault(Annotations.Vault) is not { Length: > 0 } asked)
        {
            return ([vaults[0]], null);
        }

        var aliases = asked.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Distinct(StringComparer.OrdinalIgnoreCase).ToArray();
        var known = vaults.Where(vault => aliases.Contains(vault, StringComparer.OrdinalIgnoreCase)).ToArray();
        var configured = $"the configured vaults are {string.Join(", ", vaults)}";
        return aliases.Length == 0 ? ([], $"The annotation {Annotations.Vault} names no vault: {configured}; remove it for {vaults[0]}.")
            : aliases.Except(known, StringComparer.OrdinalIgnoreCase).ToArray() is [_, ..] unknown
                ? (known, $"The annotation {Annotations.Vault} names '{Quote(string.Join(", ", unknown))}', but {configured}.")
                : (known, null);
    }

    private static string Quote(string text) => text.Length <= LongestQuote ? text : string.Concat(text.AsSpan(0, LongestQuote), "…");

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
        Reason.NameNotSelected => $"Certificate {Quote(filter.NameOf(secret))} is not selected by name.",
        Reason.AnnotationTooLong => $"An annotation that this job reads is longer than {Annotations.MaximumLength} bytes: shorten {string.Join(" or ", TooLong(secret))}.",
        Reason.SwitchedOff => $"The annotation {Annotations.Enabled} switches it off.",
        _ => throw new InvalidOperationException($"{reason} is no reason to leave a Secret out."),
    };

    private static IEnumerable<string> TooLong(TlsSecretRef secret) =>
        secret.Annotations.Where(static annotation => SecretFilter.IsTooLong(annotation.Value)).Select(static annotation => annotation.Key).Order(StringComparer.Ordinal);
}
