using System.Text.Json.Nodes;
using Azure.Core;
using Azure.Core.Pipeline;

namespace ClusterTrust.CertSync.Vaults;

/// <summary>
/// Refuses responses that are not Key Vault's: a list must have an array <c>value</c>, anything else a string <c>id</c>. The SDK reads any
/// other JSON as an empty list, and then every certificate would be imported again. A member that is <c>null</c>, as emulators send for a number that
/// is not set, is removed: the SDK cannot read it, and it means the same as one that is absent.
/// </summary>
internal sealed class ResponseValidationPolicy : HttpPipelineSynchronousPolicy
{
    /// <exception cref="NotKeyVaultException">The response is another service's.</exception>
    public override void OnReceivedResponse(HttpMessage message)
    {
        if (message.Response is not { IsError: false, Status: 200 } response)
        {
            return;
        }

        var body = response.Content.ToMemory().Span;
        var content = Parse(body);
        if (!(IsList(message.Request.Uri.ToUri()) ? content?["value"] is JsonArray : content?["id"]?.GetValueKind() == JsonValueKind.String))
        {
            throw new NotKeyVaultException();
        }

        if (body.IndexOf("null"u8) >= 0)
        {
            RemoveNulls(content);
            response.ContentStream = new MemoryStream(Encoding.UTF8.GetBytes(content.ToJsonString()));
        }
    }

    /// <returns>Null if it is not a JSON object but, for example, a proxy's page.</returns>
    private static JsonObject? Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonNode.Parse(body) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void RemoveNulls(JsonNode? node)
    {
        if (node is JsonObject members)
        {
            foreach (var (name, value) in members.ToArray())
            {
                if (value is null)
                {
                    members.Remove(name);
                }

                RemoveNulls(value);
            }
        }
        else if (node is JsonArray items)
        {
            foreach (var item in items)
            {
                RemoveNulls(item);
            }
        }
    }

    private static bool IsList(Uri address) => address.AbsolutePath.Trim('/').Split('/') is ["certificates" or "deletedcertificates"] or ["certificates", _, "versions"];
}

internal sealed class NotKeyVaultException() : Exception("The response is not one of Key Vault's.");
