using System.Collections.Immutable;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Security.KeyVault.Certificates;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.CertSync.Vaults.SignIn;
using ClusterTrust.Telemetry;

namespace ClusterTrust.CertSync.Vaults;

/// <summary>A vault of Azure Key Vault.</summary>
public sealed class KeyVaultCertificates : ICertificateVault
{
    /// <summary>Up to this many names are looked up one by one; for more, all deleted certificates are listed, 25 a request.</summary>
    private const int MostLookUps = 8;

    private readonly CertificateClient client;
    private readonly VaultSettings settings;
    private readonly VaultFaults faults;
    private readonly ImportPacer pacer;
    private readonly Importer importer;
    private readonly TimeProvider time;

    /// <param name="vault">Which vault.</param>
    /// <param name="signIn">The sign-in shared by all vaults.</param>
    /// <param name="settings">How it is spoken to.</param>
    /// <param name="time">Tells the time and waits.</param>
    public KeyVaultCertificates(VaultAddress vault, VaultSignIn signIn, VaultSettings settings, TimeProvider time)
    {
        Vault = vault;
        this.settings = settings;
        this.time = time;
        faults = new VaultFaults(vault, signIn, settings);
        pacer = new ImportPacer(settings.ImportLimit, settings.ImportWindow, time);
        var options = new CertificateClientOptions(settings.ApiVersion)
        {
            DisableChallengeResourceVerification = settings.DisableChallengeVerification,
            RetryPolicy = new VaultRetryPolicy(settings),
            Retry = { NetworkTimeout = settings.RequestTimeout },
        };
        options.Transport = new OwnHostTransport(settings.Transport ?? HttpClientTransport.Shared, vault.Address);
        options.AddPolicy(new AnswerValidationPolicy(), HttpPipelinePosition.PerCall);
        client = new CertificateClient(vault.Address, signIn.Credential, options);
        importer = new Importer(this, client, faults, pacer, settings, time);
    }

    /// <inheritdoc/>
    public VaultAddress Vault { get; }

    /// <inheritdoc/>
    public Task<IReadOnlyList<VaultCertificate>> ListAsync(CancellationToken cancellation = default) =>
        AskAsync<IReadOnlyList<VaultCertificate>>(VaultOperation.List, "", async () =>
        {
            var reader = new ListingReader(Vault.Alias);
            var found = new List<VaultCertificate>();
            await foreach (var page in client.GetPropertiesOfCertificatesAsync(includePending: false, cancellation).AsPages())
            {
                if (reader.Read(page.Values, isDeleted: false, found) is { } fault && page.ContinuationToken is not null)
                {
                    throw faults.Endless(fault);
                }
            }

            JobMeter.RecordRequestsLeft(Vault.Address.IdnHost, pacer.FewestLeft);
            return found;
        }, cancellation);

    /// <inheritdoc/>
    public async Task<VaultCertificate?> FindAsync(string name, CancellationToken cancellation = default)
    {
        try
        {
            return await AskAsync(VaultOperation.Get, name, async () => Read((await client.GetCertificateAsync(name, cancellation)).Value), cancellation);
        }
        catch (VaultException e) when (e.Fault == VaultFault.NotFound)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<VaultCertificate>?> FindDeletedAsync(IReadOnlyCollection<string> names, CancellationToken cancellation = default)
    {
        try
        {
            return names.Count > MostLookUps ? await ListDeletedAsync(names, cancellation) : await LookUpDeletedAsync(names, cancellation);
        }
        catch (VaultException e) when (e.Fault is VaultFault.ForbiddenByRbac or VaultFault.ForbiddenByPolicy or VaultFault.Forbidden
            or VaultFault.NotFound or VaultFault.Unsupported or VaultFault.Rejected)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public Task<VaultCertificate> ImportAsync(CertificateImport import, CancellationToken cancellation = default) => importer.ImportAsync(import, cancellation);

    /// <inheritdoc/>
    public Task UpdateTagsAsync(VaultCertificate current, IReadOnlyDictionary<string, string> tags, CancellationToken cancellation = default) =>
        UpdateAsync(current, tags, enabled: current.Tags.ContainsKey(Ownership.PrunedTag) ? true : null, cancellation);

    /// <inheritdoc/>
    public Task DisableAsync(VaultCertificate current, CancellationToken cancellation = default) =>
        UpdateAsync(current, VaultTags.OwnOf(current.Tags).SetItem(Ownership.PrunedTag, "true"), enabled: false, cancellation);

    /// <inheritdoc/>
    public async Task<VaultCertificate> RecoverAsync(string name, CancellationToken cancellation = default)
    {
        var started = time.GetTimestamp();
        for (var isAsked = false; ; await Task.Delay(settings.PollInterval, time, cancellation))
        {
            VaultException? last = null;
            try
            {
                if (!isAsked)
                {
                    await AskAsync(VaultOperation.Recover, name, () => client.StartRecoverDeletedCertificateAsync(name, cancellation), cancellation);
                    isAsked = true;
                }
            }
            catch (VaultException e) when (e.Fault is VaultFault.NotFound or VaultFault.BeingDeleted or VaultFault.Conflict)
            {
                // Not deleted yet, or recovered already by someone else: the look below tells.
                last = e;
            }

            try
            {
                return await AskAsync(VaultOperation.Get, name, async () =>
                    Read((await client.GetCertificateAsync(name, cancellation)).Value), cancellation);
            }
            catch (VaultException e) when (e.Fault is VaultFault.NotFound or VaultFault.BeingDeleted or VaultFault.Conflict)
            {
                last ??= e;
            }

            if (time.GetElapsedTime(started) >= settings.Patience)
            {
                throw faults.TimedOut(VaultOperation.Recover, name, settings.Patience, last);
            }
        }
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(string name, CancellationToken cancellation = default)
    {
        try
        {
            await AskAsync(VaultOperation.Delete, name, () => client.StartDeleteCertificateAsync(name, cancellation), cancellation);
        }
        catch (VaultException e) when (e.Fault is VaultFault.NotFound or VaultFault.BeingDeleted)
        {
            // Gone is what was wanted.
        }
    }

    /// <inheritdoc/>
    public async Task<bool> StopRenewalAsync(string name, CancellationToken cancellation = default)
    {
        var policy = await AskAsync(VaultOperation.Get, name, async () =>
            (await client.GetCertificatePolicyAsync(name, cancellation)).Value, cancellation);
        if (RenewalPolicy.IsManual(policy))
        {
            return false;
        }

        await AskAsync(VaultOperation.Update, name, () => client.UpdateCertificatePolicyAsync(
            name, RenewalPolicy.Manual(policy.ContentType ?? CertificateContentType.Pkcs12), cancellation), cancellation);
        return true;
    }

    private Task<IReadOnlyList<VaultCertificate>> ListDeletedAsync(IReadOnlyCollection<string> names, CancellationToken cancellation) =>
        AskAsync<IReadOnlyList<VaultCertificate>>(VaultOperation.ListDeleted, "", async () =>
        {
            var wanted = names.ToHashSet(StringComparer.OrdinalIgnoreCase);
            var reader = new ListingReader(Vault.Alias);
            var found = new List<VaultCertificate>();
            await foreach (var page in client.GetDeletedCertificatesAsync(includePending: false, cancellation).AsPages())
            {
                if (reader.Read(page.Values.Select(static deleted => deleted.Properties), isDeleted: true, found) is { } fault && page.ContinuationToken is not null)
                {
                    throw faults.Endless(fault);
                }
            }

            return found.FindAll(certificate => wanted.Contains(certificate.Name));
        }, cancellation);

    private async Task<IReadOnlyList<VaultCertificate>> LookUpDeletedAsync(IReadOnlyCollection<string> names, CancellationToken cancellation)
    {
        var found = new List<VaultCertificate>();
        foreach (var name in names)
        {
            try
            {
                found.Add(await AskAsync(VaultOperation.GetDeleted, name, async () => new ListingReader(Vault.Alias).Read(
                    (await client.GetDeletedCertificateAsync(name, cancellation)).Value.Properties, isDeleted: true, keepsAllTags: true), cancellation));
            }
            catch (VaultException e) when (e.Fault == VaultFault.NotFound)
            {
                // Not deleted, which is the usual case.
            }
        }

        return found;
    }

    /// <summary>The tags that a certificate has, which a listing leaves out in part.</summary>
    internal async Task<ImmutableDictionary<string, string>?> AllTagsAsync(VaultCertificate? current, CancellationToken cancellation) =>
        current is { HasMoreTags: true, IsDeleted: false } ? (await FindAsync(current.Name, cancellation) ?? current).Tags : current?.Tags;

    /// <summary>Finds a version by its listed properties, for a certificate whose own answer cannot be read.</summary>
    internal Task<VaultCertificate?> FindVersionAsync(CertificateImport import, CancellationToken cancellation) =>
        AskAsync(VaultOperation.Get, import.Name, async () =>
        {
            var reader = new ListingReader(Vault.Alias);
            await foreach (var version in client.GetPropertiesOfCertificateVersionsAsync(import.Name, cancellation))
            {
                if (reader.Read(version, isDeleted: false, keepsAllTags: false) is var found && import.IsMetBy(found))
                {
                    return found;
                }
            }

            return null;
        }, cancellation);

    private async Task UpdateAsync(VaultCertificate current, IReadOnlyDictionary<string, string> tags, bool? enabled, CancellationToken cancellation)
    {
        var properties = new CertificateProperties(current.Name) { Enabled = enabled };
        foreach (var (key, value) in VaultTags.Merge(current.Name, await AllTagsAsync(current, cancellation), tags))
        {
            properties.Tags[key] = value;
        }

        await AskAsync(VaultOperation.Update, current.Name, () => client.UpdateCertificatePropertiesAsync(properties, cancellation), cancellation);
    }

    internal VaultCertificate Read(KeyVaultCertificate certificate) => new ListingReader(Vault.Alias).Read(certificate);

    private Task<T> AskAsync<T>(VaultOperation operation, string name, Func<Task<T>> ask, CancellationToken cancellation) =>
        faults.ExplainAsync(operation, name, ask, cancellation);
}
