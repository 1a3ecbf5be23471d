using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Issuer;
using ClusterTrust.Text;

namespace ClusterTrust.Oidc.Cluster;

/// <summary>
/// The issuer's documents as files that an earlier step fetched from the API server (<c>kubectl get --raw</c>), and a token that the step
/// requested with them. No API server authenticates files, so a token that the cluster issued within the last hour must prove them.
/// </summary>
internal sealed class IssuerFiles(IssuerReaderOptions options, TimeProvider clock) : IIssuerReader
{
    /// <summary>How long ago the token may have been issued.</summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromHours(1);

    public async Task<CheckedIssuer> ReadAsync(CancellationToken cancellationToken) => IssuerRules.Check(
        new IssuerDocuments(
            await ReadAsync(options.DiscoveryFile!, "--discovery-file", cancellationToken), await ReadAsync(options.JwksFile!, "--jwks-file", cancellationToken)),
        options.Issuer).ThrowIfRefused();

    public async Task<JsonWebToken?> GetTokenAsync(CancellationToken cancellationToken)
    {
        var token = await IssuerReader.ReadTokenFileAsync(options.TokenFile!, cancellationToken);
        var now = clock.GetUtcNow();
        return token.ExpiresAt > now && token.NotBefore > now - MaxAge
            ? token
            : throw new JobException(
                $"The token in {options.TokenFile} has expired, or was issued more than an hour ago: request a new one in the step that fetches the documents (kubectl create token).", ExitCode.Usage);
    }

    private static async Task<ServedDocument> ReadAsync(string path, string setting, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = File.OpenRead(path);
            return new ServedDocument(new Uri(Path.GetFullPath(path)), 200, null, await ServedDocument.ReadBodyAsync(file, cancellationToken));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new JobException($"The file {path} cannot be read: correct {setting}.", ExitCode.Usage, fault);
        }
    }
}
