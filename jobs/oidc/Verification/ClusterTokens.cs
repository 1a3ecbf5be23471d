using ClusterTrust.Hosting;
using ClusterTrust.Kubernetes;
using ClusterTrust.Kubernetes.Access;
using ClusterTrust.Oidc.Issuer;

namespace ClusterTrust.Oidc.Verification;

/// <summary>Gets a ServiceAccount token of the cluster to prove its issuer with.</summary>
/// <param name="options">Where from.</param>
/// <param name="connection">The API server.</param>
public sealed class ClusterTokens(OidcOptions options, KubernetesConnection connection)
{
    private const string Prefix = "system:serviceaccount:";
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    /// <summary>A token, or null where none can be had: somebody who is no ServiceAccount runs this.</summary>
    /// <exception cref="JobException">The token that was asked for cannot be had.</exception>
    public async Task<ServiceAccountToken?> GetAsync(CancellationToken cancellation)
    {
        if (options.VerifyServiceAccount?.Split('/') is [var ns, var name])
        {
            string[] audiences = options.Audience is { } audience ? [audience] : [];
            var issued = await connection.CreateTokenAsync(ns, name, audiences, Lifetime, cancellation);
            return Parse(issued.Token, $"The API server {connection.Server}");
        }

        if (options.VerifyTokenFile is { } file)
        {
            try
            {
                return Parse(await File.ReadAllTextAsync(file, cancellation), $"The file {file}");
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                throw new JobException($"The token file {file} cannot be read: mount a projected ServiceAccount token there, or correct --verify-token-file.", ExitCode.Usage, fault);
            }
        }

        // A person's own token, or one from before tokens named a URL as their issuer, proves nothing about this issuer.
        return await connection.CurrentTokenAsync(cancellation) is { } own
            && ServiceAccountToken.TryParse(own, out var token)
            && token.Subject?.StartsWith(Prefix, StringComparison.Ordinal) == true
            && token.Issuer != "kubernetes/serviceaccount"
            ? token
            : null;
    }

    private static ServiceAccountToken Parse(string text, string source) => ServiceAccountToken.TryParse(text, out var token)
        ? token
        : throw new JobException($"{source} gave something that is no ServiceAccount token (a JWT of three parts).", ExitCode.Usage);
}
