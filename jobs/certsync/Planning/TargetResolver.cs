namespace ClusterTrust.CertSync.Planning;

/// <summary>The result of <see cref="TargetResolver.Resolve"/>.</summary>
/// <param name="Targets">What should be in the vaults, one target for each name, ordered by vault and name.</param>
/// <param name="Unresolved">Lines about Secrets without a name in a vault: skipped or refused, with their reason.</param>
public sealed record ResolvedTargets(ImmutableArray<SyncTarget> Targets, ImmutableArray<SyncAction> Unresolved);

/// <summary>Decides into which vaults and under which name every Secret is imported, or why it is not. By metadata alone.</summary>
/// <param name="vaults">The configured vaults' aliases; the first is the default.</param>
public sealed class TargetResolver(SecretFilter filter, VaultNames names, SyncPolicy policy, ImmutableArray<string> vaults)
{
    /// <summary>
    /// Secrets of one namespace that may request one name. All that do are read before the name is decided on, also for a name of another
    /// namespace, whose renewal a tenant could otherwise delay indefinitely.
    /// </summary>
    private const int MaximumRequests = 8;

    /// <param name="listing">What the vaults have: a certificate keeps the name under which an earlier release imported it.</param>
    /// <param name="unlisted">The namespaces of which Secrets may be missing from <paramref name="secrets"/>.</param>
    /// <param name="cancellationToken">Observed before every Secret.</param>
    public ResolvedTargets Resolve(
        IEnumerable<TlsSecretRef> secrets, IEnumerable<VaultCertificate> listing, IReadOnlyCollection<string> unlisted, CancellationToken cancellationToken)
    {
        var unresolved = ImmutableArray.CreateBuilder<SyncAction>();
        var selected = new List<TlsSecretRef>();
        foreach (var secret in secrets)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (filter.Exclude(secret) is (var reason, var sentence))
            {
                unresolved.Add(Line(secret, reason is Reason.AnnotationTooLong or Reason.AnnotationInvalid ? ActionKind.Refuse : ActionKind.Skip, reason, sentence));
            }
            else
            {
                selected.Add(secret);
            }
        }

        var present = listing.ToDictionary(static certificate => certificate.Key);

        // Of the names that annotations request, those that the template derives from the namespace's own Secrets, and what they were before mapping.
        var requested = selected.Where(static secret => RequestedName(secret) is not null)
            .SelectMany(secret => VaultsOf(secret).Vaults.Select(vault => (secret.Namespace, Key: new VaultKey(vault, VaultNames.Map(RequestedName(secret)!))))).ToHashSet();
        var own = new Dictionary<(string Namespace, VaultKey Key), (string Name, string RawName)>();
        foreach (var secret in requested.Count == 0 ? [] : selected)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var vault in vaults)
            {
                var name = NameOf(secret, vault, present);
                if (requested.Contains((secret.Namespace, new VaultKey(vault, name.Name))))
                {
                    own.TryAdd((secret.Namespace, new VaultKey(vault, name.Name)), name);
                }
            }
        }

        var claims = new Dictionary<VaultKey, List<(string RawName, TlsSecretRef Secret)>>();
        foreach (var secret in selected)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var requestedName = RequestedName(secret);
            var (chosen, fault) = VaultsOf(secret);
            if (requestedName is not null && !policy.IsGranted(secret.Namespace, VaultNames.Map(requestedName))
                && chosen.Any(vault => !own.ContainsKey((secret.Namespace, new VaultKey(vault, VaultNames.Map(requestedName))))))
            {
                unresolved.Add(Line(secret, ActionKind.Refuse, Reason.NameNotAllowed,
                    $"The annotation {Annotations.Name} requests '{Annotations.Quote(requestedName)}', which namespace {secret.Namespace} may not use: only names of its own Secrets, or under a prefix granted to it with --grant."));
                continue;
            }

            if (fault is not null)
            {
                unresolved.Add(Line(secret, ActionKind.Refuse, Reason.UnknownVault, fault));
            }

            foreach (var vault in chosen)
            {
                var (mapped, raw) = requestedName is null ? NameOf(secret, vault, present)
                    : own.TryGetValue((secret.Namespace, new VaultKey(vault, requestedName)), out var ownName) && ownName.Name == requestedName ? ownName
                    : (VaultNames.Map(requestedName), requestedName);
                // In the vault's spelling: labels and links would change whenever another namespace requests the name in another one.
                var key = present.GetValueOrDefault(new VaultKey(vault, mapped))?.Key ?? new VaultKey(vault, mapped);
                if (!claims.TryGetValue(key, out var claimants))
                {
                    claims[key] = claimants = [];
                }

                claimants.Add((raw, secret));
            }
        }

        var tooMany = new Dictionary<VaultKey, ImmutableArray<string>>();
        foreach (var (key, requests) in claims.Where(static claim => claim.Value.Count > MaximumRequests))
        {
            var refused = RefuseTooMany(key, requests, present.GetValueOrDefault(key));
            unresolved.AddRange(refused);
            tooMany[key] = [.. refused.Select(static line => line.Sources[0].Namespace)];
        }

        var targets = claims.Where(static claim => claim.Value.Count > 0)
            .Select(claim => Target(claim.Key, claim.Value, unlisted) with { TooMany = tooMany.GetValueOrDefault(claim.Key, []) })
            .OrderBy(target => target.Vault, StringComparer.OrdinalIgnoreCase)
            .ThenBy(target => target.Name, StringComparer.OrdinalIgnoreCase);
        return new ResolvedTargets([.. targets], unresolved.ToImmutable());
    }

    private static string? RequestedName(TlsSecretRef secret) => secret.Annotations.GetValueOrDefault(Annotations.Name)?.Trim() is { Length: > 0 } name ? name : null;

    private bool MayKeepName(VaultCertificate certificate) => Ownership.OwnerOf(certificate, policy.Cluster) is var owner
        && (owner == Owner.Us || (owner == Owner.KeyVaultSync && policy.Adopt));

    /// <summary>
    /// The name of a Secret's certificate by the template, and what it was before mapping. Names with the namespace were once ambiguous;
    /// a certificate that the same namespace imported under such a name keeps it.
    /// </summary>
    private (string Name, string RawName) NameOf(TlsSecretRef secret, string vault, Dictionary<VaultKey, VaultCertificate> present)
    {
        var raw = names.Derive(secret.Namespace, filter.NameOf(secret));
        return names.IsPerNamespace && present.TryGetValue(new VaultKey(vault, VaultNames.Map(raw)), out var existing)
            && MayKeepName(existing) && Ownership.IsNamed(existing, secret.Namespace, raw)
            ? (existing.Name, raw)
            : (names.NameOf(secret.Namespace, filter.NameOf(secret)), raw);
    }

    /// <summary>Removes the requests of namespaces that have too many.</summary>
    /// <param name="current">What the vault's listing has under the name; null if nothing.</param>
    /// <returns>A line for each of these namespaces.</returns>
    private static SyncAction[] RefuseTooMany(VaultKey key, List<(string RawName, TlsSecretRef Secret)> requests, VaultCertificate? current)
    {
        var tooMany = requests.Select(static request => request.Secret).GroupBy(static secret => secret.Namespace, StringComparer.Ordinal)
            .Where(static secrets => secrets.Count() > MaximumRequests).ToDictionary(static secrets => secrets.Key, StringComparer.Ordinal);
        requests.RemoveAll(request => tooMany.ContainsKey(request.Secret.Namespace));
        return
        [
            .. tooMany.Values.Select(secrets => SyncAction.On(
                new SyncTarget(key.Vault, key.Name, key.Name, [.. secrets]), current, ActionKind.Refuse, Reason.ConflictingSources,
                $"{secrets.Count()} Secrets of namespace {secrets.Key} request '{key.Name}' in {key.Vault}, and none of more than {MaximumRequests} is read: delete those that are not needed, or give their certificates different names.")),
        ];
    }

    private SyncTarget Target(VaultKey key, List<(string RawName, TlsSecretRef Secret)> claims, IReadOnlyCollection<string> unlisted)
    {
        var (rawName, _) = claims[0];
        return new SyncTarget(key.Vault, key.Name, rawName, [.. claims.Select(claim => claim.Secret).OrderBy(secret => secret.Source, StringComparer.Ordinal)])
        {
            OtherNames = claims.Where(claim => claim.RawName != rawName).ToImmutableDictionary(claim => claim.Secret.Source, claim => claim.RawName),
            Unlisted = [.. names.IsPerNamespace ? unlisted.Where(name => policy.IsGranted(name, key.Name)) : unlisted],
        };
    }

    /// <summary>The vaults that a Secret requests, and one sentence about those that are not configured.</summary>
    private (IReadOnlyList<string> Vaults, string? Fault) VaultsOf(TlsSecretRef secret)
    {
        if (secret.Annotations.GetValueOrDefault(Annotations.Vault) is not { Length: > 0 } value)
        {
            return ([vaults[0]], null);
        }

        var aliases = value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Distinct(StringComparer.OrdinalIgnoreCase).ToArray();
        var known = vaults.Where(vault => aliases.Contains(vault, StringComparer.OrdinalIgnoreCase)).ToArray();
        var configured = $"the configured vaults are {string.Join(", ", vaults)}";
        return aliases.Length == 0 ? ([], $"The annotation {Annotations.Vault} names no vault: {configured}; remove it to use {vaults[0]}.")
            : aliases.Except(known, StringComparer.OrdinalIgnoreCase).ToArray() is [_, ..] unknown
                ? (known, $"The annotation {Annotations.Vault} names '{Annotations.Quote(string.Join(", ", unknown))}', but {configured}.")
                : (known, null);
    }

    private static SyncAction Line(TlsSecretRef secret, ActionKind kind, Reason reason, string sentence) =>
        new(kind, reason, sentence) { Sources = [secret] };
}
