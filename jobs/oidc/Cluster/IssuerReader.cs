using ClusterTrust.Kubernetes;
using k8s.Models;

namespace ClusterTrust.Oidc.Cluster;

/// <summary>Reads the cluster's issuer.</summary>
internal interface IIssuerReader
{
    /// <summary>Reads, checks and joins the documents of all API servers.</summary>
    /// <exception cref="JobException">An API server cannot be read, or what it serves must not be published.</exception>
    Task<CheckedIssuer> ReadAsync(CancellationToken cancellationToken);

    /// <summary>A ServiceAccount token, which proves the issuer; null if none is available because the credentials are not a ServiceAccount's.</summary>
    /// <exception cref="JobException">The configured token cannot be read or requested.</exception>
    Task<JsonWebToken?> GetTokenAsync(CancellationToken cancellationToken);
}

/// <summary>Which API servers are read, which issuer they must serve, and where the token that proves it comes from; by default it is the job's own.</summary>
internal sealed record IssuerReaderOptions
{
    /// <summary>The issuer that every API server must serve, to the character; null accepts the API server's.</summary>
    public string? Issuer { get; init; }

    /// <summary>The API servers to read by their own addresses; empty for the one of the connection.</summary>
    public IReadOnlyList<Uri> ApiServers { get; init; } = [];

    /// <summary>Excludes <see cref="ApiServers"/>.</summary>
    public bool AllApiServers { get; init; }

    /// <summary>Both documents as files, to read instead of API servers; null to read these.</summary>
    public string? DiscoveryFile { get; init; }
    public string? JwksFile { get; init; }

    public string? TokenFile { get; init; }

    /// <summary>The ServiceAccount to request a token of, <c>NAMESPACE/NAME</c>; takes precedence over <see cref="TokenFile"/>. Null for none.</summary>
    public string? ServiceAccount { get; init; }

    public string? Audience { get; init; }
}

/// <summary>Reads both documents of every API server as they are served, and checks them.</summary>
internal sealed class IssuerReader(IssuerReaderOptions options, KubernetesConnection connection) : IIssuerReader
{
    private const string ServiceAccountPrefix = "system:serviceaccount:";
    private static readonly TimeSpan TokenLifetime = TimeSpan.FromMinutes(10);

    public async Task<CheckedIssuer> ReadAsync(CancellationToken cancellationToken)
    {
        var servers = options.AllApiServers ? await connection.ApiServersAsync(cancellationToken) : options.ApiServers;
        var issuers = servers.Count == 0
            ? [await CheckAsync(connection, cancellationToken)]
            : await Task.WhenAll(servers.Select(async server =>
            {
                using var other = connection.To(server);
                return await CheckAsync(other, cancellationToken);
            }));
        return CheckedIssuer.Join(issuers);
    }

    public async Task<JsonWebToken?> GetTokenAsync(CancellationToken cancellationToken)
    {
        if (options.ServiceAccount?.Split('/') is [var ns, var name])
        {
            return IssuerFiles.ParseToken(await RequestTokenAsync(ns, name, cancellationToken), $"The response of the API server {Sanitizer.Sanitize(connection.Server)}");
        }

        if (options.TokenFile is { } file)
        {
            return IssuerFiles.ReadToken(file);
        }

        // A person's own token, or one from before tokens named a URL as their issuer, proves nothing about this issuer.
        return await connection.CurrentTokenAsync(cancellationToken) is { } own
            && JsonWebToken.TryParse(own, out var token)
            && token.Subject?.StartsWith(ServiceAccountPrefix, StringComparison.Ordinal) == true
            && token.Issuer != "kubernetes/serviceaccount"
            ? token
            : null;
    }

    /// <summary>Requests a token of a ServiceAccount (TokenRequest), which needs <c>create</c> on <c>serviceaccounts/token</c> in its namespace.</summary>
    private async Task<string> RequestTokenAsync(string ns, string name, CancellationToken cancellationToken)
    {
        var request = new Authenticationv1TokenRequest
        {
            ApiVersion = "authentication.k8s.io/v1",
            Kind = "TokenRequest",
            Spec = new V1TokenRequestSpec { Audiences = options.Audience is { } audience ? [audience] : [], ExpirationSeconds = (long)TokenLifetime.TotalSeconds },
        };
        var path = $"/api/v1/namespaces/{Uri.EscapeDataString(ns)}/serviceaccounts/{Uri.EscapeDataString(name)}/token";
        var response = await connection.SendJsonAsync(HttpMethod.Post, path, request, ClusterJson.Default.Authenticationv1TokenRequest, cancellationToken);
        return response.Status is { Token: { Length: > 0 } token }
            ? token
            : throw new KubernetesException(
                $"The API server {Sanitizer.Sanitize(connection.Server)} answered the request for a token of ServiceAccount {ns}/{name} without one: check the address.");
    }

    private async Task<CheckedIssuer> CheckAsync(KubernetesConnection server, CancellationToken cancellationToken)
    {
        var discovery = ReadAsync(server, "discovery document", IssuerUrl.DiscoveryPath, "application/json", cancellationToken);
        var jwks = ReadAsync(server, "key set", IssuerUrl.JwksPath, "application/jwk-set+json, application/json;q=0.9", cancellationToken);
        var documents = await Task.WhenAll(discovery, jwks);
        return IssuerRules.Check(documents[0], documents[1], options.Issuer, [connection.Server.IdnHost, server.Server.IdnHost, .. server.CertificateNames]);
    }

    private static async Task<ServedDocument> ReadAsync(KubernetesConnection server, string what, string path, string accept, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.Accept.ParseAdd(accept);
        var source = new Uri(server.Server.AbsoluteUri.TrimEnd('/') + path);
        try
        {
            return await server.ReadAsync(
                request,
                async (response, token) => response.StatusCode == HttpStatusCode.OK
                    ? new ServedDocument(source, response.Content.Headers.ContentType?.ToString(), await StrictJson.ReadBodyAsync(await response.Content.ReadAsStreamAsync(token), token))
                    {
                        Date = response.Headers.Date is { Year: < 9000 } date ? date : null, // a retention that begins later would end after the last year
                    }
                    : throw Refused($"was answered with {(int)response.StatusCode} and not 200: something else answers instead of the API server", ExitCode.Refused),
                cancellationToken);
        }
        catch (KubernetesException fault) when (fault.Status == HttpStatusCode.NotFound)
        {
            throw Refused(
                "was answered with 404: kube-apiserver serves it only when its issuer is an https URL; start it with --service-account-issuer=https://OWNER.github.io/REPO (or your own), "
                + "and check that this is the address of a Kubernetes API server (1.21 or newer)",
                ExitCode.Usage);
        }
        catch (KubernetesException fault) when (fault.Status is >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest)
        {
            throw Refused($"was answered with a redirect ({(int)fault.Status}), which an API server never sends: a proxy answers instead of it", ExitCode.Refused);
        }

        JobException Refused(string reason, ExitCode exitCode) => new($"The {what} at {Sanitizer.Sanitize(source)} {reason}.", exitCode);
    }
}
