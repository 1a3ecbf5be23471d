namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>
/// The errors of the sandbox. Their texts are those in <c>recordings/key-vault/errors.json</c>; where the real service's
/// message is not known, the method states it.
/// </summary>
internal static class VaultErrors
{
    public const string Region = "westeurope";

    public static VaultError NotFound(string name) => new(404, "CertificateNotFound",
        $"A certificate with (name/id) {name} was not found in this key vault. If you recently deleted this certificate you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182");

    public static VaultError DeletedNotFound(string name) => new(404, "CertificateNotFound", $"Deleted Certificate not found: {name}");

    public static VaultError BeingDeleted() => new(409, "Conflict", "Certificate is currently being deleted.", "ObjectIsBeingDeleted");

    public static VaultError BeingRecovered() => new(409, "Conflict", "Certificate is currently being recovered.", "ObjectIsBeingRecovered");

    public static VaultError DeletedButRecoverable(string name) => new(409, "Conflict",
        $"Certificate {name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the certificate can only be recovered or purged.",
        "ObjectIsDeletedButRecoverable");

    public static VaultError InvalidName(string name) => new(400, "BadParameter", $"The request URI contains an invalid name: {name}");

    public static VaultError NoPrivateKey() => Bad(
        "No certificate with private key found in the specified X.509 certificate content. Please specify X.509 certificate content with only one certificate containing private key.");

    public static VaultError UnreadablePfx() => Bad(
        "The specified PKCS#12 X.509 certificate content can not be read. Please check if certificate is in valid PKCS#12 format.");

    public static VaultError UnreadablePem() => Bad(
        "The specified PEM X.509 certificate content is in an unexpected format. Check if certificate is in valid PEM format.");

    public static VaultError UnsupportedProperties() => Bad(
        "The specified X.509 certificate content is invalid. Error: One or more X.509 properties are invalid.");

    public static VaultError KeySize(int size, string supported) => new(400, "BadParameter",
        $"Unsupported key size ({size}). Supported sizes are [{supported}]", "KeySizeNotSupported");

    public static VaultError WrapKey() => Bad(
        "Unsupported key operation(s): \"wrapKey\", \"unwrapKey\". Supported values are \"sign\", \"verify\".");

    public static VaultError InvalidPolicy() => Bad("Property policy has invalid value\r\n");

    /// <summary>Not verified word for word.</summary>
    public static VaultError InvalidProperty(string name, string? why = null) =>
        Bad($"Property {name} has invalid value{(why is null ? "" : $". {why}")}\r\n");

    /// <summary>Not verified word for word; that expired certificates are refused is documented.</summary>
    public static VaultError Expired() => Bad("The specified X.509 certificate content is invalid. Error: The certificate has expired.");

    public static VaultError TooLong() => Bad("The size of the X.509 certificate is too long.");

    public static VaultError Unauthorized(string message) => new(401, "Unauthorized", message);

    public static VaultError Forbidden(Vault vault, AccessToken caller, VaultRights right, string? name)
    {
        var permission = right.ToString().ToLowerInvariant();
        if (vault.Options.PermissionModel == PermissionModel.AccessPolicy)
        {
            return new VaultError(403, "Forbidden",
                $"The user, group or application '{Describe(caller, "numgroups=0;")}' does not have certificates {permission} permission on key vault '{vault.Name};location={Region}'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287",
                "ForbiddenByPolicy");
        }

        var action = right switch
        {
            VaultRights.List or VaultRights.Get => "certificates/read",
            VaultRights.Delete => "certificates/delete",
            _ => $"certificates/{permission}/action",
        };
        var resource = $"/subscriptions/{vault.Subscription}/resourcegroups/sandbox/providers/microsoft.keyvault/vaults/{vault.Name}";
        if (name is not null)
        {
            resource += $"/certificates/{name}";
        }

        return new VaultError(403, "Forbidden",
            $"Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role definitions were changed recently, please observe propagation time.\r\nCaller: {Describe(caller)}\r\nAction: 'Microsoft.KeyVault/vaults/{action}'\r\nResource: '{resource}'\r\nAssignment: (not found)\r\nDenyAssignmentId: null\r\nDecisionReason: 'DeniedWithNoValidRBAC' \r\nVault: {vault.Name};location={Region}\r\n",
            "ForbiddenByRbac");
    }

    public static VaultError Firewall(Vault vault, AccessToken caller) => new(403, "Forbidden",
        $"Client address is not authorized and caller is not a trusted service.\r\nClient address: 127.0.0.1\r\nCaller: {Describe(caller)}\r\nVault: {vault.Name};location={Region}",
        "ForbiddenByFirewall");

    public static VaultError Throttled() => new(429, "Throttled",
        "Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached");

    private static string Describe(AccessToken caller, string groups = "") => $"appid={caller.Application.ClientId};oid={caller.Application.ObjectId};{groups}iss={caller.Issuer}";

    private static VaultError Bad(string message) => new(400, "BadParameter", message);
}

internal sealed class VaultError(int status, string code, string message, string? innerCode = null) : Refusal(status, message)
{
    public override JsonObject ToJson() => new()
    {
        ["error"] = JsonText.WithoutEmpty(("code", code), ("message", Message), ("innererror", innerCode is null ? null : new JsonObject { ["code"] = innerCode })),
    };
}
