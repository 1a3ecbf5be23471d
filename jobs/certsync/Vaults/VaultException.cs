using ClusterTrust.CertSync.Planning;
using ClusterTrust.Hosting;

namespace ClusterTrust.CertSync.Vaults;

/// <summary>A failed request to a vault. It concerns one certificate, or one vault; the others go on.</summary>
/// <param name="fault">The reason.</param>
/// <param name="sentence">What failed, where, and what to do. Never holds key material or tokens.</param>
/// <param name="exitCode">The exit code if this ends the run.</param>
/// <param name="innerException">The SDK's exception, if any.</param>
public sealed class VaultException(
    VaultFault fault, string sentence, ExitCode exitCode = ExitCode.Failed, Exception? innerException = null)
    : JobException(sentence, exitCode, innerException)
{
    public VaultFault Fault { get; } = fault;

    /// <summary>Whether only a change of the configuration cures it.</summary>
    public bool IsConfiguration => ExitCode == ExitCode.Usage;

    /// <summary>The reason in reports.</summary>
    public Reason Reason => Fault switch
    {
        VaultFault.SignInFailed or VaultFault.Unauthorized => Reason.SignInFailed,
        VaultFault.ForbiddenByRbac or VaultFault.ForbiddenByPolicy or VaultFault.ForbiddenByFirewall or VaultFault.Forbidden => Reason.VaultForbidden,
        VaultFault.UnknownHost or VaultFault.Unreachable or VaultFault.Unavailable or VaultFault.Throttled => Reason.VaultUnavailable,
        VaultFault.SoftDeleted or VaultFault.BeingDeleted or VaultFault.HeldByOtherKind => Reason.SoftDeleted,
        _ => Reason.VaultRejected,
    };
}

/// <summary>Why a request to a vault failed.</summary>
public enum VaultFault
{
    /// <summary>Entra ID, the managed identity or the Azure CLI issued no token.</summary>
    SignInFailed,

    /// <summary>The vault did not accept the token, or asks for one that the identity cannot get.</summary>
    Unauthorized,

    /// <summary>The identity has no role on the vault that allows it (<c>ForbiddenByRbac</c>).</summary>
    ForbiddenByRbac,

    /// <summary>The vault's access policy lacks the permission (<c>ForbiddenByPolicy</c>).</summary>
    ForbiddenByPolicy,

    /// <summary>The vault's firewall or private endpoint blocks the cluster (<c>ForbiddenByFirewall</c>, <c>ForbiddenByConnection</c>).</summary>
    ForbiddenByFirewall,

    /// <summary>Forbidden for another reason.</summary>
    Forbidden,

    /// <summary>The vault's host name does not exist.</summary>
    UnknownHost,

    /// <summary>The vault could not be reached, or its TLS certificate is not trusted.</summary>
    Unreachable,

    /// <summary>The vault still answered 5xx after all retries.</summary>
    Unavailable,

    /// <summary>The vault still answered 429 after all retries.</summary>
    Throttled,

    /// <summary>No certificate of that name.</summary>
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

    /// <summary>More tags than a certificate can have.</summary>
    TooManyTags,

    /// <summary>The vault did not finish in time.</summary>
    TimedOut,

    /// <summary>The answer is not Key Vault's, or redirects the credentials to another host.</summary>
    NotUnderstood,

    /// <summary>The answer resembles Key Vault's, but a value in it has another form.</summary>
    AnswerUnreadable,

    /// <summary>The vault refused the request because of its content.</summary>
    Rejected,
}
