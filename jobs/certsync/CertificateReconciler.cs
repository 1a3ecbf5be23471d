using System.Collections.Immutable;
using System.Security.Cryptography;
using ClusterTrust.CertSync.Certificates;
using ClusterTrust.CertSync.Cluster;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.CertSync.Vaults;

namespace ClusterTrust.CertSync;

/// <summary>A name in a vault about which metadata alone does not decide: its Secrets have to be read.</summary>
/// <param name="Target">What should be in the vault.</param>
/// <param name="Current">What the vault has, or its soft-deleted remains; null if nothing.</param>
/// <param name="Vault">The vault.</param>
public sealed record WorkItem(SyncTarget Target, VaultCertificate? Current, ICertificateVault Vault);

/// <summary>
/// Brings one certificate to where it should be: inspects its Secrets, decides, and applies the decision. Whatever happens stays with
/// that certificate. A private key is in memory only while its own certificate is worked on.
/// </summary>
/// <param name="options">How certificates are sent.</param>
/// <param name="planner">Decides.</param>
/// <param name="inspector">Reads Secrets and understands them.</param>
public sealed class CertificateReconciler(CertSyncOptions options, SyncPlanner planner, SecretInspector inspector)
{
    /// <summary>Decides with the Secrets read, and applies the decision.</summary>
    /// <param name="item">What to work on.</param>
    /// <param name="apply">False for a plan: nothing is written.</param>
    /// <param name="cancellationToken">Ends the work wherever it is; a vault's certificate is then either old or new.</param>
    /// <returns>What was done, or would be, and why not; at least one line for each Secret.</returns>
    public async Task<ImmutableArray<SyncAction>> ReconcileAsync(WorkItem item, bool apply, CancellationToken cancellationToken)
    {
        var whole = SyncAction.On(item.Target, item.Current, ActionKind.Inspect, Reason.SourceChanged, "");
        InspectedSecret? read = null;
        try
        {
            var seen = ImmutableArray.CreateBuilder<Inspection>(item.Target.Sources.Length);
            var warnings = new Dictionary<TlsSecretRef, ImmutableArray<string>>();
            foreach (var secret in item.Target.Sources)
            {
                // Many Secrets may ask for one name; one private key at a time is in memory.
                read?.Dispose();
                read = null;
                try
                {
                    read = await inspector.InspectAsync(secret, cancellationToken);
                    seen.Add(read.Inspection);
                    warnings[read.Inspection.Secret] = [.. read.Warnings];
                }
                catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
                {
                    // It stays with this Secret: anybody may ask for the name with a Secret that cannot be read.
                    var failed = ItemFaults.Explain(whole, fault);
                    seen.Add(Inspection.Without(secret, failed.Reason, failed.Sentence));
                }
            }

            var decided = planner.Resolve(item.Target, item.Current, seen.ToImmutable()).Select(WithWarnings).ToImmutableArray();
            if (!apply || decided is not [{ Writes: true, Winner: { } winner } place, .. var rest])
            {
                return decided;
            }

            if (read?.Inspection.Secret != winner)
            {
                read?.Dispose();
                read = await inspector.InspectAsync(winner, cancellationToken);
                if (read.Inspection != seen.Single(one => one.Secret == winner))
                {
                    return [place.Failed(Reason.SecretUnreadable, $"{winner} changed while it was worked on; the next run imports it."), .. rest];
                }
            }

            var write = new VaultWrite(place, read.Bundle!, item.Vault, remains => WithWarnings(planner.Resolve(item.Target, remains, seen.ToImmutable())[0]));
            return [await ApplyAsync(write, cancellationToken), .. rest];

            SyncAction WithWarnings(SyncAction action) =>
                (action.Winner ?? action.Sources.FirstOrDefault()) is { } source && warnings.TryGetValue(source, out var ofSource) ? action with { Warnings = ofSource } : action;
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            return [ItemFaults.Explain(whole, fault)];
        }
        finally
        {
            read?.Dispose();
        }
    }

    /// <summary>A decision that writes, and all it takes to carry it out.</summary>
    /// <param name="Action">The decision.</param>
    /// <param name="Bundle">The certificate.</param>
    /// <param name="Vault">The vault.</param>
    /// <param name="DecideAgain">Decides anew when the vault turns out to have something else.</param>
    private sealed record VaultWrite(SyncAction Action, CertificateBundle Bundle, ICertificateVault Vault, Func<VaultCertificate, SyncAction> DecideAgain);

    private async Task<SyncAction> ApplyAsync(VaultWrite write, CancellationToken cancellationToken)
    {
        try
        {
            switch (write.Action.Kind)
            {
                case ActionKind.Create:
                    return await CreateAsync(write, cancellationToken);
                case ActionKind.Renew:
                    return await ImportAsync(write, write.Action.Current, cancellationToken);
                case ActionKind.Recover:
                    return await RecoverAsync(write, cancellationToken);
                case ActionKind.UpdateTags:
                    return await UpdateTagsAsync(write, cancellationToken);
                default:
                    return write.Action.Refused(Reason.Unexpected, $"Nothing is written: this job does not know how to carry out '{write.Action.Kind}'; report it to the maintainers.");
            }
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            return ItemFaults.Explain(write.Action, fault);
        }
    }

    private async Task<SyncAction> CreateAsync(VaultWrite write, CancellationToken cancellationToken)
    {
        try
        {
            return await ImportAsync(write, null, cancellationToken);
        }
        catch (VaultException fault) when (fault.Fault == VaultFault.SoftDeleted)
        {
            return await RecoverUnseenAsync(write, fault, cancellationToken);
        }
    }

    /// <summary>
    /// Goes on after an import that found the name soft-deleted though the look before it did not: it was deleted meanwhile, or it
    /// could not be seen. Nothing is recovered before it is known whose it is.
    /// </summary>
    private async Task<SyncAction> RecoverUnseenAsync(VaultWrite write, VaultException fault, CancellationToken cancellationToken)
    {
        var action = write.Action;
        var remains = await write.Vault.FindDeletedAsync([action.Name], cancellationToken);
        if (remains is null)
        {
            return action.Refused(Reason.SoftDeleted,
                $"'{action.Name}' is soft-deleted in {action.Vault} and may not be looked at, so it is not known whose it is: recover or purge it there, or let the identity get and list certificates.");
        }

        if (remains.Count == 0)
        {
            return ItemFaults.Explain(action, fault);
        }

        var again = write.DecideAgain(remains[0]);
        return again.Kind == ActionKind.Recover ? await RecoverAsync(write with { Action = again }, cancellationToken) : Obeyed(again);
    }

    /// <summary>Recovers a name, and does what the certificate that comes back calls for: often it is the very one that would be imported.</summary>
    private async Task<SyncAction> RecoverAsync(VaultWrite write, CancellationToken cancellationToken)
    {
        var recovered = await write.Vault.RecoverAsync(write.Action.Name, cancellationToken);
        var rest = write.DecideAgain(recovered);
        switch (rest.Kind)
        {
            case ActionKind.Unchanged:
                return write.Action;
            case ActionKind.UpdateTags:
                await UpdateTagsAsync(write with { Action = rest }, cancellationToken);
                return write.Action;
            case ActionKind.Renew:
                return write.Action with { Warnings = (await ImportAsync(write with { Action = rest }, recovered, cancellationToken)).Warnings };
            default:
                return Obeyed(rest);
        }
    }

    /// <summary>A second decision to leave the vault as it is. Any other that may not be carried out here is refused.</summary>
    private static SyncAction Obeyed(SyncAction again) => again.Kind is ActionKind.Keep or ActionKind.Refuse or ActionKind.Fail or ActionKind.Skip
        ? again
        : again.Refused(Reason.ChangedInVault, $"'{again.Name}' changed in {again.Vault} while it was worked on, and nothing was written: see who else writes to it, then run again.");

    private async Task<SyncAction> UpdateTagsAsync(VaultWrite write, CancellationToken cancellationToken)
    {
        var action = write.Action;
        await write.Vault.UpdateTagsAsync(action.Current!, action.Tags, cancellationToken);
        if (Ownership.OwnerOf(action.Current!, options.Policy.Cluster) != Owner.Us)
        {
            // Taken over as it is: whatever made it may have left the vault in charge of its renewal.
            await write.Vault.StopRenewalAsync(action.Name, cancellationToken);
        }

        return action;
    }

    private async Task<SyncAction> ImportAsync(VaultWrite write, VaultCertificate? current, CancellationToken cancellationToken)
    {
        var (action, bundle) = (write.Action, write.Bundle);
        var content = options.Format == CertificateFormat.Pem ? bundle.ToPem() : bundle.ToPfx(options.Encryption);
        try
        {
            var stored = await write.Vault.ImportAsync(
                new CertificateImport(action.Name, content, options.Format, action.Tags) { Thumbprint = bundle.Thumbprint, Current = current, KeyPolicy = bundle.KeyPolicy },
                cancellationToken);
            return stored.Warning is { } warning ? action with { Warnings = action.Warnings.Add(warning) } : action;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }
}
