using System.Collections.Immutable;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Security.KeyVault.Certificates;
using ClusterTrust.CertSync.Certificates;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.Telemetry;

namespace ClusterTrust.CertSync.Vaults;

public sealed class KeyVaultCertificates : ICertificateVault
{
    /// <summary>Not every cloud, and hardly an emulator, has the newest version; nothing newer than this one is needed.</summary>
    private const CertificateClientOptions.ServiceVersion ApiVersion = CertificateClientOptions.ServiceVersion.V7_4;

    /// <summary>Up to this many names are looked up one by one; for more, all deleted certificates are listed, 25 a request.</summary>
    private const int MaximumLookUps = 8;

    /// <summary>Pages of 25 versions that are read of one certificate: twice the 500 versions at which a vault's backup fails.</summary>
    private const int MaximumVersionPages = 40;

    private static readonly TimeSpan ImportWindow = TimeSpan.FromSeconds(10);

    private readonly CertificateClient _client;
    private readonly VaultSettings _settings;
    private readonly VaultFaults _faults;
    private readonly ImportPacer _pacer;
    private readonly Importer _importer;
    private readonly TimeProvider _time;

    /// <param name="signIn">The sign-in shared by all vaults.</param>
    public KeyVaultCertificates(VaultAddress vault, VaultSignIn signIn, VaultSettings settings, TimeProvider time)
    {
        Vault = vault;
        _settings = settings;
        _time = time;
        _faults = new VaultFaults(vault, signIn, settings);
        _pacer = new ImportPacer(settings.ImportLimit, ImportWindow, time);
        var options = new CertificateClientOptions(ApiVersion)
        {
            DisableChallengeResourceVerification = settings.DisableChallengeVerification,
            RetryPolicy = new VaultRetryPolicy(settings),
            Retry = { NetworkTimeout = settings.RequestTimeout },
            Transport = new OwnHostTransport(settings.Transport ?? HttpClientTransport.Shared, vault.Address),
        };
        options.AddPolicy(new AnswerValidationPolicy(), HttpPipelinePosition.PerCall);
        _client = new CertificateClient(vault.Address, signIn.Credential, options);
        _importer = new Importer(this, _client, _faults, _pacer, settings, time);
    }

    public VaultAddress Vault { get; }

    public Task<IReadOnlyList<VaultCertificate>> ListAsync(CancellationToken cancellationToken) =>
        AskAsync<IReadOnlyList<VaultCertificate>>("list the certificates", "", async () =>
        {
            var found = await ReadPagesAsync(_client.GetPropertiesOfCertificatesAsync(includePending: false, cancellationToken), static listed => listed, isDeleted: false);
            JobMeter.RecordRequestsLeft(Vault.Address.IdnHost, _pacer.FewestLeft);
            return found;
        }, cancellationToken);

    public Task<VaultCertificate?> FindAsync(string name, CancellationToken cancellationToken) => NullIfNotFoundAsync(GetAsync(name, cancellationToken));

    public Task<VaultHistory?> FindHistoryAsync(string name, CancellationToken cancellationToken) =>
        NullIfNotFoundAsync(AskAsync("get", name, () => ReadHistoryAsync(name, cancellationToken), cancellationToken));

    public async Task<IReadOnlyList<VaultCertificate>?> FindDeletedAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        try
        {
            return names.Count <= MaximumLookUps && await LookUpDeletedAsync(names, cancellationToken) is { } found ? found : await ListDeletedAsync(names, cancellationToken);
        }
        catch (VaultException e) when (e.Fault is VaultFault.Forbidden or VaultFault.NotFound or VaultFault.Unsupported or VaultFault.Rejected)
        {
            return null;
        }
    }

    public Task<VaultCertificate> ImportAsync(CertificateImport import, CancellationToken cancellationToken) => _importer.ImportAsync(import, cancellationToken);

    public Task UpdateTagsAsync(VaultCertificate current, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken) =>
        UpdateAsync(current, tags, enabled: current.Tags.ContainsKey(Ownership.PrunedTag) ? true : null, cancellationToken);

    public Task DisableAsync(VaultCertificate current, CancellationToken cancellationToken) =>
        UpdateAsync(current, VaultTags.OwnOf(current.Tags).SetItem(Ownership.PrunedTag, "true"), enabled: false, cancellationToken);

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
                    await AskAsync("recover", name, () => _client.StartRecoverDeletedCertificateAsync(name, cancellationToken), cancellationToken);
                    isRequested = true;
                }
            }
            catch (VaultException e) when (e.Fault is VaultFault.NotFound or VaultFault.BeingDeleted or VaultFault.Conflict)
            {
                // Not deleted yet, or already recovered by someone else: the request below tells which.
                last = e;
            }

            try
            {
                return await GetAsync(name, cancellationToken);
            }
            catch (VaultException e) when (e.Fault is VaultFault.NotFound or VaultFault.BeingDeleted or VaultFault.Conflict)
            {
                last ??= e;
            }

            if (_time.GetElapsedTime(started) >= _settings.Patience)
            {
                throw _faults.TimedOut("recover", name, _settings.Patience, last);
            }
        }
    }

    public async Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            await AskAsync("delete", name, () => _client.StartDeleteCertificateAsync(name, cancellationToken), cancellationToken);
        }
        catch (VaultException e) when (e.Fault is VaultFault.NotFound or VaultFault.BeingDeleted)
        {
            // It is gone already.
        }
    }

    public async Task StopRenewalAsync(string name, CancellationToken cancellationToken)
    {
        var policy = await AskAsync("get", name, async () =>
            (await _client.GetCertificatePolicyAsync(name, cancellationToken)).Value, cancellationToken);
        if (!RenewalPolicy.IsManual(policy))
        {
            await AskAsync("update", name, () => _client.UpdateCertificatePolicyAsync(
                name, RenewalPolicy.Manual(policy.ContentType ?? CertificateContentType.Pkcs12), cancellationToken), cancellationToken);
        }
    }

    /// <summary>All tags of a certificate, of which a listing has only this job's.</summary>
    internal async Task<ImmutableDictionary<string, string>?> AllTagsAsync(VaultCertificate? current, CancellationToken cancellationToken) =>
        current is { HasMoreTags: true, IsDeleted: false } ? (await FindAsync(current.Name, cancellationToken) ?? current).Tags : current?.Tags;

    /// <summary>Finds the version of an import by its listed properties, because the certificate's own answer cannot be read.</summary>
    internal Task<VaultCertificate?> FindVersionAsync(CertificateImport import, CancellationToken cancellationToken) =>
        AskAsync("get", import.Name, async () =>
        {
            var pages = 0;
            await foreach (var page in _client.GetPropertiesOfCertificateVersionsAsync(import.Name, cancellationToken).AsPages())
            {
                if (page.Values.Select(VersionOf).FirstOrDefault(import.IsMetBy) is { } found)
                {
                    return found;
                }

                if (++pages == MaximumVersionPages)
                {
                    break;
                }
            }

            return null;
        }, cancellationToken);

    internal VaultCertificate Read(KeyVaultCertificate certificate) => CertificateReader.Read(Vault.Alias, certificate);

    private Task<VaultCertificate> GetAsync(string name, CancellationToken cancellationToken) =>
        AskAsync("get", name, async () => Read((await _client.GetCertificateAsync(name, cancellationToken)).Value), cancellationToken);

    private async Task<VaultHistory> ReadHistoryAsync(string name, CancellationToken cancellationToken)
    {
        var (versions, isComplete) = await ReadVersionsAsync(name, cancellationToken);

        // After the versions, so that a version imported meanwhile is the newest and not unknown.
        var certificate = (await _client.GetCertificateAsync(name, cancellationToken)).Value;
        var current = Read(certificate);
        versions.Add(current);
        using var leaf = certificate.Cer is { } der ? ChainCertificate.Read(der, isFromLeafEntry: true) : null;
        return new VaultHistory(
            current, [.. versions], [.. leaf?.Identities ?? []], isComplete && versions.TrueForAll(static version => version.Thumbprint.Length > 0));
    }

    private VaultCertificate VersionOf(CertificateProperties version) => CertificateReader.Read(Vault.Alias, version, isDeleted: false, keepsAllTags: false);

    /// <summary>Reads the versions of a certificate up to <see cref="MaximumVersionPages"/>.</summary>
    private async Task<(List<VaultCertificate> Versions, bool IsComplete)> ReadVersionsAsync(string name, CancellationToken cancellationToken)
    {
        var versions = new List<VaultCertificate>();
        var pages = 0;
        await foreach (var page in _client.GetPropertiesOfCertificateVersionsAsync(name, cancellationToken).AsPages())
        {
            versions.AddRange(page.Values.Select(VersionOf));
            if (++pages == MaximumVersionPages)
            {
                return (versions, page.ContinuationToken is null);
            }
        }

        return (versions, true);
    }

    private Task<IReadOnlyList<VaultCertificate>> ListDeletedAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken) =>
        AskAsync<IReadOnlyList<VaultCertificate>>("list the deleted certificates", "", async () =>
        {
            var sought = names.ToHashSet(StringComparer.OrdinalIgnoreCase);
            var found = await ReadPagesAsync(_client.GetDeletedCertificatesAsync(includePending: false, cancellationToken), static deleted => deleted.Properties, isDeleted: true);
            return found.FindAll(certificate => sought.Contains(certificate.Name));
        }, cancellationToken);

    /// <returns>Null if an answer is not a deleted certificate: an emulator answers with an operation, and has the certificate in its list.</returns>
    private async Task<IReadOnlyList<VaultCertificate>?> LookUpDeletedAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        var found = new List<VaultCertificate>();
        foreach (var name in names)
        {
            var deleted = AskAsync("get the deleted certificate", name, async () => CertificateReader.Read(
                Vault.Alias, (await _client.GetDeletedCertificateAsync(name, cancellationToken)).Value.Properties, isDeleted: true, keepsAllTags: true), cancellationToken);
            try
            {
                if (await NullIfNotFoundAsync(deleted) is { } certificate)
                {
                    found.Add(certificate);
                }
            }
            catch (VaultException e) when (e.InnerException is RequestFailedException { Status: >= 200 and < 300 })
            {
                return null;
            }
        }

        return found;
    }

    private async Task<List<VaultCertificate>> ReadPagesAsync<T>(AsyncPageable<T> listing, Func<T, CertificateProperties> propertiesOf, bool isDeleted)
        where T : notnull
    {
        var found = new List<VaultCertificate>();
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var budget = new ListingBudget();
        await foreach (var page in listing.AsPages())
        {
            foreach (var item in page.Values)
            {
                // The SDK derives the name from the id.
                var certificate = CertificateReader.Read(Vault.Alias, propertiesOf(item), isDeleted, keepsAllTags: false) is { Name.Length: > 0 } named ? named : throw new FormatException("A certificate has no id.");
                if (names.Add(certificate.Name))
                {
                    budget.Add(certificate.Name.Length + certificate.Tags.Sum(static tag => tag.Key.Length + tag.Value.Length));
                    found.Add(certificate);
                }
            }

            if (budget.EndPage() is { } fault && page.ContinuationToken is not null)
            {
                throw _faults.Endless(fault);
            }
        }

        return found;
    }

    private async Task UpdateAsync(VaultCertificate current, IReadOnlyDictionary<string, string> tags, bool? enabled, CancellationToken cancellationToken)
    {
        var properties = new CertificateProperties(current.Name) { Enabled = enabled };
        foreach (var (key, value) in VaultTags.Merge(current.Name, await AllTagsAsync(current, cancellationToken), tags))
        {
            properties.Tags[key] = value;
        }

        await AskAsync("update", current.Name, () => _client.UpdateCertificatePropertiesAsync(properties, cancellationToken), cancellationToken);
    }

    private static async Task<T?> NullIfNotFoundAsync<T>(Task<T> asked)
        where T : class
    {
        try
        {
            return await asked;
        }
        catch (VaultException e) when (e.Fault == VaultFault.NotFound)
        {
            return null;
        }
    }

    private Task<T> AskAsync<T>(string operation, string name, Func<Task<T>> ask, CancellationToken cancellationToken) =>
        _faults.ExplainAsync(operation, name, ask, cancellationToken);
}
