namespace ClusterTrust.CertSync.Serving;

/// <summary>Compares the certificate that an endpoint served with those in the vault. Same input, same result.</summary>
public sealed class ServingRules(TimeSpan propagation)
{
    /// <param name="isSynced">Whether, by its tags, the vault has the cluster's certificate. If not, the cluster may have a newer certificate.</param>
    public EndpointCheck Compare(Endpoint endpoint, VaultHistory vault, bool isSynced, ServedCertificate served, DateTimeOffset now)
    {
        var name = $"'{vault.Current.Name}' in {vault.Current.Vault}";
        var same = vault.Versions.Where(version => version.Thumbprint == served.Thumbprint).ToArray();
        var isNewest = served.Thumbprint == vault.Current.Thumbprint;
        var since = SinceOf(vault, same);
        return Decide() with { Endpoint = endpoint.ToString(), Vault = vault.Current.Vault, Name = vault.Current.Name, Served = served, Since = since };

        EndpointCheck Decide() => same.Length switch
        {
            0 => NotInVault(),
            _ when now < served.NotBefore => new(ServingState.NotValid,
                $"The certificate that {endpoint} serves is not valid before {Sentence.Time(served.NotBefore)}; clients reject it until then."),
            _ when now > served.NotAfter => new(ServingState.NotValid,
                $"The certificate that {endpoint} serves expired at {Sentence.Time(served.NotAfter)}; {(isNewest ? "find out why it was not renewed (kubectl describe certificate)" : $"have the endpoint load the newest version of {name}")}."),
            _ when !isNewest && !(now - since <= propagation) => new(ServingState.Outdated,
                $"{endpoint} serves an older version of {name}{(since is { } start ? $"; the newer one has been there since {Sentence.Time(start)}" : "")}: have the endpoint load the newest version, and refer to the certificate without a version."),
            _ when !served.ReachesRoot && !same.Any(version => IsAsImported(version, served)) => new(ServingState.ChainIncomplete,
                $"{endpoint} serves {name} without the intermediate certificates that lead to its root; clients that do not have them reject it, so configure the endpoint to send the whole chain."),
            _ when isNewest => new(ServingState.Served, $"{endpoint} serves the newest version of {name}.") { Warnings = WarningsOf(vault, served, now) },
            _ => new(ServingState.Propagating,
                $"{endpoint} still serves an older version of {name}; the newer one has been there since {Sentence.Time(since!.Value)}, and must be served by {Sentence.Time(since.Value + propagation)}.")
            {
                Warnings = WarningsOf(vault, served, now),
            },
        };

        EndpointCheck NotInVault() => !vault.IsComplete
            ? new(ServingState.Refused,
                $"{endpoint} serves none of the versions of {name} that were read, but not all could be read: compare the thumbprint {served.Thumbprint} with the vault's.")
            : !isSynced ? new(ServingState.VaultBehind,
                $"{endpoint} serves no version of {name}, but the cluster's certificate has changed since the last import and may be the one served: run certsync sync, then verify again.")
            : new(ServingState.AnotherCertificate,
                $"{endpoint} serves a certificate that is no version of {name}: its subject is {served.Subject}, its issuer {served.Issuer}, and it expires at {Sentence.Time(served.NotAfter)}; have the endpoint use the one in the vault, or remove the endpoint.");
    }

    /// <summary>When the vault received the certificate that followed the one served; null if that is the newest one, or the time is unknown.</summary>
    private static DateTimeOffset? SinceOf(VaultHistory vault, VaultCertificate[] same) =>
        same.Length == 0 || same[0].Thumbprint == vault.Current.Thumbprint || same.Any(static version => version.CreatedOn is null) ? null
            : vault.Versions.Where(version => version.Thumbprint != same[0].Thumbprint && version.CreatedOn >= same.Max(static one => one.CreatedOn)).Min(static version => version.CreatedOn);

    private static bool IsAsImported(VaultCertificate version, ServedCertificate served) =>
        Ownership.IsDescribed(version) && version.Tags.TryGetValue(Ownership.ChainTag, out var chain) && served.ChainDigests.Contains(chain);

    private ImmutableArray<string> WarningsOf(VaultHistory vault, ServedCertificate served, DateTimeOffset now)
    {
        var warnings = ImmutableArray.CreateBuilder<string>();
        if (served.NotAfter - now < propagation)
        {
            warnings.Add($"The certificate served expires at {Sentence.Time(served.NotAfter)}, and a renewed one may take {Format(propagation)} to be served: renew it now.");
        }

        if (LeftAtRenewal(vault) is { } left && left < propagation)
        {
            warnings.Add($"At the last renewal, the previous certificate was valid for another {Format(left)}, but a renewed one may take {Format(propagation)} to be served: renew earlier (renewBefore of the Certificate).");
        }

        return warnings.ToImmutable();
    }

    /// <summary>The remaining validity of the previous certificate when the newest was imported; null if there is none, or the time is unknown.</summary>
    private static TimeSpan? LeftAtRenewal(VaultHistory vault)
    {
        var previous = vault.Versions.Where(version => version.Thumbprint != vault.Current.Thumbprint && version.CreatedOn is not null).MaxBy(static version => version.CreatedOn);
        var renewed = vault.Versions.Where(version => version.Thumbprint == vault.Current.Thumbprint && version.CreatedOn >= previous?.CreatedOn).Min(static version => version.CreatedOn);
        return previous?.NotAfter - renewed;
    }

    /// <summary>Hours, or minutes below two hours.</summary>
    private static string Format(TimeSpan time) => time.TotalHours >= 2
        ? string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(time.TotalHours)} hours")
        : string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, Math.Floor(time.TotalMinutes))} minutes");
}
