using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using ClusterTrust.Kubernetes;

namespace ClusterTrust.CertSync.Cluster;

public sealed class SecretReader(KubernetesConnection kubernetes) : ISecretReader
{
    private const string MetadataOnly = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

    /// <summary>A Secret holds at most 1 MiB (Kubernetes MaxSecretSize), a third more in base64, and metadata.</summary>
    private const int LongestSecret = 4 * 1024 * 1024;

    private const int UsualSecret = 16 * 1024;

    public Task<SecretMaterial?> ReadAsync(TlsSecretRef secret, CancellationToken cancellationToken) =>
        GetAsync(secret.Namespace, secret.Name, "application/json", (response, token) => ReadAsync(response, secret, token), cancellationToken);

    public Task<bool> ExistsAsync(string secretNamespace, string name, CancellationToken cancellationToken) =>
        GetAsync(secretNamespace, name, MetadataOnly, static (_, _) => Task.FromResult(true), cancellationToken);

    /// <returns>The type's default if the API server itself reports that there is no such Secret, not that it has no such path.</returns>
    private async Task<T?> GetAsync<T>(
        string secretNamespace, string name, string accept, Func<HttpResponseMessage, CancellationToken, Task<T?>> read, CancellationToken cancellationToken)
    {
        var path = $"/api/v1/namespaces/{Uri.EscapeDataString(secretNamespace)}/secrets/{Uri.EscapeDataString(name)}";
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.Accept.ParseAdd(accept);
        try
        {
            return await kubernetes.ReadAsync(request, read, cancellationToken);
        }
        catch (KubernetesException e) when (e is { Status: HttpStatusCode.NotFound, Reason: "NotFound", Details: { Kind: "secrets", Name: var missing } } && missing == name)
        {
            return default;
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
}

/// <summary>The entries of a Secret, wiped when disposed of. None of them ever becomes a string.</summary>
public sealed class SecretMaterial : IDisposable
{
    /// <summary>The annotations that decide about the certificate even if they were absent when the Secret was listed.</summary>
    private static readonly string[] DecidingAnnotations = [Annotations.Enabled, Annotations.Name, Annotations.Vault];

    private readonly List<PinnedBuffer> _entries = [];

    private SecretMaterial(TlsSecretRef listed) => Secret = listed;

    /// <summary>The Secret in the version that was read, which may be newer than the one listed.</summary>
    public TlsSecretRef Secret { get; private set; }

    /// <summary>Whether it is the object that was listed, with the annotations that were listed: another may have replaced it, for another certificate.</summary>
    public bool IsAsListed { get; private set; }

    /// <summary>PEM: the certificate and its chain; empty if the Secret has no such entry.</summary>
    public ReadOnlyMemory<byte> TlsCrt { get; private set; }

    /// <summary>PEM: the private key; empty if the Secret has no such entry.</summary>
    public ReadOnlyMemory<byte> TlsKey { get; private set; }

    /// <summary>PEM: CA certificates; empty if the Secret has no such entry.</summary>
    public ReadOnlyMemory<byte> CaCrt { get; private set; }

    /// <param name="json">The object as the API server sent it; not copied, and may be wiped afterwards.</param>
    /// <param name="listed">The Secret as listed; the result has its present uid and version.</param>
    /// <exception cref="JsonException">It is not a Secret. The message quotes nothing: what is there instead may be a key.</exception>
    internal static SecretMaterial Read(ReadOnlyMemory<byte> json, TlsSecretRef listed)
    {
        var material = new SecretMaterial(listed);
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.TryGetProperty("metadata", out var metadata))
            {
                material.Secret = listed with { Uid = TextOf(metadata, "uid") ?? listed.Uid, ResourceVersion = TextOf(metadata, "resourceVersion") ?? listed.ResourceVersion };
                var annotations = metadata.TryGetProperty("annotations", out var all) && all.ValueKind != JsonValueKind.Null ? all : (JsonElement?)null;
                material.IsAsListed = material.Secret.Uid == listed.Uid && listed.Annotations.Keys.Union(DecidingAnnotations)
                    .All(key => (annotations is { } present ? TextOf(present, key) : null) == listed.Annotations.GetValueOrDefault(key));
            }

            if (document.RootElement.TryGetProperty("data", out var data) && data.ValueKind != JsonValueKind.Null)
            {
                (material.TlsCrt, material.TlsKey, material.CaCrt) = (material.Decode(data, "tls.crt"u8), material.Decode(data, "tls.key"u8), material.Decode(data, "ca.crt"u8));
            }

            return material;
        }
        catch (Exception fault)
        {
            material.Dispose();
            // JsonDocument's messages quote what follows an invalid literal. InvalidOperationException: another type of value, or a lone surrogate.
            throw fault is JsonException or InvalidOperationException or FormatException ? new JsonException("not a Secret") : fault;
        }
    }

    /// <summary>The Secret's name, never its content.</summary>
    public override string ToString() => Secret.ToString();

    public void Dispose()
    {
        (TlsCrt, TlsKey, CaCrt) = (default, default, default);
        _entries.ForEach(static entry => entry.Dispose());
    }

    private static string? TextOf(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) ? value.GetString() ?? throw new FormatException() : null;

    /// <summary>Decodes an entry into memory that is wiped; <see cref="JsonElement.GetBytesFromBase64"/> would leave it on the heap.</summary>
    private ReadOnlyMemory<byte> Decode(JsonElement data, ReadOnlySpan<byte> name)
    {
        if (!data.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return default;
        }

        var reader = new Utf8JsonReader(JsonMarshal.GetRawUtf8Value(value));
        reader.Read();
        // Base64 is a third longer than what it encodes, and is decoded in place.
        var entry = new PinnedBuffer(Math.Max(1, reader.ValueSpan.Length));
        _entries.Add(entry);
        var base64 = entry.Free(1).Span;
        var length = reader.CopyString(base64);
        if (Base64.DecodeFromUtf8InPlace(base64[..length], out var written) != OperationStatus.Done)
        {
            throw new FormatException();
        }

        entry.Advance(written);
        return entry.Memory;
    }
}
