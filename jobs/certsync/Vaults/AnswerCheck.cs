using System.Text.Json;
using Azure.Core;
using Azure.Core.Pipeline;

namespace ClusterTrust.CertSync.Vaults;

/// <summary>
/// Refuses answers that are not Key Vault's: a list must have <c>value</c>, anything else an <c>id</c>. The SDK takes whatever JSON
/// comes for a list without entries, and an empty vault would get every certificate anew.
/// </summary>
internal sealed class AnswerCheck : HttpPipelineSynchronousPolicy
{
    /// <exception cref="JsonException">The answer is another's.</exception>
    public override void OnReceivedResponse(HttpMessage message)
    {
        if (message.Response is { IsError: false, Status: 200 } response
            && !Has(response.Content.ToMemory().Span, IsList(message.Request.Uri.ToUri()) ? "value"u8 : "id"u8))
        {
            throw new JsonException("The answer is not one of Key Vault's.");
        }
    }

    private static bool IsList(Uri address) => address.AbsolutePath.Trim('/') is "certificates" or "deletedcertificates";

    private static bool Has(ReadOnlySpan<byte> json, ReadOnlySpan<byte> property)
    {
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals(property))
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }
}
