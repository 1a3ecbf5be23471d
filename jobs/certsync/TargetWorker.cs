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

            var actions = planner.Resolve(target, current, [.. inspected.Select(secret => secret.Inspection)]);
            var done = ImmutableArray.CreateBuilder<SyncAction>(actions.Length);
            foreach (var action in actions)
            {
                var read = inspected.Find(secret => secret.Inspection.Secret == (action.Winner ?? action.Sources.FirstOrDefault()));
                var told = read is null ? action : action with { Warnings = [.. read.Warnings] };
                done.Add(apply && told.Writes ? await ApplyAsync(told, read?.Bundle, vault, cancellation) : told);
            }

            return done.ToImmutable();
        }
        finally
        {
            inspected.ForEach(secret => secret.Dispose());
        }
    }

    /// <summary>Applies an action that needs no Secret: disables, or deletes.</summary>
    public static Task<SyncAction> ApplyAsync(SyncAction action, ICertificateVault vault, CancellationToken cancellation) =>
        TryAsync(action, () => action.Kind == ActionKind.Delete
            ? vault.DeleteAsync(action.Name, cancellation)
            : vault.DisableAsync(action.Current!, cancellation));

    private Task<SyncAction> ApplyAsync(SyncAction action, CertificateBundle? bundle, ICertificateVault vault, CancellationToken cancellation) =>
        TryAsync(action, async () =>
        {
            if (action.Kind == ActionKind.UpdateTags)
            {
                await vault.UpdateTagsAsync(action.Current!, action.Tags, cancellation);
                if (!action.Current!.Tags.ContainsKey(Ownership.ChainTag))
                {
                    // Taken over as it is: whatever made it may have left the vault in charge of its renewal.
                    await vault.StopRenewalAsync(action.Name, cancellation);
                }

                return;
            }

            var current = action.Kind == ActionKind.Recover ? await vault.RecoverAsync(action.Name, cancellation) : action.Current;
            await ImportAsync(action, current, bundle!, vault, cancellation);
        });

    private async Task ImportAsync(
        SyncAction action, VaultCertificate? current, CertificateBundle bundle, ICertificateVault vault, CancellationToken cancellation)
    {
        var content = options.Format == CertificateFormat.Pem ? bundle.ToPem() : bundle.ToPfx(options.Encryption);
        try
        {
            await vault.ImportAsync(new CertificateImport(action.Name, content, options.Format, action.Tags) { Current = current }, cancellation);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    private static async Task<SyncAction> TryAsync(SyncAction action, Func<Task> apply)
    {
        try
        {
            await apply();
            return action;
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
