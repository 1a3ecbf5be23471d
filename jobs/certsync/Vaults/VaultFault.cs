namespace ClusterTrust.CertSync.Vaults;

/// <summary>What kept a vault from doing what was asked.</summary>
public enum VaultFault
{
    /// <summary>Entra ID, the managed identity or the Azure CLI gave no token.</summary>
    SignInFailed,

    /// <summary>The vault did not accept the token, or asks for one that the identity cannot get.</summary>
    Unauthorized,

    /// <summary>The identity has no role on the vault that allows it (<c>ForbiddenByRbac</c>).</summary>
    ForbiddenByRbac,

    /// <summary>The vault's access policy lacks the permission (<c>ForbiddenByPolicy</c>).</summary>
    ForbiddenByPolicy,

    /// <summary>The vault's firewall, or its lack of public access, keeps the cluster out (<c>ForbiddenByFirewall</c>, <c>ForbiddenByConnection</c>).</summary>
    ForbiddenByFirewall,

    /// <summary>Forbidden for another reason.</summary>
    Forbidden,

    /// <summary>No vault of that name: its host name does not exist.</summary>
    UnknownHost,

    /// <summary>The vault could not be reached, or its TLS certificate is not trusted.</summary>
    Unreachable,

    /// <summary>The vault went on answering 5xx.</summary>
    Unavailable,

    /// <summary>The vault went on answering 429.</summary>
    Throttled,

    /// <summary>No certificate of that name.</summary>
    NotFound,

    /// <summary>The name is soft-deleted (<c>ObjectIsDeletedButRecoverable</c>).</summary>
    SoftDeleted,

    /// <summary>The name belongs to a soft-deleted secret or key.</summary>
    HeldByOtherKind,

    /// <summary>The name is being deleted (<c>ObjectIsBeingDeleted</c>).</summary>
    BeingDeleted,

    /// <summary>The name is in use in another way, or something else works on it.</summary>
    Conflict,

    /// <summary>The service does not know the operation, as a service that only resembles Key Vault may not.</summary>
    Unsupported,

    /// <summary>More tags than a certificate can have.</summary>
    TooManyTags,

    /// <summary>The vault took longer than it was waited for.</summary>
    TimedOut,

    /// <summary>What answered is not Key Vault, or leads the credentials to somewhere else.</summary>
    NotUnderstood,

    /// <summary>It is Key Vault or resembles it, but a part of its answer is not as Key Vault's.</summary>
    AnswerUnreadable,

    /// <summary>The vault refused the request for what is in it.</summary>
    Rejected,
}
