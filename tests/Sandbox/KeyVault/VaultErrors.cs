namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>
/// The errors the sandbox knows. Their texts are those in <c>recordings/key-vault/errors.json</c>; where the real service's
/// words are not known, the method says so.
/// </summary>
internal static class VaultErrors
{
    public const string Region = "westeurope";

    public static VaultErrorException NotFound(string name) => Refuse(404, "CertificateNotFound",
        $"A certificate with (name/id) {name} was not found in this key vault. If you recently deleted this certificate you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182");

    public static VaultErrorException DeletedNotFound(string name) => Refuse(404, "CertificateNotFound", $"Deleted Certificate not found: {name}");

    public static VaultErrorException BeingDeleted() => Refuse(409, "Conflict", "Certificate is currently being deleted.", "ObjectIsBeingDeleted");

    public static VaultErrorException BeingRecovered() => Refuse(409, "Conflict", "Certificate is currently being recovered.", "ObjectIsBeingRecovered");

    public static VaultErrorException DeletedButRecoverable(string name) => Refuse(409, "Conflict",
        $"Certificate {name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the certificate can only be recovered or purged.",
        "ObjectIsDeletedButRecoverable");

    public static VaultErrorException InvalidName(string name) => Refuse(400, "BadParameter", $"The request URI contains an invalid name: {name}");

    public static VaultErrorException NoPrivateKey() => Bad(
        "No certificate with private key found in the specified X.509 certificate content. Please specify X.509 certificate content with only one certificate containing private key.");

    public static VaultErrorException UnreadablePfx() => Bad(
        "The specified PKCS#12 X.509 certificate content can not be read. Please check if certificate is in valid PKCS#12 format.");

    public static VaultErrorException UnreadablePem() => Bad(
        "The specified PEM X.509 certificate content is in an unexpected format. Check if certificate is in valid PEM format.");

    public static VaultErrorException UnsupportedProperties() => Bad(
        "The specified X.509 certificate content is invalid. Error: One or more X.509 properties are invalid.");

    public static VaultErrorException KeySize(int size, string supported) => Refuse(400, "BadParameter",
        $"Unsupported key size ({size}). Supported sizes are [{supported}]", "KeySizeNotSupported");

    public static VaultErrorException WrapKey() => Bad(
        "Unsupported key operation(s): \"wrapKey\", \"unwrapKey\". Supported values are \"sign\", \"verify\".");

    public static VaultErrorException InvalidPolicy() => Bad("Property policy has invalid value\r\n");

    /// <summary>Not verified word for word.</summary>
    public static VaultErrorException InvalidProperty(string name, string? why = null) =>
        Bad($"Property {name} has invalid value{(why is null ? "" : $". {why}")}\r\n");

    /// <summary>Not verified word for word; that expired certificates are refused is documented.</summary>
    public static VaultErrorException Expired() => Bad("The specified X.509 certificate content is invalid. Error: The certificate has expired.");

    public static VaultErrorException TooLong() => Bad("The size of the X.509 certificate is too long.");

    public static VaultErrorException Unauthorized(string message) => Refuse(401, "Unauthorized", message);

    public static VaultErrorException Forbidden(Vault vault, AccessToken caller, VaultRights right, string? name)
    {
        var permission = right.ToString().ToLowerInvariant();
        if (vault.Options.PermissionModel == PermissionModel.AccessPolicy)
        {
            return Refuse(403, "Forbidden",
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

        return Refuse(403, "Forbidden",
            $"Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role definitions were changed recently, please observe propagation time.\r\nCaller: {Describe(caller)}\r\nAction: 'Microsoft.KeyVault/vaults/{action}'\r\nResource: '{resource}'\r\nAssignment: (not found)\r\nDenyAssignmentId: null\r\nDecisionReason: 'DeniedWithNoValidRBAC' \r\nVault: {vault.Name};location={Region}\r\n",
            "ForbiddenByRbac");
    }

    public static VaultErrorException Firewall(Vault vault, AccessToken caller) => Refuse(403, "Forbidden",
        $"Client address is not authorized and caller is not a trusted service.\r\nClient address: 127.0.0.1\r\nCaller: {Describe(caller)}\r\nVault: {vault.Name};location={Region}",
        "ForbiddenByFirewall");

    public static VaultErrorException Throttled() => Refuse(429, "Throttled",
        "Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached");

    private static string Describe(AccessToken caller, string groups = "") => $"appid={caller.Application.ClientId};oid={caller.Application.ObjectId};{groups}iss={caller.Issuer}";

    private static VaultErrorException Bad(string message) => Refuse(400, "BadParameter", message);

    private static VaultErrorException Refuse(int status, string code, string message, string? inner = null) =>
        new(new VaultError(status, code, message, inner));
}

/// <summary>An error answer of Key Vault.</summary>
public sealed record VaultError(int Status, string Code, string Message, string? InnerCode = null)
{
    public JsonObject ToJson()
    {
        var error = new JsonObject { ["code"] = Code, ["message"] = Message };
        if (InnerCode is not null)
        {
            error["innererror"] = new JsonObject { ["code"] = InnerCode };
        }

        return new JsonObject { ["error"] = error };
    }
}

/// <summary>Carries an error answer up to the server.</summary>
internal sealed class VaultErrorException(VaultError error) : Exception(error.Message)
{
    public VaultError Error { get; } = error;
}
