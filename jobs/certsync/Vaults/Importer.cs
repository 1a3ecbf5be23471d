using Azure;
using Azure.Security.KeyVault.Certificates;
using ClusterTrust.Telemetry;

namespace ClusterTrust.CertSync.Vaults;

/// <summary>
/// Imports into one vault, each certificate once: an import creates a version that cannot be removed, so that after a lost response the
/// vault is read before the certificate is sent again.
/// </summary>
internal sealed class Importer(
    KeyVaultCertificates vault, CertificateClient client, VaultFaults faults, ImportPacer pacer, VaultSettings settings, TimeProvider time)
{
    /// <summary>Retries of an import after a conflict, which mostly follows a recovery.</summary>
    private const int ConflictRetries = 3;

    /// <summary>The longest wait between two tries, in <see cref="VaultSettings.RetryDelay"/>.</summary>
    private const int MaximumBackoff = 16;

    public async Task<VaultCertificate> ImportAsync(CertificateImport import, CancellationToken cancellationToken)
    {
        var options = new ImportCertificateOptions(import.Name, import.Content)
        {
            Policy = RenewalPolicy.Manual(import.Format == CertificateFormat.Pem ? CertificateContentType.Pem : CertificateContentType.Pkcs12, import.KeyPolicy),
        };
        foreach (var (key, value) in VaultTags.Merge(await vault.AllTagsAsync(import.Current, cancellationToken), import.Tags))
        {
            options.Tags[key] = value;
        }

        var started = time.GetTimestamp();
        for (var (conflicts, lost) = (0, 0); ;)
        {
            try
            {
                await pacer.WaitAsync(cancellationToken);
                JobMeter.RecordRequestsLeft(vault.Vault.Address.IdnHost, pacer.FewestLeft);
                return await faults.ExplainAsync("import", import.Name, async () =>
                    vault.Read((await client.ImportCertificateAsync(options, cancellationToken)).Value), cancellationToken);
            }
            catch (VaultException e) when (e.Fault == VaultFault.BeingDeleted && time.GetElapsedTime(started) < settings.MaximumWait)
            {
                // Once the vault has finished, the name is free, or soft-deleted.
                await Task.Delay(settings.PollInterval, time, cancellationToken);
            }
            catch (VaultException e) when (e.Fault == VaultFault.Conflict && conflicts++ < ConflictRetries)
            {
                await Task.Delay(settings.PollInterval, time, cancellationToken);
            }
            catch (VaultException e) when (e.Fault == VaultFault.ResponseUnreadable || e.InnerException is NotKeyVaultException)
            {
                // The vault answered 200: it may have the certificate, and another import would create another version.
                if (await FindStoredAsync(import, cancellationToken) is { } stored)
                {
                    return stored;
                }

                throw;
            }
            catch (VaultException e) when (e.Fault is VaultFault.SoftDeleted or VaultFault.Conflict)
            {
                if (await vault.FindDeletedAsync([import.Name], cancellationToken) is []
                    && (e.Fault == VaultFault.SoftDeleted || await vault.FindAsync(import.Name, cancellationToken) is null))
                {
                    throw faults.HeldByOtherKind(import.Name, e);
                }

                throw;
            }
            catch (VaultException e) when (e.Fault == VaultFault.Rejected && import.KeyPolicy is { } key)
            {
                throw faults.RejectedKey(import.Name, key.Remedy, e);
            }
            catch (VaultException e) when (e.Fault is VaultFault.Unreachable or VaultFault.Unavailable && !e.IsConfiguration
                && lost++ < settings.Retries && DelayOf(e, lost) <= settings.MaximumWait)
            {
                await Task.Delay(DelayOf(e, lost), time, cancellationToken);
                var found = await vault.FindAsync(import.Name, cancellationToken);
                if (found is not null && import.Matches(found))
                {
                    return found;
                }

                if (found?.Thumbprint != import.Current?.Thumbprint)
                {
                    throw faults.Changed(import.Name, e);
                }
            }
        }
    }

    /// <summary>Searches once for the version of an import whose response could not be read.</summary>
    private async Task<VaultCertificate?> FindStoredAsync(CertificateImport import, CancellationToken cancellationToken)
    {
        try
        {
            return await vault.FindVersionAsync(import, cancellationToken) is { } found
                ? found with { Warning = $"'{import.Name}' is stored in Key Vault {vault.Vault}, but the response to the import cannot be read; check whether the vault is an emulator, and its release." }
                : null;
        }
        catch (VaultException)
        {
            // The fault of the unreadable response explains more.
            return null;
        }
    }

    /// <summary>The wait before a try: the vault's Retry-After, otherwise exponential. One beyond <see cref="VaultSettings.MaximumWait"/> is not retried, because other vaults would wait too.</summary>
    private TimeSpan DelayOf(VaultException fault, int tries) =>
        (fault.InnerException as RequestFailedException)?.GetRawResponse() is { } response && VaultRetryPolicy.DelayOf(response) is { } delay
            ? TimeSpan.FromTicks(Math.Max(delay.Ticks, 0))
            : settings.RetryDelay * Math.Min(1 << Math.Min(tries - 1, 30), MaximumBackoff);
}
