using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;

namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>One vault: its certificates, who may do what, and how it behaves.</summary>
public sealed class Vault
{
    private readonly CertificateStore store;
    private readonly ConcurrentDictionary<string, VaultRights> rights = new(StringComparer.OrdinalIgnoreCase);
    private readonly TimeProvider clock;

    internal Vault(string name, string tenantId, VaultOptions options, TimeProvider clock)
    {
        (Name, TenantId, Options, this.clock) = (name, tenantId, options, clock);
        Host = $"{name}.{options.Suffix}".ToLowerInvariant();
        store = new CertificateStore(clock);
    }

    public string Name { get; }

    public string TenantId { get; }

    /// <summary>The full host name, such as <c>NAME.vault.azure.net</c>.</summary>
    public string Host { get; }

    /// <summary>The address a client uses.</summary>
    public Uri Address => new($"https://{Host}/");

    /// <summary>How it behaves; a changed copy takes effect at once. A change of the suffix does not move it.</summary>
    public VaultOptions Options { get; set; }

    /// <summary>Every certificate that is there or can be recovered, by name.</summary>
    public IReadOnlyList<StoredCertificate> Certificates => store.All();

    internal string Subscription { get; } = Guid.NewGuid().ToString();

    internal ThrottleWindow Imports { get; } = new();

    internal ThrottleWindow Others { get; } = new();

    internal CertificateStore Store => store;

    /// <returns>The certificate in whatever phase, or null.</returns>
    public StoredCertificate? Find(string name) => store.Find(name);

    /// <summary>Where a certificate is now; null when there is none.</summary>
    public CertificatePhase? PhaseOf(string name) => store.Find(name)?.PhaseAt(clock.GetUtcNow());

    /// <summary>Grants rights, in addition to those it has, to a principal: an object id or a client id.</summary>
    public Vault Grant(string principal, VaultRights granted)
    {
        rights.AddOrUpdate(principal, granted, (_, had) => had | granted);
        return this;
    }

    /// <summary>Takes rights away again; all of them when not said which.</summary>
    public void Revoke(string principal, VaultRights taken = VaultRights.CertificatesOfficer) =>
        rights.AddOrUpdate(principal, VaultRights.None, (_, had) => had & ~taken);

    /// <summary>Puts a version into the vault without a request and without Key Vault's rules.</summary>
    /// <param name="name">The certificate's name.</param>
    /// <param name="certificate">The leaf. Its private key, when it has one, is kept; leave it out to seed thousands quickly.</param>
    /// <param name="tags">The version's tags.</param>
    /// <param name="enabled">Whether the version is enabled.</param>
    /// <param name="policy">The policy; that of an import when null.</param>
    /// <param name="issuers">The rest of the chain, in order.</param>
    public StoredVersion Seed(
        string name,
        X509Certificate2 certificate,
        IReadOnlyDictionary<string, string>? tags = null,
        bool enabled = true,
        StoredPolicy? policy = null,
        IReadOnlyList<X509Certificate2>? issuers = null)
    {
        var now = clock.GetUtcNow();
        var leaf = certificate.HasPrivateKey ? X509CertificateLoader.LoadCertificate(certificate.RawData) : certificate;
        var version = new StoredVersion(Guid.NewGuid().ToString("N"), leaf, [leaf, .. issuers ?? []], now)
        {
            Enabled = enabled,
            Tags = tags is null ? new Dictionary<string, string>() : new Dictionary<string, string>(tags),
            PrivateKey = certificate.HasPrivateKey ? ExportKey(certificate) : null,
        };
        store.Put(name, version, policy ?? new StoredPolicy());
        return version;
    }

    /// <summary>Deletes a certificate as another person would.</summary>
    public void Delete(string name) => store.Delete(name, Options);

    /// <summary>Ends the deletion or recovery of a certificate that is going on, whatever its delay.</summary>
    public void Settle(string name) => store.Settle(name);

    internal bool Allows(VaultCaller caller, VaultRights wanted) =>
        (RightsOf(caller.Token.ObjectId) | RightsOf(caller.Token.ClientId)).HasFlag(wanted);

    private VaultRights RightsOf(string principal) => rights.GetValueOrDefault(principal);

    private static byte[] ExportKey(X509Certificate2 certificate)
    {
        using var rsa = certificate.GetRSAPrivateKey();
        using var ec = certificate.GetECDsaPrivateKey();
        return rsa?.ExportPkcs8PrivateKey() ?? ec?.ExportPkcs8PrivateKey() ?? throw new ArgumentException("The certificate's key is neither RSA nor EC.", nameof(certificate));
    }
}
