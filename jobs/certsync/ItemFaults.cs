using ClusterTrust.CertSync.Certificates;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.CertSync.Vaults;
using ClusterTrust.Kubernetes;

namespace ClusterTrust.CertSync;

/// <summary>What an exception means for the one item that it happened to: a failure if a retry may cure it, else a refusal.</summary>
internal static class ItemFaults
{
    /// <summary>The item's line. Of an exception that nobody foresaw only the type is shown: its message may hold anything.</summary>
    public static SyncAction Explain(SyncAction action, Exception fault) => fault switch
    {
        VaultException { Fault: VaultFault.Rejected or VaultFault.TooManyTags or VaultFault.Unsupported or VaultFault.HeldByOtherKind } refused => action.Refused(refused.Reason, refused.Message),
        VaultException failed => action.Failed(failed.Reason, failed.Message),
        CertificateFormatException invalid => action.Refused(Reason.InvalidCertificate, invalid.Message),
        KubernetesException unread => action.Failed(Reason.SecretUnreadable, unread.Message),
        _ => action.Failed(Reason.Unexpected, $"unexpected {fault.GetType().Name}; the other certificates are not affected: run again, and report it to the maintainers if it stays."),
    };
}
