namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>How a vault behaves. Assign a changed copy to <see cref="Vault.Options"/> at any time.</summary>
public sealed record VaultOptions
{
    /// <summary>The vault's DNS suffix, which also chooses the cloud: <c>vault.azure.net</c>, <c>vault.usgovcloudapi.net</c> or <c>vault.azure.cn</c>.</summary>
    public string Suffix { get; init; } = "vault.azure.net";

    public PermissionModel PermissionModel { get; init; } = PermissionModel.Rbac;

    /// <summary>How long a delete goes on (the real service: 10 to 21 seconds). Zero by default.</summary>
    public TimeSpan DeleteDelay { get; init; }

    /// <summary>How long a recovery goes on (the real service: about 10 seconds). Zero by default.</summary>
    public TimeSpan RecoverDelay { get; init; }

    /// <summary>Days a deleted certificate can be recovered, 7 to 90.</summary>
    public int RecoverableDays { get; init; } = 90;

    /// <summary>Purging is refused.</summary>
    public bool PurgeProtection { get; init; }

    /// <summary>Every call is refused by the vault's firewall.</summary>
    public bool FirewallClosed { get; init; }

    /// <summary>Pages of changing length, now and then empty, as the real service sometimes gives. Otherwise all pages but the last are full.</summary>
    public bool RaggedPages { get; init; }

    /// <summary>Lists give names, thumbprints and little else, as services do that only resemble Key Vault: no tags, no times.</summary>
    public bool SparseLists { get; init; }

    /// <summary>Thumbprints are in hexadecimal, as emulators of Key Vault give them, and not in base64url.</summary>
    public bool HexThumbprints { get; init; }

    /// <summary>The resource that challenges name and tokens must be for, instead of the one of the vault's cloud.</summary>
    public string? ForeignResource { get; init; }

    public ThrottleLimits Throttle { get; init; } = ThrottleLimits.None;

    public string Region { get; init; } = "westeurope";

    internal string RecoveryLevel => $"{(RecoverableDays < 90 ? "Customized" : "")}Recoverable{(PurgeProtection ? "" : "+Purgeable")}";
}
