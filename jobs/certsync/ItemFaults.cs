using ClusterTrust.CertSync.Vaults;

namespace ClusterTrust.CertSync;

/// <summary>The meaning of an exception for the one item that it concerns: a failure if a retry may fix it, otherwise a refusal.</summary>
internal static class ItemFaults
{
    public static SyncAction Explain(SyncAction action, Exception fault) => fault switch
    {
        VaultException refused when refused.ExitCode == ExitCode.Refused || refused.Fault is VaultFault.Rejected or VaultFault.Unsupported
            => action.Refused(refused.Reason, refused.Message),
        VaultException failed => action.Failed(failed.Reason, failed.Message),
        CertificateFormatException invalid => action.Refused(Reason.InvalidCertificate, invalid.Message),
        JobException unread => action.Failed(Reason.SecretUnreadable, unread.Message),
        _ => action.Failed(Reason.Unexpected, Unexpected(fault)),
    };

    /// <summary>Shows only the type: the message may contain anything.</summary>
    public static string Unexpected(Exception fault) =>
        $"unexpected {fault.GetType().Name}; the other certificates are not affected: run again, and report it to the maintainers if it persists.";
}
