using System.Net;
using System.Net.Http.Headers;

namespace ClusterTrust.Kubernetes.Authentication;

/// <summary>Sends the bearer token, and once more with a fresh one when the first was refused.</summary>
internal sealed class AuthenticationHandler(ITokenSource tokens, string? tlsServerName, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // SocketsHttpHandler checks the certificate against the Host header where there is one.
        request.Headers.Host = tlsServerName;
        var response = await SendWithTokenAsync(request, cancellationToken);
        if (response.StatusCode != HttpStatusCode.Unauthorized || !tokens.Refused())
        {
            return response;
        }

        response.Dispose();
        return await SendWithTokenAsync(request, cancellationToken);
    }

    private async Task<HttpResponseMessage> SendWithTokenAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        var token = await tokens.GetAsync(cancellation);
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return await base.SendAsync(request, cancellation);
    }
}
