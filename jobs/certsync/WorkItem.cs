using ClusterTrust.CertSync.Planning;
using ClusterTrust.CertSync.Vaults;

namespace ClusterTrust.CertSync;

/// <summary>A certificate about which metadata alone does not decide: its Secrets have to be read.</summary>
/// <param name="Target">What should be in the vault.</param>
/// <param name="Current">What the vault has, or its soft-deleted remains; null if nothing.</param>
/// <param name="Vault">The vault.</param>
public sealed record WorkItem(SyncTarget Target, VaultCertificate? Current, ICertificateVault Vault)
{
    /// <summary>The line for an item that the run did not get to, or not to the end of.</summary>
    public SyncAction Stopped(string sentence) => SyncAction.On(Target, Current, ActionKind.Fail, Reason.Stopped, sentence);
}
