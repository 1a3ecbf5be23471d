namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>The certificates of one vault and the moves between being there, deleted, and recovered.</summary>
internal sealed class CertificateStore(TimeProvider clock)
{
    private readonly Dictionary<string, StoredCertificate> certificates = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock gate = new();
    private StoredCertificate[]? sorted;

    /// <summary>Every certificate by name, deleted ones included.</summary>
    public IReadOnlyList<StoredCertificate> All()
    {
        lock (gate)
        {
            return sorted ??= [.. certificates.Values.OrderBy(static certificate => certificate.Name, StringComparer.OrdinalIgnoreCase)];
        }
    }

    public StoredCertificate? Find(string name)
    {
        lock (gate)
        {
            return certificates.GetValueOrDefault(name);
        }
    }

    /// <summary>Finds a certificate that is neither deleted nor on its way.</summary>
    /// <exception cref="VaultErrorException">404.</exception>
    public StoredCertificate GetActive(string name) =>
        Find(name) is { } found && found.PhaseAt(clock.GetUtcNow()) == CertificatePhase.Active ? found : throw VaultErrors.NotFound(name);

    /// <exception cref="VaultErrorException">404, also while the deletion goes on.</exception>
    public StoredCertificate GetDeleted(string name) =>
        Find(name) is { } found && found.PhaseAt(clock.GetUtcNow()) == CertificatePhase.Deleted ? found : throw VaultErrors.DeletedNotFound(name);

    /// <summary>Adds a version; the policy is set anew.</summary>
    /// <exception cref="VaultErrorException">409: the name belongs to a certificate that is deleted or on its way.</exception>
    public StoredCertificate Put(string name, StoredVersion version, StoredPolicy policy)
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            if (Find(name) is not { } found)
            {
                return Set(new StoredCertificate(name, [version], policy, now, now));
            }

            RefuseUnlessActive(found, now);
            return Set(found with { Versions = [.. found.Versions, version], Policy = policy, PolicyUpdated = now });
        }
    }

    /// <summary>Changes one version, or the latest when no id is given.</summary>
    /// <exception cref="VaultErrorException">404.</exception>
    public (StoredCertificate Certificate, StoredVersion Version) Change(string name, string? id, Func<StoredVersion, StoredVersion> change)
    {
        lock (gate)
        {
            var found = GetActive(name);
            var old = VersionOf(found, id);
            var changed = change(old) with { Updated = clock.GetUtcNow() };
            var certificate = Set(found with { Versions = [.. found.Versions.Select(version => version == old ? changed : version)] });
            return (certificate, changed);
        }
    }

    public StoredCertificate ChangePolicy(string name, Func<StoredPolicy, StoredPolicy> change)
    {
        lock (gate)
        {
            var found = GetActive(name);
            return Set(found with { Policy = change(found.Policy), PolicyUpdated = clock.GetUtcNow() });
        }
    }

    public StoredCertificate Delete(string name, VaultOptions options)
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            if (Find(name) is not { } found || found.PhaseAt(now) == CertificatePhase.Deleted)
            {
                throw VaultErrors.NotFound(name);
            }

            RefuseUnlessActive(found, now);
            return Set(found with { DeletedAt = now, SettledAt = now + options.DeleteDelay, ScheduledPurge = now.AddDays(options.RecoverableDays) });
        }
    }

    public void Settle(string name)
    {
        lock (gate)
        {
            if (Find(name) is { } found)
            {
                Set(found with { SettledAt = clock.GetUtcNow() });
            }
        }
    }

    public StoredCertificate Recover(string name, VaultOptions options)
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            return Set(FindDeleted(name, now) with { DeletedAt = null, ScheduledPurge = null, SettledAt = now + options.RecoverDelay });
        }
    }

    /// <exception cref="VaultErrorException">404.</exception>
    public static StoredVersion VersionOf(StoredCertificate certificate, string? id) =>
        id is null ? certificate.Latest : certificate.Versions.FirstOrDefault(version => version.Id == id) ?? throw VaultErrors.NotFound($"{certificate.Name}/{id}");

    private StoredCertificate FindDeleted(string name, DateTimeOffset now)
    {
        var found = Find(name);
        return found?.PhaseAt(now) switch
        {
            CertificatePhase.Deleted => found,
            CertificatePhase.BeingDeleted => throw VaultErrors.BeingDeleted(),
            _ => throw VaultErrors.DeletedNotFound(name),
        };
    }

    private static void RefuseUnlessActive(StoredCertificate certificate, DateTimeOffset now)
    {
        switch (certificate.PhaseAt(now))
        {
            case CertificatePhase.BeingDeleted:
                throw VaultErrors.BeingDeleted();
            case CertificatePhase.BeingRecovered:
                throw VaultErrors.BeingRecovered();
            case CertificatePhase.Deleted:
                throw VaultErrors.DeletedButRecoverable(certificate.Name);
        }
    }

    private StoredCertificate Set(StoredCertificate certificate)
    {
        certificates[certificate.Name] = certificate;
        sorted = null;
        return certificate;
    }
}
