using System.Net;
using Azure.Core;
using Azure.Core.Pipeline;
using ClusterTrust.CertSync.Vaults;

namespace ClusterTrust.CertSync.Tests.Vaults;

/// <summary>Key Vault and Entra ID without a server: a handler that answers, and a vault that is spoken to through it.</summary>
internal static class FakeAzure
{
    /// <summary>Two certificates; the second has no times.</summary>
    public const string List = """
        {"value":[{"id":"https://kv.vault.azure.net/certificates/web","x5t":"fLi3U52HunIVNXubkEnf8tP6Wbo","attributes":{"enabled":true,"nbf":1700000000,"exp":1900000000,"created":1700000000,"updated":1700000000},"tags":{"managed-by":"clustertrust-certsync","cluster":"blue"},"subject":""},
        {"id":"https://kv.vault.azure.net/certificates/api","x5t":"fLi3U52HunIVNXubkEnf8tP6Wbo","attributes":{"enabled":true}}],"nextLink":null}
        """;

    public const string Tenant = "5a1d0c0e-0000-4000-8000-00000000c1a5";

    /// <summary>The token that Entra ID gives, and that no message may hold.</summary>
    public const string Token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJub2JvZHkifQ.c2lnbmF0dXJlLXRoYXQtaXMtc2VjcmV0";

    private static int vaults;

    /// <summary>Asks, and holds a refusal to be one printable sentence of a fitting length without the token.</summary>
    public static async Task AsksAsync(Func<Task> ask, Action? refused = null, bool mustFail = false)
    {
        try
        {
            await ask();
            Assert.False(mustFail);
        }
        catch (VaultException fault)
        {
            Assert.DoesNotContain(fault.Message, char.IsControl);
            Assert.DoesNotContain("c2lnbmF0dXJl", fault.Message, StringComparison.Ordinal);
            Assert.InRange(fault.Message.Length, 20, 1500);
            refused?.Invoke();
        }
    }

    /// <summary>A vault: a request without a token is challenged, one with a token answered.</summary>
    public static FakeHandler Challenging(Func<HttpRequestMessage, (HttpStatusCode, byte[])> answer) => new(request => Challenge(request, answer));

    public static HttpResponseMessage Challenge(HttpRequestMessage request, Func<HttpRequestMessage, (HttpStatusCode Status, byte[] Body)> answer)
    {
        if (request.Headers.Authorization is not null)
        {
            var (status, body) = answer(request);
            return Response(status, body);
        }

        var challenge = Response(HttpStatusCode.Unauthorized, []);
        challenge.Headers.TryAddWithoutValidation("WWW-Authenticate",
            $"Bearer authorization=\"https://login.microsoftonline.com/{Tenant}\", resource=\"https://{request.RequestUri!.Host[(request.RequestUri.Host.IndexOf('.', StringComparison.Ordinal) + 1)..]}\"");
        return challenge;
    }

    public static HttpResponseMessage Response(HttpStatusCode status, byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json");
        return new HttpResponseMessage(status) { Content = content };
    }

    public static VaultSettings Settings(HttpMessageHandler handler) =>
        new() { Transport = new HttpClientTransport(handler), Retries = 0, RetryDelay = TimeSpan.FromMilliseconds(1), PollInterval = TimeSpan.FromMilliseconds(1), Patience = TimeSpan.FromMilliseconds(1) };

    // A name of its own for each: the SDK remembers challenges by host.
    public static KeyVaultCertificates Open(HttpMessageHandler handler, VaultSignIn? signIn = null, VaultSettings? settings = null) => new(
        VaultAddress.Parse($"kv{Interlocked.Increment(ref vaults):00000}", signIn?.AuthorityHost, out _)!,
        signIn ?? new VaultSignIn(SignInMethod.ClientSecret, new FixedCredential(), new Uri("https://login.microsoftonline.com/")),
        settings ?? Settings(handler),
        TimeProvider.System);

    private sealed class FixedCredential : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(Token, DateTimeOffset.MaxValue);

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(GetToken(requestContext, cancellationToken));
    }
}

/// <summary>Answers every request by a function.</summary>
/// <param name="answer">The answer to a request.</param>
internal sealed class FakeHandler(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(answer(request));
}
