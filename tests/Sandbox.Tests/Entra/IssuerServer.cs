using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ClusterTrust.Sandbox.Servers;
using Microsoft.AspNetCore.Http;

namespace ClusterTrust.Sandbox.Tests.Entra;

/// <summary>A cluster's issuer: signs ServiceAccount tokens and serves the two documents about its keys.</summary>
public sealed class IssuerServer(CertificateAuthority authority) : SandboxServer(authority, Host)
{
    public const string Host = "issuer.example";

    private readonly RSA key = RSA.Create(2048);

    public string Issuer { get; } = $"https://{Host}/prod";

    /// <summary>What the discovery document says; null for the truth.</summary>
    public string? ClaimedIssuer { get; set; }

    /// <summary>The key id under which the key is published and named in tokens.</summary>
    public string KeyId { get; set; } = "key-1";

    /// <summary>Signs a token. Changes to header and claims come last.</summary>
    public string Token(string subject, string audience = "api://AzureADTokenExchange", Action<JsonObject, JsonObject>? change = null, RSA? signer = null)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var header = new JsonObject { ["alg"] = "RS256", ["kid"] = KeyId };
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
        var text = $"{Encode(header.ToJsonString())}.{Encode(claims.ToJsonString())}";
        var signature = (signer ?? key).SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{text}.{Base64Url.EncodeToString(signature)}";
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        key.Dispose();
    }

    protected override Task HandleAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        switch (context.Request.Path.Value)
        {
            case "/prod/.well-known/openid-configuration":
                return context.Response.WriteAsync(new JsonObject { ["issuer"] = ClaimedIssuer ?? Issuer, ["jwks_uri"] = $"{Issuer}/openid/v1/jwks" }.ToJsonString());
            case "/prod/openid/v1/jwks":
                var parameters = key.ExportParameters(false);
                return context.Response.WriteAsync(new JsonObject
                {
                    ["keys"] = new JsonArray(new JsonObject
                    {
                        ["kty"] = "RSA",
                        ["use"] = "sig",
                        ["alg"] = "RS256",
                        ["kid"] = KeyId,
                        ["n"] = Base64Url.EncodeToString(parameters.Modulus),
                        ["e"] = Base64Url.EncodeToString(parameters.Exponent),
                    }),
                }.ToJsonString());
            default:
                context.Response.StatusCode = 404;
                return Task.CompletedTask;
        }
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
