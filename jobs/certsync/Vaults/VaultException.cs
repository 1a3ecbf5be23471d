namespace ClusterTrust.CertSync.Vaults;

/// <summary>A failed request to a vault. It concerns one certificate or one vault; the others continue.</summary>
/// <param name="sentence">What failed, where, and what to do. Never contains key material or tokens.</param>
/// <param name="exitCode">The exit code if this ends the run.</param>
public sealed class VaultException(
    VaultFault fault, string sentence, ExitCode exitCode = ExitCode.Failed, Exception? innerException = null)
    : JobException(sentence, exitCode, innerException)
{
    public VaultFault Fault { get; } = fault;

    /// <summary>Whether only a change of the configuration fixes it.</summary>
    public bool IsConfiguration => ExitCode == ExitCode.Usage;

    public Reason Reason => Fault switch
    {
        VaultFault.SignInFailed => Reason.SignInFailed,
        VaultFault.Forbidden or VaultFault.ForbiddenByFirewall => Reason.VaultForbidden,
        VaultFault.UnknownHost or VaultFault.Unreachable or VaultFault.Unavailable or VaultFault.Throttled => Reason.VaultUnavailable,
        VaultFault.SoftDeleted or VaultFault.BeingDeleted or VaultFault.HeldByOtherKind => Reason.SoftDeleted,
        _ => Reason.VaultRejected,
    };
}

/// <summary>Why a request to a vault failed.</summary>
public enum VaultFault
{
    /// <summary>There is no token, or the vault does not accept it.</summary>
    SignInFailed,

    /// <summary>The vault's roles or its access policy do not allow it.</summary>
    Forbidden,

    /// <summary>The vault's firewall or private endpoint blocks the cluster (<c>ForbiddenByFirewall</c>, <c>ForbiddenByConnection</c>).</summary>
    ForbiddenByFirewall,

    UnknownHost,

    /// <summary>The vault could not be reached, or its TLS certificate is not trusted.</summary>
    Unreachable,

    /// <summary>The vault still answered 5xx after all retries.</summary>
    Unavailable,

    /// <summary>The vault still answered 429 after all retries.</summary>
    Throttled,

    NotFound,

    /// <summary>The name is soft-deleted (<c>ObjectIsDeletedButRecoverable</c>).</summary>
    SoftDeleted,

    /// <summary>The name belongs to a soft-deleted secret or key.</summary>
    HeldByOtherKind,

    /// <summary>The name is being deleted (<c>ObjectIsBeingDeleted</c>).</summary>
    BeingDeleted,

    /// <summary>Another conflict: the name is in use, or something else changes it.</summary>
    Conflict,

    /// <summary>The service does not support the operation, as an emulator may not.</summary>
    Unsupported,

    TimedOut,

    /// <summary>The response is not Key Vault's, or redirects the credentials to another host.</summary>
    NotUnderstood,

    /// <summary>The response resembles Key Vault's, but a value in it has another form.</summary>
    ResponseUnreadable,

    /// <summary>The vault refused the request because of its content.</summary>
    Rejected,
}
