using System.Collections.Immutable;
using System.Security.Cryptography;
using ClusterTrust.CertSync.Certificates;
using ClusterTrust.CertSync.Cluster;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.CertSync.Vaults;
using ClusterTrust.Hosting;

namespace ClusterTrust.CertSync;

/// <summary>
/// Brings one certificate to where it should be: reads its Secrets, decides, and writes to the vault. A private key is in memory only
/// while its own certificate is worked on.
/// </summary>
/// <param name="options">What is to be done.</param>
/// <param name="planner">Decides.</param>
/// <param name="reader">Reads Secrets.</param>
/// <param name="inspector">Understands them.</param>
/// <param name="clock">Tells what has expired.</param>
public sealed class TargetWorker(
    CertSyncOptions options, SyncPlanner planner, ISecretReader reader, SecretInspector inspector, TimeProvider clock)
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
                try
                {
                    using var material = await reader.ReadAsync(secret, cancellation);
                    inspected.Add(material is null
                        ? InspectedSecret.Without(secret, Reason.SecretGone, $"{secret} disappeared after it was listed; the next run sees what became of it.")
                        : inspector.Inspect(material, clock.GetUtcNow()));
                }
                catch (JobException fault)
                {
                    // One Secret that cannot be read must not stop the others.
                    inspected.Add(InspectedSecret.Without(secret, Reason.SecretUnreadable, fault.Message));
                }
            }

            var actions = planner.Resolve(target, current, [.. inspected.Select(secret => secret.Inspection)]);
            if (!apply)
            {
                return actions;
            }

            var done = ImmutableArray.CreateBuilder<SyncAction>(actions.Length);
            foreach (var action in actions)
            {
                done.Add(action.Writes ? await ApplyAsync(action, BundleOf(action, inspected), vault, cancellation) : action);
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

    private static CertificateBundle? BundleOf(SyncAction action, List<InspectedSecret> inspected) =>
        inspected.Find(secret => secret.Inspection.Secret == action.Winner)?.Bundle;
}
