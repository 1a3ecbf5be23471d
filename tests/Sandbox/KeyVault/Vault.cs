namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>One vault: its certificates, who may do what, and how it behaves.</summary>
public sealed class Vault
{
    private readonly ConcurrentDictionary<string, VaultRights> _rights = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock _gate = new();
    private readonly TimeProvider _clock;
    private volatile ImmutableSortedDictionary<string, StoredCertificate> _certificates = ImmutableSortedDictionary.Create<string, StoredCertificate>(StringComparer.OrdinalIgnoreCase);

    internal Vault(string name, string tenantId, VaultOptions options, TimeProvider clock)
    {
        (Name, TenantId, Options, this._clock) = (name, tenantId, options, clock);
        Host = $"{name}.{options.Suffix}".ToLowerInvariant();
    }

    public string Name { get; }

    public string TenantId { get; }

    public string Host { get; }

    public Uri Address => new($"https://{Host}/");

    /// <summary>How it behaves; a changed copy takes effect at once. A change of the suffix does not move it.</summary>
    public VaultOptions Options { get; set; }

    public IReadOnlyList<StoredCertificate> Certificates => [.. _certificates.Values];

    /// <summary>The resource of the vault's cloud: <c>https://</c> and the DNS suffix.</summary>
    internal string Resource => $"https://{Host[(Host.IndexOf('.', StringComparison.Ordinal) + 1)..]}";

    internal string Subscription { get; } = Guid.NewGuid().ToString();

    internal ThrottleWindow Imports { get; } = new();

    internal ThrottleWindow Others { get; } = new();

    public StoredCertificate? Find(string name) => _certificates.GetValueOrDefault(name);

    public CertificatePhase? PhaseOf(string name) => Find(name)?.PhaseAt(_clock.GetUtcNow());

    /// <summary>Grants rights, in addition to those it has, to a principal: an object id or a client id.</summary>
    public Vault Grant(string principal, VaultRights granted)
    {
        _rights.AddOrUpdate(principal, granted, (_, had) => had | granted);
        return this;
    }

    /// <summary>Takes rights away again; all of them when not said which.</summary>
    public void Revoke(string principal, VaultRights taken = VaultRights.CertificatesOfficer) =>
        _rights.AddOrUpdate(principal, VaultRights.None, (_, had) => had & ~taken);

    /// <summary>Puts a version into the vault without a request and without Key Vault's rules.</summary>
    /// <param name="certificate">The leaf. Its private key, when it has one, is kept.</param>
    public StoredVersion Seed(
        string name,
        X509Certificate2 certificate,
        IReadOnlyDictionary<string, string>? tags = null,
        bool enabled = true,
        StoredPolicy? policy = null)
    {
        var leaf = new X509Certificate2(certificate);
        var version = new StoredVersion(leaf, [leaf], _clock.GetUtcNow()) { Enabled = enabled, Tags = new Dictionary<string, string>(tags ?? new Dictionary<string, string>()) };
        Put(name, version, policy ?? new StoredPolicy());
        return version;
    }

    public StoredCertificate Delete(string name)
    {
        lock (_gate)
        {
            var now = _clock.GetUtcNow();
            if (Find(name) is not { } found || found.PhaseAt(now) == CertificatePhase.Deleted)
            {
                throw VaultErrors.NotFound(name);
            }

            return Set(Active(found, now) with { DeletedAt = now, SettledAt = now + Options.DeleteDelay, ScheduledPurge = now.AddDays(Options.RecoverableDays) });
        }
    }

    /// <summary>Ends the deletion or recovery of a certificate that is going on, whatever its delay.</summary>
    public void Settle(string name)
    {
        lock (_gate)
        {
            Set(_certificates[name] with { SettledAt = _clock.GetUtcNow() });
        }
    }

    internal bool Allows(AccessToken caller, VaultRights wanted) =>
        (_rights.GetValueOrDefault(caller.Application.ObjectId) | _rights.GetValueOrDefault(caller.Application.ClientId)).HasFlag(wanted);

    internal StoredCertificate GetActive(string name) =>
        Find(name) is { } found && found.PhaseAt(_clock.GetUtcNow()) == CertificatePhase.Active ? found : throw VaultErrors.NotFound(name);

    internal StoredCertificate GetDeleted(string name) =>
        Find(name) is { } found && found.PhaseAt(_clock.GetUtcNow()) == CertificatePhase.Deleted ? found : throw VaultErrors.DeletedNotFound(name);

    /// <summary>Adds a version; the policy is set anew.</summary>
    /// <exception cref="VaultError">409: the name belongs to a certificate that is deleted or on its way.</exception>
    internal StoredCertificate Put(string name, StoredVersion version, StoredPolicy policy)
    {
        lock (_gate)
        {
            var now = _clock.GetUtcNow();
            return Set(Find(name) is { } found
                ? Active(found, now) with { Versions = [.. found.Versions, version], Policy = policy, PolicyUpdated = now }
                : new StoredCertificate(name, [version], policy, now));
        }
    }

    internal (StoredCertificate Certificate, StoredVersion Version) Change(string name, string? id, Func<StoredVersion, StoredVersion> change)
    {
        lock (_gate)
        {
            var found = GetActive(name);
            var old = found.Version(id);
            var changed = change(old) with { Updated = _clock.GetUtcNow() };
            return (Set(found with { Versions = [.. found.Versions.Select(version => version == old ? changed : version)] }), changed);
        }
    }

    internal StoredCertificate ChangePolicy(string name, Func<StoredPolicy, StoredPolicy> change)
    {
        lock (_gate)
        {
            var found = GetActive(name);
            return Set(found with { Policy = change(found.Policy), PolicyUpdated = _clock.GetUtcNow() });
        }
    }

    internal StoredCertificate Recover(string name)
    {
        lock (_gate)
        {
            var found = PhaseOf(name) == CertificatePhase.BeingDeleted ? throw VaultErrors.BeingDeleted() : GetDeleted(name);
            return Set(found with { DeletedAt = null, ScheduledPurge = null, SettledAt = _clock.GetUtcNow() + Options.RecoverDelay });
        }
    }

    private static StoredCertificate Active(StoredCertificate certificate, DateTimeOffset now) => certificate.PhaseAt(now) switch
    {
        CertificatePhase.BeingDeleted => throw VaultErrors.BeingDeleted(),
        CertificatePhase.BeingRecovered => throw VaultErrors.BeingRecovered(),
        CertificatePhase.Deleted => throw VaultErrors.DeletedButRecoverable(certificate.Name),
        _ => certificate,
    };

    private StoredCertificate Set(StoredCertificate certificate)
    {
        _certificates = _certificates.SetItem(certificate.Name, certificate);
        return certificate;
    }
}
