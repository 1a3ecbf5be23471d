using System.Text.Json;
using ClusterTrust.Text;

namespace ClusterTrust.Oidc.Issuer;

/// <summary>The two documents of an issuer, as one API server served them.</summary>
internal sealed record IssuerDocuments(ServedDocument Discovery, ServedDocument Jwks)
{
    /// <summary>The path of the discovery document below an issuer (OpenID Connect Discovery 1.0 §4) and on the API server.</summary>
    public const string DiscoveryPath = "/.well-known/openid-configuration";

    /// <summary>The path of the key set on the API server, and below the issuer in what is published.</summary>
    public const string JwksPath = "/openid/v1/jwks";

    /// <summary>The path of the publisher's state file below the issuer.</summary>
    public const string StatePath = JwksPath + "-state.json";
}

/// <summary>One document as a server answered it, not yet checked.</summary>
/// <param name="Source">Where it was read; named in every message about it.</param>
/// <param name="ContentType">The <c>Content-Type</c> header as sent, or null when there was none.</param>
/// <param name="Bytes">The body; a reader stops at <see cref="MaxBytes"/> + 1 bytes, which are refused as too large.</param>
internal sealed record ServedDocument(Uri Source, int Status, string? ContentType, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>The largest body that is accepted, in bytes (64 KiB). A key set of a hundred RSA-4096 keys still fits.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>Reads a body, at most one byte more of it than is accepted, so that an endless one ends.</summary>
    public static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(Stream body, CancellationToken cancellationToken)
    {
        var bytes = new byte[MaxBytes + 1];
        return bytes.AsMemory(0, await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken));
    }

    /// <summary>Parses the document, and refuses other answers of a server, a proxy or a login page.</summary>
    /// <param name="what">What it should be, for the messages.</param>
    /// <param name="findings">Receives the refusal.</param>
    /// <param name="read">Reads the root; the second argument is the source for messages.</param>
    /// <returns>Null after a refusal.</returns>
    public T? Read<T>(string what, IssuerFindings findings, Func<JsonElement, string, T?> read) where T : class
    {
        var source = Sanitizer.Sanitize(Source);
        var subject = $"The {what} at {source}";
        switch (Status)
        {
            case 200:
                break;
            case 401:
                findings.RefuseSetting($"{subject} was answered with 401: the API server does not accept this token or certificate; check that it belongs to this cluster.");
                return null;
            case 403:
                findings.RefuseSetting($"{subject} was answered with 403: bind the ClusterRole system:service-account-issuer-discovery to this ServiceAccount.");
                return null;
            case 404:
                findings.RefuseSetting($"{subject} was answered with 404: kube-apiserver serves it only when its issuer is an https URL; "
                    + "start it with --service-account-issuer=https://OWNER.github.io/REPO (or your own), and check that this is the address of a Kubernetes API server (1.21 or newer).");
                return null;
            case >= 300 and < 400:
                findings.Refuse($"{subject} was answered with a redirect ({Status}), which an API server never sends: a proxy answers instead of it.");
                return null;
            case 408 or 429 or >= 500:
                findings.RefuseForNow($"{subject} was answered with {Status}; run again later.");
                return null;
            default:
                findings.Refuse($"{subject} was answered with {Status} and not 200.");
                return null;
        }

        if (!StrictJson.TryParse(Bytes, out var document, out var fault))
        {
            findings.Refuse($"{subject} {fault} (content type: {Sanitizer.Sanitize(ContentType)}).");
            return null;
        }

        using (document)
        {
            if (ContentType?.Contains("html", StringComparison.OrdinalIgnoreCase) == true)
            {
                findings.Refuse($"{subject} has the content type {Sanitizer.Sanitize(ContentType)}, not JSON.");
                return null;
            }

            if (ErrorIn(document.RootElement) is { } error)
            {
                findings.Refuse($"{subject} was answered with 200 but contains an error: {error}.");
                return null;
            }

            return read(document.RootElement, source);
        }
    }

    /// <summary>A Kubernetes Status or an OAuth error (RFC 6749 §5.2) in the place of a document.</summary>
    private static string? ErrorIn(JsonElement root)
    {
        if (TextOf(root, "kind") == "Status")
        {
            return Sanitizer.Sanitize($"{TextOf(root, "reason")}: {TextOf(root, "message")}");
        }

        return root.TryGetProperty("error", out _) && !root.TryGetProperty("keys", out _)
            ? Sanitizer.Sanitize($"{TextOf(root, "error")}: {TextOf(root, "error_description")}")
            : null;
    }

    private static string TextOf(JsonElement root, string name) => StrictJson.TextOf(root, name) ?? "(none)";
}
