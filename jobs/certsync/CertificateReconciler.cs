using System.Collections.Immutable;
using System.Security.Cryptography;
using ClusterTrust.CertSync.Certificates;
using ClusterTrust.CertSync.Cluster;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.CertSync.Vaults;
using ClusterTrust.Kubernetes;

namespace ClusterTrust.CertSync;

/// <summary>A name in a vault whose Secrets have to be read, because metadata alone does not decide.</summary>
/// <param name="Current">What the vault has, or the soft-deleted certificate; null if nothing.</param>
public sealed record WorkItem(SyncTarget Target, VaultCertificate? Current, ICertificateVault Vault);

/// <summary>
/// Reconciles one certificate: inspects its Secrets, decides, and applies the decision. A fault affects only that certificate. A private
/// key is in memory only during the work on its own certificate.
/// </summary>
/// <param name="time">The time at which certificates must be valid.</param>
public sealed class CertificateReconciler(CertSyncOptions options, SyncPlanner planner, ISecretReader reader, TimeProvider time)
{
    /// <param name="apply">False for a plan: nothing is written.</param>
    /// <param name="cancellationToken">Cancels the work; the vault then has either the old or the new certificate.</param>
    /// <returns>What was done, or would be, or why not; at least one line for each Secret.</returns>
    public async Task<ImmutableArray<SyncAction>> ReconcileAsync(WorkItem item, bool apply, CancellationToken cancellationToken)
    {
        var whole = SyncAction.On(item.Target, item.Current, ActionKind.Inspect, Reason.SourceChanged, "");
        CertificateBundle? bundle = null;
        try
        {
            var seen = ImmutableArray.CreateBuilder<Inspection>(item.Target.Sources.Length);
            foreach (var secret in item.Target.Sources)
            {
                // Many Secrets may ask for one name; only one private key at a time is in memory.
                bundle?.Dispose();
                bundle = null;
                try
                {
                    (var inspection, bundle) = await InspectAsync(secret, cancellationToken);
                    seen.Add(inspection);
                }
                catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
                {
                    // It affects only this Secret: any namespace may request the name with a Secret that cannot be read.
                    var failed = ItemFaults.Explain(whole, fault);
                    seen.Add(Inspection.Without(secret, failed.Reason, failed.Sentence));
                }
            }

            var decided = planner.Resolve(item.Target, item.Current, seen);
            if (!apply || decided is not [{ Writes: true, Winner: { } winner } place, .. var rest])
            {
                return decided;
            }

            if (bundle is null || seen[^1].Secret != winner)
            {
                bundle?.Dispose();
                (var again, bundle) = await InspectAsync(winner, cancellationToken);
                if (bundle is null || again.Secret != winner || again.Facts != seen.Single(one => one.Secret == winner).Facts)
                {
                    return [place.Failed(Reason.SecretUnreadable, $"{winner} changed while it was being processed; the next run imports it."), .. rest];
                }
            }

            var write = new VaultWrite(place, bundle, item.Vault, found => planner.Resolve(item.Target, found, seen)[0]);
            return [await ApplyAsync(write, cancellationToken), .. rest];
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            return [ItemFaults.Explain(whole, fault)];
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
        try
        {
            using var material = await reader.ReadAsync(listed, cancellationToken);
            return material is null
                ? (Inspection.Without(listed, Reason.SecretGone, "It was deleted after it was listed."), null)
                : Inspect(material);
        }
        catch (KubernetesException e)
        {
            return (Inspection.Without(listed, Reason.SecretUnreadable, e.Message), null);
        }
    }

    private (Inspection Inspection, CertificateBundle? Bundle) Inspect(SecretMaterial material)
    {
        if (CertificateParser.IsEmpty(material.TlsCrt.Span))
        {
            return (Inspection.Without(material.Secret, Reason.IssuancePending, "tls.crt is still empty: the certificate is being issued, and is imported once the issuer has answered."), null);
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

    /// <param name="DecideAgain">Decides again for another certificate found in the vault.</param>
    private sealed record VaultWrite(SyncAction Action, CertificateBundle Bundle, ICertificateVault Vault, Func<VaultCertificate, SyncAction> DecideAgain);

    private async Task<SyncAction> ApplyAsync(VaultWrite write, CancellationToken cancellationToken)
    {
        try
        {
            return await (write.Action.Kind switch
            {
                ActionKind.Create => CreateAsync(write, cancellationToken),
                ActionKind.Renew => ImportAsync(write, write.Action.Current, cancellationToken),
                ActionKind.Recover => RecoverAsync(write, cancellationToken),
                ActionKind.UpdateTags => UpdateTagsAsync(write, cancellationToken),
                var unknown => Task.FromResult(write.Action.Refused(
                    Reason.Unexpected, $"Nothing is written: this job does not know how to carry out '{unknown}'; report it to the maintainers.")),
            });
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
            return await RecoverUnlistedAsync(write, fault, cancellationToken);
        }
    }

    /// <summary>
    /// Handles an import that found the name soft-deleted although planning did not: it was deleted meanwhile, or the identity may not
    /// list deleted certificates. Nothing is recovered before its owner is known.
    /// </summary>
    private async Task<SyncAction> RecoverUnlistedAsync(VaultWrite write, VaultException fault, CancellationToken cancellationToken)
    {
        var action = write.Action;
        var deleted = await write.Vault.FindDeletedAsync([action.Name], cancellationToken);
        if (deleted is null)
        {
            return action.Refused(Reason.SoftDeleted,
                $"'{action.Name}' is soft-deleted in {action.Vault}, and the identity may not read it, so its owner is unknown: recover or purge it there, or grant the identity get and list on certificates.");
        }

        if (deleted.Count == 0)
        {
            return ItemFaults.Explain(action, fault);
        }

        var again = write.DecideAgain(deleted[0]);
        return again.Kind == ActionKind.Recover ? await RecoverAsync(write with { Action = again }, cancellationToken) : WithoutWriting(again);
    }

    /// <summary>Recovers a name, and decides again for the certificate that comes back: often it is the one that would be imported.</summary>
    private async Task<SyncAction> RecoverAsync(VaultWrite write, CancellationToken cancellationToken)
    {
        var recovered = await write.Vault.RecoverAsync(write.Action.Name, cancellationToken);
        var again = write.DecideAgain(recovered);
        switch (again.Kind)
        {
            case ActionKind.Unchanged:
                return write.Action;
            case ActionKind.UpdateTags:
                await UpdateTagsAsync(write with { Action = again }, cancellationToken);
                return write.Action;
            case ActionKind.Renew:
                return write.Action with { Warnings = (await ImportAsync(write with { Action = again }, recovered, cancellationToken)).Warnings };
            default:
                return WithoutWriting(again);
        }
    }

    /// <summary>The second decision if it writes nothing; any other is refused.</summary>
    private static SyncAction WithoutWriting(SyncAction again) => again.Kind is ActionKind.Keep or ActionKind.Refuse or ActionKind.Fail or ActionKind.Skip
        ? again
        : again.Refused(Reason.ChangedInVault, $"'{again.Name}' changed in {again.Vault} while it was being processed, and nothing was written: find out who else writes to it, then run again.");

    private async Task<SyncAction> UpdateTagsAsync(VaultWrite write, CancellationToken cancellationToken)
    {
        var action = write.Action;
        await write.Vault.UpdateTagsAsync(action.Current!, action.Tags, cancellationToken);
        if (Ownership.OwnerOf(action.Current!, options.Policy.Cluster) != Owner.Us)
        {
            // Adopted without an import: its policy may let the vault renew it.
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
                new CertificateImport(action.Name, content, options.Format, action.Tags) { Thumbprint = bundle.Facts.Thumbprint, Current = current, KeyPolicy = bundle.KeyPolicy },
                cancellationToken);
            return stored.Warning is { } warning ? action with { Warnings = action.Warnings.Add(warning) } : action;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }
}

/// <summary>The meaning of an exception for the one item that it concerns: a failure if a retry may cure it, otherwise a refusal.</summary>
internal static class ItemFaults
{
    public static SyncAction Explain(SyncAction action, Exception fault) => fault switch
    {
        VaultException { Fault: VaultFault.Rejected or VaultFault.TooManyTags or VaultFault.Unsupported or VaultFault.HeldByOtherKind } refused => action.Refused(refused.Reason, refused.Message),
        VaultException failed => action.Failed(failed.Reason, failed.Message),
        CertificateFormatException invalid => action.Refused(Reason.InvalidCertificate, invalid.Message),
        KubernetesException unread => action.Failed(Reason.SecretUnreadable, unread.Message),
        _ => action.Failed(Reason.Unexpected, Unexpected(fault)),
    };

    /// <summary>Shows only the type: the message may contain anything.</summary>
    public static string Unexpected(Exception fault) =>
        $"unexpected {fault.GetType().Name}; the other certificates are not affected: run again, and report it to the maintainers if it persists.";
}
