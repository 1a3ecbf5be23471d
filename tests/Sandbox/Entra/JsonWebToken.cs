namespace ClusterTrust.Sandbox.Entra;

/// <summary>A signed JWT (RFC 7519, compact form) taken apart; nothing about it is believed yet.</summary>
/// <param name="SigningInput">What the signature is of.</param>
public sealed record JsonWebToken(byte[] SigningInput, byte[] Signature, JsonObject Head, JsonObject Claims)
{
    public string? Algorithm => Head.Text("alg");

    public string? KeyId => Head.Text("kid");

    public string? Issuer => Claims.Text("iss");

    public string? Subject => Claims.Text("sub");

    public DateTimeOffset? NotBefore => Time("nbf");

    public DateTimeOffset? ExpiresAt => Time("exp");

    /// <summary><c>aud</c>, which may be one string or several.</summary>
    public IReadOnlyList<string> Audiences => Claims["aud"] switch
    {
        JsonArray several => [.. several.Select(static value => value.Text() ?? "")],
        var one => one.Text() is { } text ? [text] : [],
    };

    public string? Header(string name) => Head.Text(name);

    /// <returns>The token, or null when the text is no compact JWS with JSON objects for header and claims.</returns>
    public static JsonWebToken? Parse(string text)
    {
        var parts = text.Split('.');
        if (parts.Length != 3)
        {
            return null;
        }

        try
        {
            return JsonNode.Parse(Base64Url.DecodeFromChars(parts[0])) is JsonObject header
                && JsonNode.Parse(Base64Url.DecodeFromChars(parts[1])) is JsonObject claims
                ? new JsonWebToken(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), header, claims)
                : null;
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            return null;
        }
    }

    public bool IsSignedBy(RSA key, RSASignaturePadding padding) =>
        key.VerifyData(SigningInput, Signature, HashAlgorithmName.SHA256, padding);

    /// <summary>Writes a token.</summary>
    /// <param name="sign">Makes the signature that the header names.</param>
    public static string Sign(JsonObject header, JsonObject claims, Func<byte[], byte[]> sign)
    {
        var text = $"{Encode(header)}.{Encode(claims)}";
        return $"{text}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(text)))}";
    }

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));

    /// <summary>Seconds since 1970 as a number, or as text, which is how Microsoft's own library writes them.</summary>
    private DateTimeOffset? Time(string name) =>
        Claims[name] is JsonValue value
        && double.TryParse(value.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
        && seconds is > 0 and < 253_402_300_800
            ? DateTimeOffset.FromUnixTimeSeconds((long)seconds)
            : null;
}
