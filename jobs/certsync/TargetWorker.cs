using System.Collections.Immutable;
using System.Security.Cryptography;
using ClusterTrust.CertSync.Certificates;
using ClusterTrust.CertSync.Cluster;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.CertSync.Vaults;

namespace ClusterTrust.CertSync;

/// <summary>
/// Brings one certificate to where it should be: reads its Secrets, decides, and writes to the vault. A private key is in memory only
/// while its own certificate is worked on.
/// </summary>
/// <param name="options">What is to be done.</param>
/// <param name="planner">Decides.</param>
/// <param name="inspector">Reads Secrets and understands them.</param>
public sealed class TargetWorker(CertSyncOptions options, SyncPlanner planner, SecretInspector inspector)
{
    /// <summary>Decides with the Secrets read, and applies the decision.</summary>
    /// <param name="target">What should be in the vault.</param>
    /// <param name="current">What the vault has.</param>
    /// <param name="vault">The vault.</param>
    /// <param name="apply">False for a plan: nothing is written.</param>
    /// <param name="cancellation">Ends the work wherever it is; a vault's certificate is then either old or new.</param>
    /// <returns>What was done, or would be, and why not.</returns>
    public async Task<ImmutableArray<SyncAction>> WorkAsync(
        SyncTarget target, VaultCertificate? current, ICertificateVault vault, bool apply, CancellationToken cancellation)
    {
        var inspected = new List<InspectedSecret>(target.Sources.Length);
        try
        {
            foreach (var secret in target.Sources)
            {
                inspected.Add(await inspector.InspectAsync(secret, cancellation));
            }

            var inspections = inspected.ConvertAll(secret => secret.Inspection);
            var done = ImmutableArray.CreateBuilder<SyncAction>();
            foreach (var action in planner.Resolve(target, current, inspections))
            {
                var read = inspected.Find(secret => secret.Inspection.Secret == (action.Winner ?? action.Sources.FirstOrDefault()));
                var told = read is null ? action : action with { Warnings = [.. read.Warnings] };
                done.Add(apply && told.Writes
                    ? await TryAsync(told, () => ApplyAsync(told, read!.Bundle!, vault, remains => planner.Resolve(target, remains, inspections)[0], cancellation))
                    : told);
            }

            return done.ToImmutable();
        }
        finally
        {
            inspected.ForEach(secret => secret.Dispose());
        }
    }

    private async Task<SyncAction> ApplyAsync(
        SyncAction action, CertificateBundle bundle, ICertificateVault vault, Func<VaultCertificate, SyncAction> decideAgain, CancellationToken cancellation)
    {
        switch (action.Kind)
        {
            case ActionKind.UpdateTags:
                await UpdateTagsAsync(action, vault, cancellation);
                break;
            case ActionKind.Recover:
                await RecoverAsync(action, bundle, vault, decideAgain, cancellation);
                break;
            case ActionKind.Create:
                try
                {
                    await ImportAsync(action, null, bundle, vault, cancellation);
                }
                catch (VaultException fault) when (fault.Fault == VaultFault.SoftDeleted)
                {
                    return await RecoverUnseenAsync(action, fault, bundle, vault, decideAgain, cancellation);
                }

                break;
            default:
                await ImportAsync(action, action.Current, bundle, vault, cancellation);
                break;
        }

        return action;
    }

    /// <summary>
    /// Goes on after an import that found the name soft-deleted though the look before it did not: it was deleted meanwhile, or it
    /// could not be seen. Nothing is recovered before it is known whose it is.
    /// </summary>
    private async Task<SyncAction> RecoverUnseenAsync(
        SyncAction action, VaultException fault, CertificateBundle bundle, ICertificateVault vault, Func<VaultCertificate, SyncAction> decideAgain, CancellationToken cancellation)
    {
        var remains = await vault.FindDeletedAsync([action.Name], cancellation);
        if (remains is null)
        {
            return action with
            {
                Kind = ActionKind.Refuse,
                Reason = Reason.SoftDeleted,
                Sentence = $"'{action.Name}' is soft-deleted in {action.Vault} and may not be looked at, so it is not known whose it is: recover or purge it there, or let the identity get and list certificates.",
            };
        }

        if (remains.Count == 0)
        {
            return action.Failed(fault.Reason, fault.Message);
        }

        var again = decideAgain(remains[0]) with { Warnings = action.Warnings };
        if (again.Kind == ActionKind.Recover)
        {
            await RecoverAsync(again, bundle, vault, decideAgain, cancellation);
        }

        return again;
    }

    /// <summary>Recovers a name, and imports into it unless it comes back with the very certificate.</summary>
    private async Task RecoverAsync(
        SyncAction action, CertificateBundle bundle, ICertificateVault vault, Func<VaultCertificate, SyncAction> decideAgain, CancellationToken cancellation)
    {
        var recovered = await vault.RecoverAsync(action.Name, cancellation);
        var rest = decideAgain(recovered);
        switch (rest.Kind)
        {
            case ActionKind.Unchanged:
                break;
            case ActionKind.UpdateTags:
                await UpdateTagsAsync(rest, vault, cancellation);
                break;
            default:
                await ImportAsync(action, recovered, bundle, vault, cancellation);
                break;
        }
    }

    private async Task UpdateTagsAsync(SyncAction action, ICertificateVault vault, CancellationToken cancellation)
    {
        await vault.UpdateTagsAsync(action.Current!, action.Tags, cancellation);
        if (Ownership.OwnerOf(action.Current!, options.Policy.Cluster) != Owner.Us)
        {
            // Taken over as it is: whatever made it may have left the vault in charge of its renewal.
            await vault.StopRenewalAsync(action.Name, cancellation);
        }
    }

    private async Task ImportAsync(
        SyncAction action, VaultCertificate? current, CertificateBundle bundle, ICertificateVault vault, CancellationToken cancellation)
    {
        var content = options.Format == CertificateFormat.Pem ? bundle.ToPem() : bundle.ToPfx(options.Encryption);
        try
        {
            await vault.ImportAsync(new CertificateImport(action.Name, content, options.Format, action.Tags) { Thumbprint = bundle.Thumbprint, Current = current }, cancellation);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    private static async Task<SyncAction> TryAsync(SyncAction action, Func<Task<SyncAction>> apply)
    {
        try
        {
            return await apply();
        }
        catch (VaultException fault)
        {
            return action.Failed(fault.Reason, fault.Message);
        }
        catch (CertificateFormatException fault)
        {
            return action.Failed(Reason.InvalidCertificate, fault.Message);
        }
    }
}
