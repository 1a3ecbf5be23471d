namespace ClusterTrust.Sandbox.Entra;

/// <summary>Reads the keys that an issuer publishes: its discovery document, then the <c>jwks_uri</c> named there, over HTTPS, anew for every assertion.</summary>
internal sealed class IssuerKeys(HttpClient documents)
{
    /// <summary>Entra stores no more than the first hundred keys of an issuer.</summary>
    private const int MaximumKeys = 100;

    /// <exception cref="EntraErrorException">AADSTS50166: a document is unreachable, no JSON, or names another issuer.</exception>
    public async Task<IReadOnlyDictionary<string, RSAParameters>> ReadAsync(string issuer, CancellationToken cancellationToken)
    {
        var discovery = await GetAsync($"{issuer.TrimEnd('/')}/.well-known/openid-configuration", cancellationToken);
        if (discovery.Text("issuer") != issuer || discovery.Text("jwks_uri") is not { } location)
        {
            throw EntraErrors.DocumentsUnreachable();
        }

        var keySet = await GetAsync(location, cancellationToken);
        var keys = new Dictionary<string, RSAParameters>(StringComparer.Ordinal);
        foreach (var key in (keySet["keys"] as JsonArray ?? []).OfType<JsonObject>().Take(MaximumKeys))
        {
            if (key.Text("kty") == "RSA" && key.Text("use") is null or "sig" && key.Text("kid") is { } id && Read(key) is { } parameters)
            {
                keys[id] = parameters;
            }
        }

        return keys;
    }

    private static RSAParameters? Read(JsonObject key) =>
        key.Text("n") is { } modulus && key.Text("e") is { } exponent && Base64Url.IsValid(modulus) && Base64Url.IsValid(exponent)
            ? new RSAParameters { Modulus = Base64Url.DecodeFromChars(modulus), Exponent = Base64Url.DecodeFromChars(exponent) }
            : null;

    private async Task<JsonObject> GetAsync(string address, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttps)
        {
            throw EntraErrors.DocumentsUnreachable();
        }

        try
        {
            var text = await documents.GetByteArrayAsync(uri, cancellationToken);
            return JsonNode.Parse(text) as JsonObject ?? throw EntraErrors.DocumentsUnreachable();
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException || (exception is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw EntraErrors.DocumentsUnreachable();
        }
    }
}
