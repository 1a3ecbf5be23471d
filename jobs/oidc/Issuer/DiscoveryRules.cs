using System.Text.Json;

namespace ClusterTrust.Oidc.Issuer;

/// <summary>The rules for the discovery document (OpenID Connect Discovery 1.0 §3, as far as kube-apiserver serves it).</summary>
internal static class DiscoveryRules
{
    private static readonly HashSet<string> Known =
        ["issuer", "jwks_uri", "response_types_supported", "subject_types_supported", "id_token_signing_alg_values_supported"];

    /// <summary>Reads a discovery document that may be published; null after a refusal. Beside it, the <c>jwks_uri</c> as it was served.</summary>
    public static (DiscoveryDocument? Document, string? ServedJwksUri) Read(
        JsonElement root, string source, string? expectedIssuer, IReadOnlyCollection<string> apiServerHosts, FindingsCollector findings)
    {
        if (ReadMembers(root, source, findings) is not { } document || !IssuerIsFit(document.Issuer, source, expectedIssuer, findings))
        {
            return (null, null);
        }

        var others = root.EnumerateObject().Select(m => m.Name).Where(name => !Known.Contains(name)).ToArray();
        if (others.Length > 0)
        {
            findings.Note($"The discovery document at {source} has members that are not published: {Shown.Of(string.Join(", ", others))}.");
        }

        var published = JwksUriRules.Resolve(document.JwksUri, document.Issuer, apiServerHosts, findings);
        return (published is null ? null : document with { JwksUri = published }, document.JwksUri);
    }

    /// <summary>Reads the members as they are, whatever issuer they name; null after a refusal.</summary>
    public static DiscoveryDocument? ReadMembers(JsonElement root, string source, FindingsCollector findings)
    {
        var before = findings.Refusals.Count;
        var document = new DiscoveryDocument(
            Text(root, "issuer", source, findings),
            Text(root, "jwks_uri", source, findings),
            List(root, "response_types_supported", source, findings),
            List(root, "subject_types_supported", source, findings),
            List(root, "id_token_signing_alg_values_supported", source, findings));
        return findings.Refusals.Count > before ? null : document;
    }

    private static bool IssuerIsFit(string issuer, string source, string? expected, FindingsCollector findings)
    {
        if (IsDefault(issuer))
        {
            var wanted = expected ?? "https://OWNER.github.io/REPO";
            findings.Misconfigured($"The API server at {source} still has the default issuer '{Shown.Of(issuer)}', which no cloud can reach: start it with "
                + $"--service-account-issuer={wanted} and --service-account-jwks-uri={IssuerUrl.Append(wanted, IssuerDocuments.JwksPath)}.");
            return false;
        }

        if (IssuerUrl.FaultOf(issuer) is { } fault)
        {
            findings.Misconfigured($"The issuer '{Shown.Of(issuer)}' of the API server at {source} {fault}: correct its --service-account-issuer.");
            return false;
        }

        if (expected is not null && issuer != expected)
        {
            findings.Refuse($"The issuer at {source} is '{Shown.Of(issuer)}' and not '{Shown.Of(expected)}' as configured: "
                + $"{IssuerUrl.Difference(expected, issuer)}; correct --issuer, or the API server's --service-account-issuer.");
            return false;
        }

        if (issuer.EndsWith('/'))
        {
            findings.Warn($"The issuer '{issuer}' ends in a slash: every trust must end in it too, which is the most common reason for a refused token.");
        }

        return true;
    }

    /// <summary>kube-apiserver's default, any of its longer spellings, and the issuer of tokens from before there were URLs.</summary>
    private static bool IsDefault(string issuer) =>
        issuer is "kubernetes/serviceaccount"
        || (Uri.TryCreate(issuer, UriKind.Absolute, out var uri)
            && (uri.Host is "kubernetes" or "kubernetes.default" || uri.Host.StartsWith("kubernetes.default.svc", StringComparison.OrdinalIgnoreCase)));

    private static string Text(JsonElement root, string name, string source, FindingsCollector findings)
    {
        if (root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text)
        {
            return text;
        }

        findings.Refuse($"The discovery document at {source} has no {name} that is a text; its members are: {MembersOf(root)}.");
        return "";
    }

    private static List<string> List(JsonElement root, string name, string source, FindingsCollector findings)
    {
        if (root.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.Array
            && value.GetArrayLength() > 0
            && value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String && v.GetString() is { Length: > 0 }))
        {
            return [.. value.EnumerateArray().Select(v => v.GetString()!)];
        }

        findings.Refuse($"The discovery document at {source} has no {name} that is a list of texts.");
        return [];
    }

    private static string MembersOf(JsonElement root) => Shown.Of(string.Join(", ", root.EnumerateObject().Select(m => m.Name)));
}
