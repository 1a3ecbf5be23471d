using System.Text.Json.Nodes;

namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>An error answer of Key Vault.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">The outer code, such as <c>Forbidden</c>.</param>
/// <param name="Message">The message.</param>
/// <param name="InnerCode">The inner code, such as <c>ForbiddenByRbac</c>.</param>
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
