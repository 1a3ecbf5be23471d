namespace ClusterTrust.CertSync.Tests.Job;

/// <summary>A vault in memory, with hooks for faults and changes between two requests.</summary>
internal sealed class FakeVault(string alias) : ICertificateVault
{
    private readonly ConcurrentDictionary<string, VaultCertificate> _certificates = new(StringComparer.OrdinalIgnoreCase);

    public VaultAddress Vault { get; } = VaultAddress.Parse($"{alias}=vault-{alias}", null).Value;

    /// <summary>What was written, in order: <c>import web</c>.</summary>
    public ConcurrentQueue<string> Writes { get; } = new();

    public Dictionary<string, VaultCertificate[]> Earlier { get; } = new(StringComparer.OrdinalIgnoreCase);

    public Action OnList { get; set; } = static () => { };

    /// <summary>Whether the certificates are in the list; they can be found by name in any case.</summary>
    public bool IsListed { get; set; } = true;

    /// <summary>Whether the list has neither tags nor times, as with services that only resemble Key Vault.</summary>
    public bool IsSparse { get; set; }

    public Func<string, CancellationToken, Task> OnImport { get; set; } = static (_, _) => Task.CompletedTask;

    public Action OnFindDeleted { get; set; } = static () => { };

    public Func<VaultCertificate, VaultCertificate> OnRecover { get; set; } = static certificate => certificate;

    public Action OnStopRenewal { get; set; } = static () => { };

    public Action<string> OnFind { get; set; } = static _ => { };

    public bool CannotSeeDeleted { get; set; }

    public VaultCertificate this[string name] => _certificates[name];

    public bool Has(string name) => _certificates.TryGetValue(name, out var certificate) && !certificate.IsDeleted;

    public void Change(string name, Func<VaultCertificate, VaultCertificate> change) => _certificates[name] = change(_certificates[name]);

    /// <summary>Puts a certificate without tags into the vault.</summary>
    public void Seed(string name, Issued issued) => _certificates[name] =
        new VaultCertificate(alias, name, issued.Thumbprint) { NotBefore = issued.Certificate.NotBefore, NotAfter = issued.Certificate.NotAfter };

    /// <summary>Puts a certificate of cert-manager-key-vault-sync for this namespace into the vault.</summary>
    public void SeedOfOtherTool(string name, string ns)
    {
        Seed(name, Pki.Leaf);
        Change(name, certificate => certificate with
        {
            Tags = certificate.Tags.Add(Ownership.KeyVaultSyncTag, "cert-manager-key-vault-sync").Add(Ownership.KeyVaultSyncNamespaceTag, ns),
        });
    }

    public void SoftDelete(string name) => Change(name, static certificate => certificate with { IsDeleted = true });

    public Task<IReadOnlyList<VaultCertificate>> ListAsync(CancellationToken cancellationToken)
    {
        OnList();
        return Task.FromResult<IReadOnlyList<VaultCertificate>>(
            [.. _certificates.Values.Where(certificate => IsListed && !certificate.IsDeleted).Select(certificate => IsSparse ? new VaultCertificate(alias, certificate.Name, certificate.Thumbprint) : certificate)]);
    }

    public Task<VaultCertificate?> FindAsync(string name, CancellationToken cancellationToken)
    {
        OnFind(name);
        return Task.FromResult(Has(name) ? _certificates[name] : null);
    }

    public Task<VaultHistory?> FindHistoryAsync(string name, CancellationToken cancellationToken)
    {
        OnFind(name);
        return Task.FromResult(Has(name)
            ? new VaultHistory(_certificates[name], [.. Earlier.GetValueOrDefault(name, []), _certificates[name]], ["DNS:*.example.com"], true)
            : null);
    }

    public Task<IReadOnlyList<VaultCertificate>?> FindDeletedAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        OnFindDeleted();
        return Task.FromResult<IReadOnlyList<VaultCertificate>?>(CannotSeeDeleted ? null
            : [.. _certificates.Values.Where(certificate => certificate.IsDeleted && names.Contains(certificate.Name, StringComparer.OrdinalIgnoreCase))]);
    }

    public byte[] Imported { get; private set; } = [];

    public async Task<VaultCertificate> ImportAsync(CertificateImport import, CancellationToken cancellationToken)
    {
        await OnImport(import.Name, cancellationToken);
        if (_certificates.TryGetValue(import.Name, out var before) && before.IsDeleted)
        {
            throw new VaultException(VaultFault.SoftDeleted, "it is soft-deleted");
        }

        Imported = [.. import.Content];
        _certificates[import.Name] = new VaultCertificate(alias, import.Name, import.Thumbprint) { Tags = import.Tags, NotBefore = Pki.Start, NotAfter = Pki.End };
        await Write("import", import.Name);
        return _certificates[import.Name];
    }

    public Task UpdateTagsAsync(VaultCertificate current, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken) =>
        Write("tags", current.Name, certificate => certificate with { Tags = tags.ToImmutableDictionary(), Enabled = true });

    public async Task<VaultCertificate> RecoverAsync(string name, CancellationToken cancellationToken)
    {
        await Write("recover", name, certificate => OnRecover(certificate with { IsDeleted = false }));
        return _certificates[name];
    }

    public Task DisableAsync(VaultCertificate current, CancellationToken cancellationToken) =>
        Write("disable", current.Name, static certificate => certificate with { Enabled = false, Tags = certificate.Tags.SetItem(Ownership.PrunedTag, "true") });

    public Task DeleteAsync(string name, CancellationToken cancellationToken) => Write("delete", name, static certificate => certificate with { IsDeleted = true });

    public Task StopRenewalAsync(string name, CancellationToken cancellationToken)
    {
        OnStopRenewal();
        return Write("policy", name);
    }

    private Task Write(string what, string name, Func<VaultCertificate, VaultCertificate>? change = null)
    {
        Writes.Enqueue($"{what} {name}");
        Change(name, change ?? (static certificate => certificate));
        return Task.CompletedTask;
    }
}
