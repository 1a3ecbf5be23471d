using ClusterTrust.Hosting;
using ClusterTrust.Kubernetes;
using ClusterTrust.Text;
using k8s.Models;

namespace ClusterTrust.Oidc.Cluster;

/// <summary>Supplies a ServiceAccount token of the cluster, which proves its issuer.</summary>
internal interface IClusterTokens
{
    /// <summary>A token, or null if none is available because the credentials are not a ServiceAccount's.</summary>
    /// <exception cref="JobException">The configured token cannot be read or requested.</exception>
    Task<JsonWebToken?> GetAsync(CancellationToken cancellationToken);
}

/// <summary>Where the token that proves the issuer comes from; by default it is the job's own.</summary>
internal sealed record ClusterTokenOptions
{
    /// <summary>A file with a ServiceAccount token, read with every run; null for none.</summary>
    public string? TokenFile { get; init; }

    /// <summary>The ServiceAccount to request a token of, <c>NAMESPACE/NAME</c>; takes precedence over <see cref="TokenFile"/>. Null for none.</summary>
    public string? ServiceAccount { get; init; }

    /// <summary>The audience of a requested token; null for the API server's default.</summary>
    public string? Audience { get; init; }
}

internal sealed class ClusterTokens(ClusterTokenOptions options, KubernetesConnection connection) : IClusterTokens
{
    private const string Prefix = "system:serviceaccount:";
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    public async Task<JsonWebToken?> GetAsync(CancellationToken cancellationToken)
    {
        if (options.ServiceAccount?.Split('/') is [var ns, var name])
        {
            return Parse(await RequestAsync(ns, name, cancellationToken), $"The API server {connection.Server}");
        }

        if (options.TokenFile is { } file)
        {
            return await ReadFileAsync(file, cancellationToken);
        }

        // A person's own token, or one from before tokens named a URL as their issuer, proves nothing about this issuer.
        return await connection.CurrentTokenAsync(cancellationToken) is { } own
            && JsonWebToken.TryParse(own, out var token)
            && token.Subject?.StartsWith(Prefix, StringComparison.Ordinal) == true
            && token.Issuer != "kubernetes/serviceaccount"
            ? token
            : null;
    }

    /// <summary>Requests a token of a ServiceAccount (TokenRequest), which needs <c>create</c> on <c>serviceaccounts/token</c> in its namespace.</summary>
    private async Task<string> RequestAsync(string ns, string name, CancellationToken cancellationToken)
    {
        var request = new Authenticationv1TokenRequest
        {
            ApiVersion = "authentication.k8s.io/v1",
            Kind = "TokenRequest",
            Spec = new V1TokenRequestSpec { Audiences = options.Audience is { } audience ? [audience] : [], ExpirationSeconds = (long)Lifetime.TotalSeconds },
        };
        var path = $"/api/v1/namespaces/{Uri.EscapeDataString(ns)}/serviceaccounts/{Uri.EscapeDataString(name)}/token";
        var answer = await connection.PostJsonAsync(path, request, ClusterJson.Default.Authenticationv1TokenRequest, cancellationToken);
        return answer.Status is { Token: { Length: > 0 } token }
            ? token
            : throw new KubernetesException(
                $"The API server {Sanitizer.Sanitize(connection.Server)} answered the request for a token of ServiceAccount {ns}/{name} without one: check the address.");
    }

    /// <summary>Reads a token from a file.</summary>
    /// <exception cref="JobException">The file cannot be read, or holds no token (exit code 2).</exception>
    internal static async Task<JsonWebToken> ReadFileAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            return Parse(await File.ReadAllTextAsync(file, cancellationToken), $"The file {file}");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new JobException($"The token file {file} cannot be read: mount a projected ServiceAccount token there, or correct --verify-token-file.", ExitCode.Usage, fault);
        }
    }

    private static JsonWebToken Parse(string text, string source) => JsonWebToken.TryParse(text, out var token)
        ? token
        : throw new JobException($"{source} returned no ServiceAccount token (a JWT of three parts).", ExitCode.Usage);
}
