using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using ClusterTrust.Sandbox.ApiServer;
using ClusterTrust.Sandbox.Servers;
using Microsoft.AspNetCore.Http;

namespace ClusterTrust.Sandbox.Tests.Entra;

/// <summary>A cluster's issuer: signs ServiceAccount tokens and serves the two documents about its keys.</summary>
public sealed class IssuerServer(CertificateAuthority authority) : SandboxServer(authority, Host)
{
    public const string Host = "issuer.example";

    private readonly SigningKey key = new(SigningAlgorithm.RS256);

    public string Issuer { get; } = $"https://{Host}/prod";

    /// <summary>What the discovery document says; null for the truth.</summary>
    public string? ClaimedIssuer { get; set; }

    /// <summary>Signs a token. Changes to header and claims come last.</summary>
    public string Token(string subject, string audience = "api://AzureADTokenExchange", Action<JsonObject, JsonObject>? change = null, SigningKey? signer = null)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var header = new JsonObject { ["alg"] = "RS256", ["kid"] = key.KeyId };
        var claims = new JsonObject
        {
            ["iss"] = Issuer,
            ["sub"] = subject,
            ["aud"] = new JsonArray(audience),
            ["iat"] = now,
            ["nbf"] = now,
            ["exp"] = now + 3600,
        };
        change?.Invoke(header, claims);
        var text = $"{Encode(header)}.{Encode(claims)}";
        return $"{text}.{Base64Url.EncodeToString((signer ?? key).Sign(Encoding.ASCII.GetBytes(text)))}";
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        key.Dispose();
    }

    protected override Task HandleAsync(HttpContext context)
    {
        var document = context.Request.Path.Value switch
        {
            "/prod/.well-known/openid-configuration" => new JsonObject { ["issuer"] = ClaimedIssuer ?? Issuer, ["jwks_uri"] = $"{Issuer}/openid/v1/jwks" },
            "/prod/openid/v1/jwks" => new JsonObject { ["keys"] = new JsonArray(key.ToJwk()) },
            _ => null,
        };
        context.Response.StatusCode = document is null ? 404 : 200;
        return context.Response.WriteAsync(document?.ToJsonString() ?? "");
    }

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));
}
