using System.Net.Http.Headers;

namespace ClusterTrust.Sandbox.Tests;

/// <summary>What a server answered.</summary>
internal sealed record Answer(int Status, IReadOnlyDictionary<string, string> Headers, string Text)
{
    public JsonObject Json => Text.Length == 0 ? [] : JsonNode.Parse(Text)!.AsObject();

    public string? Message => (string?)Json["error"]?["message"];

    public string? Code => (string?)Json["error"]?["code"];

    public string? InnerCode => (string?)Json["error"]?["innererror"]?["code"];

    /// <summary>Sends a request. Without a token it is anonymous.</summary>
    public static async Task<Answer> ToAsync(
        HttpClient client, string method, Uri address, string? token, byte[]? body = null, string contentType = "application/json", string accept = "*/*")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), address);
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(contentType) } };
        }

        using var response = await client.SendAsync(request);
        var headers = response.Headers.Concat(response.Content.Headers)
            .ToDictionary(static header => header.Key, static header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        return new Answer((int)response.StatusCode, headers, await response.Content.ReadAsStringAsync());
    }
}
