using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.Kubernetes;
using ClusterTrust.Text;

namespace ClusterTrust.CertSync.Cluster;

public sealed class SecretReader(KubernetesConnection kubernetes) : ISecretReader
{
    private const string MetadataOnly = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

    /// <summary>A Secret holds at most 1 MiB (Kubernetes MaxSecretSize), a third more in base64, and metadata.</summary>
    private const int LongestSecret = 4 * 1024 * 1024;

    private const int UsualSecret = 16 * 1024;

    public async Task<SecretMaterial?> ReadAsync(TlsSecretRef secret, CancellationToken cancellationToken)
    {
        using var request = Request(secret, "application/json");
        try
        {
            return await kubernetes.ReadAsync(request, (response, token) => ReadAsync(response, secret, token), cancellationToken);
        }
        catch (KubernetesException e) when (e.Status == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    public async Task<bool> ExistsAsync(string secretNamespace, string name, CancellationToken cancellationToken)
    {
        using var request = Request(new TlsSecretRef(secretNamespace, name, "", ""), MetadataOnly);
        try
        {
            return await kubernetes.ReadAsync(request, static (_, _) => Task.FromResult(true), cancellationToken);
        }
        catch (KubernetesException e) when (e is { Status: HttpStatusCode.NotFound, Reason: "NotFound" })
        {
            return false;
        }
    }

    private static async Task<SecretMaterial?> ReadAsync(HttpResponseMessage response, TlsSecretRef secret, CancellationToken cancellationToken)
    {
        var expected = (int)Math.Min(response.Content.Headers.ContentLength ?? UsualSecret, LongestSecret);
        using var json = new PinnedBuffer(expected + 1);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        for (int count; (count = await body.ReadAsync(json.Free(1), cancellationToken)) > 0;)
        {
            json.Advance(count);
            if (json.Length > LongestSecret)
            {
                throw new JsonException("longer than a Secret can be");
            }
        }

        return SecretMaterial.Read(json.Memory, secret);
    }

    private static HttpRequestMessage Request(TlsSecretRef secret, string accept)
    {
        var path = $"/api/v1/namespaces/{Uri.EscapeDataString(secret.Namespace)}/secrets/{Uri.EscapeDataString(secret.Name)}";
        return new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative))
        {
            Headers = { Accept = { MediaTypeWithQualityHeaderValue.Parse(accept) } },
        };
    }
}
