using System.Globalization;
using Azure;
using Azure.Security.KeyVault.Certificates;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.Telemetry;

namespace ClusterTrust.CertSync.Vaults;

/// <summary>
/// Imports into one vault, each certificate once: every import makes a version that cannot be taken back, so that one whose answer got
/// lost is looked for before it is sent again.
/// </summary>
internal sealed class Importer(
    KeyVaultCertificates vault, CertificateClient client, VaultFaults faults, ImportPacer pacer, VaultSettings settings, TimeProvider time)
{
    /// <summary>How often an import is sent again after a conflict, which is mostly the aftermath of a recovery.</summary>
    private const int ConflictRetries = 3;

    /// <summary>The most that the wait between two tries is doubled to.</summary>
    private const int MostDoubled = 16;

    /// <inheritdoc cref="ICertificateVault.ImportAsync"/>
    public async Task<VaultCertificate> ImportAsync(CertificateImport import, CancellationToken cancellation)
    {
        var options = new ImportCertificateOptions(import.Name, import.Content)
        {
            Policy = RenewalPolicy.Manual(RenewalPolicy.ContentType(import.Format), import.KeyPolicy),
        };
        foreach (var (key, value) in VaultTags.Merge(import.Name, await vault.AllTagsAsync(import.Current, cancellation), import.Tags))
        {
            options.Tags[key] = value;
        }

        var started = time.GetTimestamp();
        for (var (conflicts, lost) = (0, 0); ;)
        {
            try
            {
                await pacer.WaitAsync(cancellation);
                JobMeter.RecordRequestsLeft(vault.Vault.Address.IdnHost, pacer.FewestLeft);
                return await faults.ExplainAsync(VaultOperation.Import, import.Name, async () =>
                    vault.Read((await client.ImportCertificateAsync(options, cancellation)).Value), cancellation);
            }
            catch (VaultException e) when (e.Fault == VaultFault.BeingDeleted && time.GetElapsedTime(started) < settings.Patience)
            {
                // The vault finishes on its own time; after that the name is free, or soft-deleted.
                await Task.Delay(settings.PollInterval, time, cancellation);
            }
            catch (VaultException e) when (e.Fault == VaultFault.Conflict && conflicts++ < ConflictRetries)
            {
                await Task.Delay(settings.PollInterval, time, cancellation);
            }
            catch (VaultException e) when (e.Fault == VaultFault.AnswerUnreadable)
            {
                // The vault answered 200: it may well hold the certificate, and another import would make another version.
                if (await FindStoredAsync(import, cancellation) is { } stored)
                {
                    return stored;
                }

                throw;
            }
            catch (VaultException e) when (e.Fault == VaultFault.SoftDeleted)
            {
                if (await vault.FindDeletedAsync([import.Name], cancellation) is [])
                {
                    throw faults.HeldByOtherKind(import.Name, e);
                }

                throw;
            }
            catch (VaultException e) when (e.Fault == VaultFault.Rejected && import.KeyPolicy is { } key)
            {
                throw faults.RejectedKey(import.Name, key.Cure, e);
            }
            catch (VaultException e) when (e.Fault is VaultFault.Unreachable or VaultFault.Unavailable && !e.IsConfiguration && lost++ < settings.Retries)
            {
                await Task.Delay(DelayOf(e, lost), time, cancellation);
                if (await vault.FindAsync(import.Name, cancellation) is { } found && import.IsMetBy(found))
                {
                    return found;
                }
            }
        }
    }

    /// <summary>Looks once for an import whose answer could not be read.</summary>
    private async Task<VaultCertificate?> FindStoredAsync(CertificateImport import, CancellationToken cancellation)
    {
        try
        {
            return await vault.FindVersionAsync(import, cancellation) is { } found
                ? found with { Warning = $"'{import.Name}' is stored in Key Vault {vault.Vault}, but the answer to the import cannot be read; see whether the vault is an emulator, and of which release." }
                : null;
        }
        catch (VaultException)
        {
            // That the import's answer cannot be read says more than that the look failed too.
            return null;
        }
    }

    /// <summary>The wait before a try: what the vault asks for, as far as it is waited for at all, else twice as long each time.</summary>
    private TimeSpan DelayOf(VaultException fault, int tries) =>
        fault.InnerException is RequestFailedException answered
        && answered.GetRawResponse()?.Headers.TryGetValue("Retry-After", out var wanted) == true
        && int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(Math.Min(seconds, settings.Patience.TotalSeconds))
            : settings.RetryDelay * Math.Min(1 << Math.Min(tries - 1, 30), MostDoubled);
}
