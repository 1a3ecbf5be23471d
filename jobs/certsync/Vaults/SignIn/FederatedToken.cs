using System.Buffers.Text;
using System.Text.Json;

namespace ClusterTrust.CertSync.Vaults.SignIn;

/// <summary>The public claims of a ServiceAccount token: what a federated credential has to match. Never the token itself.</summary>
internal sealed record FederatedToken(string Issuer, string Subject, string Audience, DateTimeOffset? Expires)
{
    private const int LongestToken = 64 * 1024;

    /// <summary>Reads the claims of the token in a file.</summary>
    /// <returns>Null if there is no file that holds such a token.</returns>
    public static FederatedToken? Read(string path)
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: <= LongestToken } ? Parse(File.ReadAllText(path).Trim()) : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static FederatedToken? Parse(string token)
    {
        if (token.Split('.') is not [_, var payload, _] || !Base64Url.IsValid(payload))
        {
            return null;
        }

        try
        {
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(payload));
            return claims.RootElement.ValueKind == JsonValueKind.Object
                ? new FederatedToken(Text("iss"), Text("sub"), Text("aud"), Time("exp"))
                : null;

            string Text(string name) => !claims.RootElement.TryGetProperty(name, out var value) ? "" : value.ValueKind switch
            {
                JsonValueKind.String => value.GetString()!,
                JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Where(static item => item.ValueKind == JsonValueKind.String).Select(static item => item.GetString())),
                _ => "",
            };

            DateTimeOffset? Time(string name) =>
                claims.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
                && value.TryGetInt64(out var seconds) && seconds is > 0 and < 253402300800
                    ? DateTimeOffset.FromUnixTimeSeconds(seconds)
                    : null;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
