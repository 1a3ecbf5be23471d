using Azure.Core;

namespace ClusterTrust.CertSync.Tests.Vaults;

/// <summary>Key Vault and Entra ID without a server: every request is answered by a function.</summary>
internal sealed class FakeAzure(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
{
    public const string Thumbprint = "7cb8b7539d87ba7215357b9b9049dff2d3fa59ba";

    /// <summary>Two certificates; the second has no times.</summary>
    public const string List = """
        {"value":[{"id":"https://kv.vault.azure.net/certificates/web","x5t":"fLi3U52HunIVNXubkEnf8tP6Wbo","attributes":{"enabled":true,"nbf":1700000000,"exp":1900000000,"created":1700000000,"updated":1700000000},"tags":{"managed-by":"clustertrust-certsync","cluster":"blue"},"subject":""},
        {"id":"https://kv.vault.azure.net/certificates/api","x5t":"fLi3U52HunIVNXubkEnf8tP6Wbo","attributes":{"enabled":true}}],"nextLink":null}
        """;

    public const string Tenant = "5a1d0c0e-0000-4000-8000-00000000c1a5";

    /// <summary>The token that Entra ID issues, and that no message may contain.</summary>
    public const string Token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJub2JvZHkifQ.c2lnbmF0dXJlLXRoYXQtaXMtc2VjcmV0";

    private static int _vaults;

    /// <summary>The requests with a token, in order: <c>GET /certificates/web</c>.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public VaultSettings Settings => new()
    {
        Transport = new HttpClientTransport(this),
        Retries = 0,
        RetryDelay = TimeSpan.FromMilliseconds(1),
        PollInterval = TimeSpan.FromMilliseconds(1),
        MaximumWait = TimeSpan.FromMilliseconds(1),
    };

    /// <summary>A vault: a request without a token is challenged, one with a token answered.</summary>
    public static FakeAzure Vault(Func<HttpRequestMessage, HttpResponseMessage> answer) =>
        new(request => request.Headers.Authorization is null ? Challenge(request) : answer(request));

    public static HttpResponseMessage Challenge(HttpRequestMessage request) => Challenge(
        $"Bearer authorization=\"https://login.microsoftonline.com/{Tenant}\", resource=\"https://{request.RequestUri!.Host[(request.RequestUri.Host.IndexOf('.', StringComparison.Ordinal) + 1)..]}\"");

    public static HttpResponseMessage Challenge(string header)
    {
        var challenge = Json("", 401);
        challenge.Headers.TryAddWithoutValidation("WWW-Authenticate", header);
        return challenge;
    }

    public static HttpResponseMessage Json(string body, int status = 200) => Json(Encoding.UTF8.GetBytes(body), status);

    public static HttpResponseMessage Json(byte[] body, int status = 200)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json");
        return new HttpResponseMessage((HttpStatusCode)status) { Content = content };
    }

    /// <summary>Sends the request, and asserts that a refusal is one printable sentence of limited length without the token.</summary>
    /// <returns>Whether it was refused.</returns>
    public static async Task<bool> IsRefusedAsync(Func<Task> ask)
    {
        var fault = await Assert.AtMostFaultAsync<VaultException>(ask, longest: 1500);
        Assert.DoesNotContain("c2lnbmF0dXJl", $"{fault?.Message}", StringComparison.Ordinal);
        return fault is not null;
    }

    // A name of its own for each: the SDK remembers challenges by host.
    public KeyVaultCertificates Open(VaultSignIn? signIn = null) => new(
        VaultAddress.Parse($"kv{Interlocked.Increment(ref _vaults):00000}", signIn?.AuthorityHost).Value,
        signIn ?? new VaultSignIn(SignInMethod.ClientSecret, DelegatedTokenCredential.Create(static (_, _) => new AccessToken(Token, DateTimeOffset.MaxValue)), new Uri("https://login.microsoftonline.com/")),
        Settings,
        TimeProvider.System);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Headers.Authorization is not null)
        {
            Requests.Enqueue($"{request.Method} {request.RequestUri!.AbsolutePath}");
        }

        return Task.FromResult(answer(request));
    }
}
