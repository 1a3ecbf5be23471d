using ClusterTrust.Sandbox.ApiServer;
using ClusterTrust.Sandbox.Servers;
using Microsoft.AspNetCore.Http;

namespace ClusterTrust.EndToEnd.Tests.Oidc;

/// <summary>Another API server of a cluster, as far as it serves the issuer's documents: the same issuer, keys of its own.</summary>
/// <param name="authority">Issues the server's certificate.</param>
/// <param name="issuer">The issuer, to the character.</param>
internal sealed class DocumentServer(CertificateAuthority authority, string issuer) : SandboxServer(authority)
{
    private readonly ServiceAccountKeys keys = new();

    public ServiceAccountKeys Keys => keys;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        keys.Dispose();
    }

    protected override async Task HandleAsync(HttpContext context)
    {
        var endpoint = new IssuerEndpoint(keys, new ApiServerOptions { Issuer = issuer });
        var document = context.Request.Path == IssuerEndpoint.DiscoveryPath ? endpoint.Discovery : endpoint.Jwks;
        context.Response.ContentType = document.ContentType;
        await context.Response.Body.WriteAsync(document.Body);
    }
}
