using ClusterTrust.CertSync.Cluster;
using ClusterTrust.CertSync.Vaults;

namespace ClusterTrust.CertSync;

/// <summary>A name in a vault whose Secrets have to be read, because their metadata is not sufficient to decide.</summary>
/// <param name="Current">The vault's certificate, which may be soft-deleted; null if there is none.</param>
public sealed record WorkItem(SyncTarget Target, VaultCertificate? Current, ICertificateVault Vault);

/// <summary>
/// Reconciles one certificate: inspects its Secrets, decides, and applies the decision. A fault affects only that certificate. A private
/// key is in memory only during the work on its own certificate.
/// </summary>
public sealed class CertificateReconciler(CertSyncOptions options, SyncPlanner planner, ISecretReader reader, TimeProvider time)
{
    /// <param name="apply">False for a plan: nothing is written.</param>
    /// <param name="cancellationToken">Cancels the work; the vault then has either the old or the new certificate.</param>
    /// <returns>What was done, or would be, or why not; at least one line for each Secret.</returns>
    public async Task<ImmutableArray<SyncAction>> ReconcileAsync(WorkItem item, bool apply, CancellationToken cancellationToken)
    {
        var initial = SyncAction.On(item.Target, item.Current, ActionKind.Inspect, Reason.SourceChanged, "");
        ImmutableArray<SyncAction> decided = [initial];
        CertificateBundle? bundle = null;
        try
        {
            if (item.Current is { IsSparse: true, IsDeleted: false })
            {
                item = item with { Current = await item.Vault.FindAsync(item.Target.Name, cancellationToken) };
                initial = planner.Decide(item.Target, item.Current);
                if (initial.Kind != ActionKind.Inspect)
                {
                    return [initial];
                }

                (item, decided) = (item with { Target = item.Target with { Sources = initial.Sources } }, [initial]);
            }

            var inspections = ImmutableArray.CreateBuilder<Inspection>(item.Target.Sources.Length);
            foreach (var secret in item.Target.Sources)
            {
                // Many Secrets may request one name; only one private key at a time is in memory.
                bundle?.Dispose();
                bundle = null;
                try
                {
                    (var inspection, bundle) = await InspectAsync(secret, cancellationToken);
                    inspections.Add(inspection);
                }
                catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
                {
                    // It affects only this Secret: any namespace may request the name with a Secret that cannot be read.
                    var failed = ItemFaults.Explain(initial, fault);
                    inspections.Add(Inspection.Without(secret, failed.Reason, failed.Sentence));
                }
            }

            decided = planner.Resolve(item.Target, item.Current, inspections);
            if (decided is not [{ Writes: true, Winner: { } winner } first, ..])
            {
                return decided;
            }

            if (bundle is null || inspections[^1].Secret != winner)
            {
                bundle?.Dispose();
                (var reread, bundle) = await InspectAsync(winner, cancellationToken);
                if (bundle is null || reread.Secret != winner || reread.Facts != inspections.Single(one => one.Secret == winner).Facts)
                {
                    return [first.Failed(Reason.SecretUnreadable, $"{winner} changed while it was being processed; the next run imports it."), .. decided[1..]];
                }
            }

            if (!apply)
            {
                // Only its encoding shows whether the vault accepts the length.
                CryptographicOperations.ZeroMemory(first.Kind == ActionKind.UpdateTags ? [] : Encode(bundle));
                return decided;
            }

            var done = await ApplyAsync(first, bundle, item.Vault, found => (decided = planner.Resolve(item.Target, found, inspections))[0], cancellationToken);
            return [done, .. decided[1..]];
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            return [ItemFaults.Explain(decided[0], fault), .. decided[1..]];
        }
        finally
        {
            bundle?.Dispose();
        }
    }

    /// <summary>Reads a Secret and its certificate.</summary>
    /// <returns>The facts, or why there are none; and the certificate to import with its key, which the caller disposes of, null without facts.</returns>
    private async Task<(Inspection Inspection, CertificateBundle? Bundle)> InspectAsync(TlsSecretRef listed, CancellationToken cancellationToken)
    {
        using var material = await reader.ReadAsync(listed, cancellationToken);
        return material switch
        {
            null => (Inspection.Without(listed, Reason.SecretGone, "It was deleted after it was listed."), null),
            { IsAsListed: false } => (Inspection.Without(listed, Reason.SecretUnreadable, "It was replaced, or its annotations changed, after it was listed; the next run reads it again."), null),
            _ => Inspect(material),
        };
    }

    private (Inspection Inspection, CertificateBundle? Bundle) Inspect(SecretMaterial material)
    {
        if (CertificateParser.IsEmpty(material.TlsCrt.Span))
        {
            return (Inspection.Without(material.Secret, Reason.IssuancePending, "tls.crt is missing or empty: if cert-manager issues the certificate, it is imported once the issuer has answered; otherwise add tls.crt and tls.key to the Secret."), null);
        }

        CertificateBundle bundle;
        try
        {
            bundle = CertificateParser.Parse(material.TlsCrt.Span, material.TlsKey.Span, material.CaCrt.Span, options.Bundle);
        }
        catch (CertificateFormatException e)
        {
            return (Inspection.Without(material.Secret, Reason.InvalidCertificate, e.Message), null);
        }

        var now = time.GetUtcNow();
        var (reason, refusal) = bundle.Chain[0].Issuer == Annotations.TemporaryIssuer
            ? (Reason.TemporaryCertificate, "It contains cert-manager's temporary certificate until the real one is issued.")
            : (Reason.InvalidCertificate, bundle.RefusalAt(now));
        if (refusal is not null)
        {
            bundle.Dispose();
            return (Inspection.Without(material.Secret, reason, refusal), null);
        }

        return (new Inspection(material.Secret, bundle.Facts) { Warnings = bundle.WarningsAt(now) }, bundle);
    }

    /// <summary>Applies a decision, and decides again if the vault has changed since it was listed.</summary>
    /// <param name="decideAgain">Decides for the certificate that was found in the vault; null if there is none.</param>
    /// <returns>What was done, or why nothing was.</returns>
    private async Task<SyncAction> ApplyAsync(
        SyncAction action, CertificateBundle bundle, ICertificateVault vault, Func<VaultCertificate?, SyncAction> decideAgain, CancellationToken cancellationToken)
    {
        SyncAction? recovery = null;
        var winner = action.Winner;
        if (action is { Kind: not ActionKind.Recover, Current: not { Enabled: false } })
        {
            // Someone else may have written it since the listing, which also omits a certificate that a person has requested from an issuer and
            // that is still pending. Not one that --prune disabled: services that resemble Key Vault may not return it.
            action = decideAgain(await FindSettledAsync(action.Name, vault, cancellationToken));
        }

        while (true)
        {
            switch (action.Kind)
            {
                case ActionKind.Create when action.Winner == winner:
                    try
                    {
                        return await ImportAsync(action, bundle, vault, cancellationToken);
                    }
                    catch (VaultException fault) when (fault.Fault == VaultFault.SoftDeleted)
                    {
                        // It has been deleted since, or the identity may not list deleted certificates. Its owner must be known before it is recovered.
                        switch (await vault.FindDeletedAsync([action.Name], cancellationToken))
                        {
                            case null:
                                return action.Refused(Reason.SoftDeleted,
                                    $"'{action.Name}' is soft-deleted in {action.Vault}, and the identity may not read it, so its owner is unknown: recover or purge it there, or grant the identity get and list on certificates.");
                            case [var deleted]:
                                action = decideAgain(deleted);
                                break;
                            default:
                                return ItemFaults.Explain(action, fault);
                        }
                    }

                    break;
                case ActionKind.Recover when recovery is null && action.Winner == winner:
                    // Often the recovered certificate is the one that would be imported.
                    recovery = action;
                    action = decideAgain(await vault.RecoverAsync(action.Name, cancellationToken));
                    break;
                // Once the owner of the name is known, another Secret may have precedence; then the certificate that was read is not the one to import.
                case ActionKind.Renew when action.Winner == winner:
                    var imported = await ImportAsync(action, bundle, vault, cancellationToken);
                    return recovery is null ? imported : recovery with { Warnings = imported.Warnings };
                case ActionKind.UpdateTags:
                    await UpdateTagsAsync(action, vault, cancellationToken);
                    return recovery ?? action;
                case ActionKind.Unchanged:
                    return recovery ?? action;
                case ActionKind.Keep or ActionKind.Refuse or ActionKind.Fail or ActionKind.Skip:
                    return action;
                default:
                    return action.Refused(Reason.ChangedInVault,
                        $"'{action.Name}' changed in {action.Vault} while it was being processed, and was not imported: find out what else writes to it, then run again.");
            }
        }
    }

    /// <summary>Finds the certificate with a name, after a deletion or recovery in progress: a recovered one may belong to another owner.</summary>
    private async Task<VaultCertificate?> FindSettledAsync(string name, ICertificateVault vault, CancellationToken cancellationToken)
    {
        for (var started = time.GetTimestamp(); ; await Task.Delay(options.Vault.PollInterval, time, cancellationToken))
        {
            try
            {
                return await vault.FindAsync(name, cancellationToken);
            }
            catch (VaultException e) when (e.Fault is VaultFault.BeingDeleted or VaultFault.Conflict && time.GetElapsedTime(started) < options.Vault.MaximumWait)
            {
                // Once the vault has finished, the name is free, taken or soft-deleted.
            }
        }
    }

    private async Task UpdateTagsAsync(SyncAction action, ICertificateVault vault, CancellationToken cancellationToken)
    {
        if (Ownership.OwnerOf(action.Current!, options.Policy.Cluster) != Owner.Us)
        {
            // Adopted without an import: its policy may let the vault renew it. Before the tags, because no later run reads the policy of a certificate with this job's tags.
            await vault.StopRenewalAsync(action.Name, cancellationToken);
        }

        await vault.UpdateTagsAsync(action.Current!, action.Tags, cancellationToken);
    }

    private byte[] Encode(CertificateBundle bundle) => options.Format == CertificateFormat.Pem ? bundle.ToPem() : bundle.ToPfx(options.Encryption);

    private async Task<SyncAction> ImportAsync(SyncAction action, CertificateBundle bundle, ICertificateVault vault, CancellationToken cancellationToken)
    {
        var content = Encode(bundle);
        try
        {
            var import = new CertificateImport(action.Name, content, options.Format, action.Tags)
            {
                Thumbprint = bundle.Facts.Thumbprint,
                Current = action.Current is { IsDeleted: false } current ? current : null,
                KeyPolicy = bundle.KeyPolicy,
            };
            var stored = await vault.ImportAsync(import, cancellationToken);
            return stored.Warning is { } warning ? action with { Warnings = action.Warnings.Add(warning) } : action;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }
}
