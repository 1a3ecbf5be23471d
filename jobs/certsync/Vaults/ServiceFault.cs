using System.Text.Json;
using Azure;
using ClusterTrust.Text;

namespace ClusterTrust.CertSync.Vaults;

/// <summary>Key Vault's error body: <c>{"error": {"code", "message", "innererror": {"code"}}}</c>.</summary>
/// <param name="InnerCode">The precise code, such as <c>ForbiddenByRbac</c>; empty if there is none. The SDK does not expose it.</param>
/// <param name="Message">The first line of the message, sanitized and shortened.</param>
/// <param name="Text">The whole message.</param>
internal sealed record ServiceFault(string InnerCode, string Message, string Text)
{
    private const int LongestMessage = 300;

    public static ServiceFault Of(RequestFailedException? exception)
    {
        try
        {
            using var document = JsonDocument.Parse(exception?.GetRawResponse()?.Content.ToMemory() ?? default);
            if (document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object)
            {
                var inner = error.TryGetProperty("innererror", out var nested) && nested.ValueKind == JsonValueKind.Object ? Text(nested, "code") : "";
                var text = Text(error, "message");
                return new ServiceFault(inner, FirstLine(text), text);
            }
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            // A proxy's page, or an answer that was not buffered: only the status is known.
        }

        return new ServiceFault("", "", "");

        static string Text(JsonElement element, string property) =>
            element.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
    }

    /// <summary>The value of a line <c>LABEL: value</c> of the message; null if there is none.</summary>
    public string? Line(string label) => Text.Split('\n', StringSplitOptions.TrimEntries)
        .Where(line => line.StartsWith($"{label}: ", StringComparison.Ordinal))
        .Select(line => line[(label.Length + 2)..])
        .FirstOrDefault();

    private static string FirstLine(string text)
    {
        var line = text.AsSpan().Trim();
        var end = line.IndexOfAny('\r', '\n');
        return Sanitizer.Sanitize((end >= 0 ? line[..end] : line).TrimEnd('.').ToString(), LongestMessage);
    }
}
