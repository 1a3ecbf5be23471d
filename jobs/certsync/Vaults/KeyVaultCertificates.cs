using Azure.Core;
using Azure.Security.KeyVault.Certificates;
using ClusterTrust.Telemetry;

namespace ClusterTrust.CertSync.Vaults;

public sealed class KeyVaultCertificates : ICertificateVault
{
    /// <summary>Not every cloud, and hardly any emulator, supports the newest version; this one is sufficient.</summary>
    private const CertificateClientOptions.ServiceVersion ApiVersion = CertificateClientOptions.ServiceVersion.V7_4;

    private static readonly TimeSpan ImportWindow = TimeSpan.FromSeconds(10);

    private readonly CertificateClient _client;
    private readonly VaultSettings _settings;
    private readonly VaultFaults _faults;
    private readonly ImportPacer _pacer;
    private readonly CertificateLists _lists;
    private readonly Importer _importer;
    private readonly TimeProvider _time;

    public KeyVaultCertificates(VaultAddress vault, VaultSignIn signIn, VaultSettings settings, TimeProvider time)
    {
        (Vault, _settings, _time) = (vault, settings, time);
        _faults = new VaultFaults(vault, signIn, settings);
        _pacer = new ImportPacer(settings.ImportLimit, ImportWindow, time);
        var options = new CertificateClientOptions(ApiVersion)
        {
            DisableChallengeResourceVerification = settings.DisableChallengeVerification,
            RetryPolicy = new VaultRetryPolicy(settings),
            Retry = { NetworkTimeout = settings.RequestTimeout },
            Transport = new OwnHostTransport(settings.Transport, vault.Address),
        };
        options.AddPolicy(new ResponseValidationPolicy(), HttpPipelinePosition.PerCall);
        _client = new CertificateClient(vault.Address, signIn.Credential, options);
        _lists = new CertificateLists(vault, _client, _faults);
        _importer = new Importer(this, _client, _faults, _pacer, settings, time);
    }

    public VaultAddress Vault { get; }

    public async Task<IReadOnlyList<VaultCertificate>> ListAsync(CancellationToken cancellationToken)
    {
        var found = await _lists.ListAsync(cancellationToken);
        JobMeter.RecordRequestsLeft(Vault.Address.IdnHost, _pacer.FewestLeft);
        return found;
    }

    public Task<VaultCertificate?> FindAsync(string name, CancellationToken cancellationToken) =>
        _faults.FindAsync("get", name, () => ReadAsync(name, cancellationToken), cancellationToken);

    public Task<VaultHistory?> FindHistoryAsync(string name, CancellationToken cancellationToken) => _faults.FindAsync("get", name, async () =>
    {
        var (versions, isComplete) = await _lists.ReadVersionsAsync(name, cancellationToken);

        // After the versions, so that a version imported meanwhile is the newest and not unknown.
        var certificate = (await _client.GetCertificateAsync(name, cancellationToken)).Value;
        var current = Read(certificate);
        versions.Add(current);
        using var leaf = certificate.Cer is { } der ? ChainCertificate.Read(der, isFromLeafEntry: true) : null;
        return new VaultHistory(
            current, [.. versions], [.. leaf?.Identities ?? []], isComplete && versions.TrueForAll(static version => version.Thumbprint.Length > 0));
    }, cancellationToken);

    public Task<IReadOnlyList<VaultCertificate>?> FindDeletedAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken) =>
        _lists.FindDeletedAsync(names, cancellationToken);

    public Task<VaultCertificate> ImportAsync(CertificateImport import, CancellationToken cancellationToken) => _importer.ImportAsync(import, cancellationToken);

    public Task UpdateTagsAsync(VaultCertificate current, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken) =>
        UpdateAsync(current, tags, enabled: current.Tags.ContainsKey(Ownership.PrunedTag) ? true : null, cancellationToken);

    public Task DisableAsync(VaultCertificate current, CancellationToken cancellationToken) =>
        UpdateAsync(current, VaultTags.OfPruned(current), enabled: false, cancellationToken);

    public async Task<VaultCertificate> RecoverAsync(string name, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        for (var isRequested = false; ; await Task.Delay(_settings.PollInterval, _time, cancellationToken))
        {
            VaultException? last = null;
            try
            {
                if (!isRequested)
                {
                    await _faults.ExplainAsync("recover", name, () => _client.StartRecoverDeletedCertificateAsync(name, cancellationToken), cancellationToken);
                    isRequested = true;
                }
            }
            catch (VaultException e) when (e.Fault is VaultFault.NotFound or VaultFault.BeingDeleted or VaultFault.Conflict)
            {
                // Not deleted yet, or already recovered by someone else: the request below shows which.
                last = e;
            }

            try
            {
                return await _faults.ExplainAsync("get", name, () => ReadAsync(name, cancellationToken), cancellationToken);
            }
            catch (VaultException e) when (e.Fault is VaultFault.NotFound or VaultFault.BeingDeleted or VaultFault.Conflict)
            {
                last ??= e;
            }

            if (_time.GetElapsedTime(started) >= _settings.MaximumWait)
            {
                throw new VaultException(
                    VaultFault.TimedOut, $"Key Vault {Vault} did not recover '{name}' within {_settings.MaximumWait.TotalSeconds:0} s: check its state in the vault, then run again.", innerException: last);
            }
        }
    }

    public async Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            await _faults.ExplainAsync("delete", name, () => _client.StartDeleteCertificateAsync(name, cancellationToken), cancellationToken);
        }
        catch (VaultException e) when (e.Fault is VaultFault.NotFound or VaultFault.BeingDeleted)
        {
            // It is gone already.
        }
    }

    public async Task StopRenewalAsync(string name, CancellationToken cancellationToken)
    {
        var policy = await _faults.ExplainAsync("get", name, async () =>
            (await _client.GetCertificatePolicyAsync(name, cancellationToken)).Value, cancellationToken);
        if (!RenewalPolicy.IsManual(policy))
        {
            await _faults.ExplainAsync("update", name, () => _client.UpdateCertificatePolicyAsync(
                name, RenewalPolicy.Manual(policy.ContentType ?? CertificateContentType.Pkcs12), cancellationToken), cancellationToken);
        }
    }

    /// <summary>All tags of a certificate, of which a listing has only this job's.</summary>
    internal async Task<ImmutableDictionary<string, string>?> AllTagsAsync(VaultCertificate? current, CancellationToken cancellationToken) =>
        current is { MoreTags: > 0, IsDeleted: false } ? (await FindAsync(current.Name, cancellationToken) ?? current).Tags : current?.Tags;

    /// <summary>
    /// Finds the version of an import by its listed properties, because the response for the certificate cannot be read. It is newer than
    /// the version before the import: an older one may be equal, if another was current since.
    /// </summary>
    internal Task<VaultCertificate?> FindVersionAsync(CertificateImport import, CancellationToken cancellationToken) => _faults.ExplainAsync(
        "get", import.Name, async () => (await _lists.ReadVersionsAsync(import.Name, cancellationToken)).Versions
            .Find(version => import.Matches(version) && (import.Current is null || version.CreatedOn > import.Current.CreatedOn)), cancellationToken);

    internal VaultCertificate Read(KeyVaultCertificate certificate) => CertificateReader.Read(Vault.Alias, certificate);

    private async Task<VaultCertificate> ReadAsync(string name, CancellationToken cancellationToken) =>
        Read((await _client.GetCertificateAsync(name, cancellationToken)).Value);

    private async Task UpdateAsync(VaultCertificate current, IReadOnlyDictionary<string, string> tags, bool? enabled, CancellationToken cancellationToken)
    {
        var properties = new CertificateProperties(current.Name) { Enabled = enabled };
        foreach (var (key, value) in VaultTags.Merge(await AllTagsAsync(current, cancellationToken), tags))
        {
            properties.Tags[key] = value;
        }

        await _faults.ExplainAsync("update", current.Name, () => _client.UpdateCertificatePropertiesAsync(properties, cancellationToken), cancellationToken);
    }
}
