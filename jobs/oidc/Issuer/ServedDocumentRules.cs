using System.Text.Json;

namespace ClusterTrust.Oidc.Issuer;

/// <summary>Tells a document from whatever else a server, a proxy or a login page may have answered.</summary>
internal static class ServedDocumentRules
{
    /// <summary>The document as JSON, or null after a refusal that says what was seen.</summary>
    /// <param name="served">The answer.</param>
    /// <param name="what">What it should be, for the message.</param>
    /// <param name="findings">Receives the refusal.</param>
    public static JsonDocument? Open(ServedDocument served, string what, FindingsCollector findings)
    {
        var subject = $"The {what} at {Shown.Of(served.Source)}";
        switch (served.Status)
        {
            case 200:
                break;
            case 401:
                findings.Misconfigured($"{subject} was answered with 401: the API server does not take this token or certificate; check that it is of this cluster.");
                return null;
            case 403:
                findings.Misconfigured($"{subject} was answered with 403: bind the ClusterRole system:service-account-issuer-discovery to this ServiceAccount.");
                return null;
            case 404:
                findings.Misconfigured($"{subject} was answered with 404: kube-apiserver serves it only when its issuer is an https URL; "
                    + "start it with --service-account-issuer=https://OWNER.github.io/REPO (or your own), and check that this is the address of a Kubernetes API server (1.21 or newer).");
                return null;
            case >= 300 and < 400:
                findings.Refuse($"{subject} was answered with a redirect ({served.Status}), which an API server never does: something stands in between.");
                return null;
            case 408 or 429 or >= 500:
                findings.Unavailable($"{subject} was answered with {served.Status}; the next run tries again.");
                return null;
            default:
                findings.Refuse($"{subject} was answered with {served.Status} and not 200.");
                return null;
        }

        if (!StrictJson.TryParse(served.Bytes, out var document, out var fault))
        {
            findings.Refuse($"{subject} {fault} (content type: {Shown.Of(served.ContentType)}).");
            return null;
        }

        if (served.ContentType?.Contains("html", StringComparison.OrdinalIgnoreCase) == true)
        {
            findings.Refuse($"{subject} calls itself {Shown.Of(served.ContentType)}, not JSON.");
            document.Dispose();
            return null;
        }

        if (ErrorIn(document.RootElement) is { } error)
        {
            findings.Refuse($"{subject} was answered with 200 and an error in it: {error}.");
            document.Dispose();
            return null;
        }

        return document;
    }

    /// <summary>A Kubernetes Status or an OAuth error (RFC 6749 §5.2) in the place of a document.</summary>
    private static string? ErrorIn(JsonElement root)
    {
        if (TextOf(root, "kind") == "Status")
        {
            return Shown.Of($"{TextOf(root, "reason")}: {TextOf(root, "message")}");
        }

        return root.TryGetProperty("error", out _) && !root.TryGetProperty("keys", out _)
            ? Shown.Of($"{TextOf(root, "error")}: {TextOf(root, "error_description")}")
            : null;
    }

    private static string TextOf(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "(none)";
}
