using System.Text.Json.Nodes;

namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>Who a request is from.</summary>
/// <param name="Name">User name, such as <c>system:serviceaccount:demo:job</c>.</param>
/// <param name="Groups">Groups, as RBAC subjects name them.</param>
/// <param name="Uid">Empty for none.</param>
/// <param name="CredentialId">Id of the credential, such as <c>JTI=…</c>; null for none.</param>
public sealed record UserInfo(string Name, IReadOnlyList<string> Groups, string Uid = "", string? CredentialId = null)
{
    public static UserInfo Anonymous { get; } = new("system:anonymous", ["system:unauthenticated"]);

    /// <summary>The <c>userInfo</c> of a SelfSubjectReview.</summary>
    public JsonObject ToJson()
    {
        var body = new JsonObject { ["username"] = Name };
        if (Uid.Length > 0)
        {
            body["uid"] = Uid;
        }

        body["groups"] = JsonText.Array(Groups);
        if (CredentialId is not null)
        {
            body["extra"] = new JsonObject { ["authentication.kubernetes.io/credential-id"] = JsonText.Array([CredentialId]) };
        }

        return body;
    }
}
