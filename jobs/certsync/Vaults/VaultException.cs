using ClusterTrust.CertSync.Planning;
using ClusterTrust.Hosting;

namespace ClusterTrust.CertSync.Vaults;

/// <summary>A vault that did not do what was asked. Concerns one certificate, or one vault; the others go on.</summary>
/// <param name="fault">What kept it, for programs.</param>
/// <param name="sentence">The same for people: what failed, where, and what to do. Never holds key material or tokens.</param>
/// <param name="exitCode">What the process exits with if this ends the run.</param>
/// <param name="innerException">What the SDK said, if anything.</param>
public sealed class VaultException(
    VaultFault fault, string sentence, ExitCode exitCode = ExitCode.Failed, Exception? innerException = null)
    : JobException(sentence, exitCode, innerException)
{
    /// <summary>What kept it, for programs.</summary>
    public VaultFault Fault { get; } = fault;

    /// <summary>Whether nothing but another configuration cures it.</summary>
    public bool IsConfiguration => ExitCode == ExitCode.Usage;

    /// <summary>What a report says of it.</summary>
    public Reason Reason => Fault switch
    {
        VaultFault.SignInFailed or VaultFault.Unauthorized => Reason.SignInFailed,
        VaultFault.ForbiddenByRbac or VaultFault.ForbiddenByPolicy or VaultFault.ForbiddenByFirewall or VaultFault.Forbidden => Reason.VaultForbidden,
        VaultFault.UnknownHost or VaultFault.Unreachable or VaultFault.Unavailable or VaultFault.Throttled => Reason.VaultUnavailable,
        VaultFault.SoftDeleted or VaultFault.BeingDeleted or VaultFault.HeldByOtherKind => Reason.SoftDeleted,
        _ => Reason.VaultRejected,
    };
}
