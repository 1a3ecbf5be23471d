namespace ClusterTrust.Oidc.Issuer;

/// <summary>
/// The rules that an issuer's documents must pass before they are published (OpenID Connect Discovery 1.0 §3, as far as kube-apiserver
/// serves it). Pure: the same bytes give the same findings.
/// </summary>
internal static class IssuerRules
{
    private static readonly HashSet<string> PublishedMembers =
        ["issuer", "jwks_uri", "response_types_supported", "subject_types_supported", "id_token_signing_alg_values_supported"];

    /// <summary>Checks both documents against every rule.</summary>
    /// <param name="expectedIssuer">The configured issuer, a valid one, which the document must equal to the character; null takes the document's.</param>
    /// <param name="apiServerHosts">
    /// Host names of the API server: those it was reached by and those in its serving certificate; a <c>jwks_uri</c> on one of them is
    /// its own address. IP addresses and the names of <see cref="IssuerUrl.IsClusterName"/> are known as such without being listed.
    /// </param>
    /// <exception cref="JobException">At least one rule refused; the message contains every refusal, the exit code is the most severe.</exception>
    public static CheckedIssuer Check(
        ServedDocument discovery, ServedDocument jwks, string? expectedIssuer = null, IReadOnlyCollection<string>? apiServerHosts = null)
    {
        var hosts = apiServerHosts ?? [];
        var findings = new IssuerFindings();
        var served = discovery.Read("discovery document", findings, (root, source) => ReadExpected(root, source, expectedIssuer, findings));
        var keys = jwks.Read("key set", findings, (root, source) => KeySetRules.Read(root, source, findings));
        if (served is not null)
        {
            var source = Sanitizer.Sanitize(discovery.Source);
            CheckJwksUri(served, source, hosts, findings);
            CheckAlgorithms(served, source, keys, findings);
        }

        if (served is null || keys is null || findings.Refusals.Count > 0)
        {
            throw findings.ToException();
        }

        if (expectedIssuer is null)
        {
            findings.Notices.Add($"No issuer is configured; using the API server's: {served.Issuer}");
        }

        return new CheckedIssuer(served with { JwksUri = PublishedJwksUri(served.Issuer), OtherMembers = "" }, keys, findings.Warnings, findings.Notices)
        {
            ServedJwksUri = served.JwksUri,
            Source = Sanitizer.Sanitize(discovery.Source),
            ServedAt = discovery.Date,
            ApiServerHosts = hosts,
        };
    }

    /// <summary>Reads the members of a discovery document, whatever issuer they name; null after a refusal.</summary>
    public static DiscoveryDocument? ReadDiscovery(JsonElement root, string source, IssuerFindings findings)
    {
        var before = findings.Refusals.Count;
        var document = new DiscoveryDocument(
            Text(root, "issuer", source, findings),
            Text(root, "jwks_uri", source, findings),
            List(root, "response_types_supported", source, findings),
            List(root, "subject_types_supported", source, findings),
            List(root, "id_token_signing_alg_values_supported", source, findings))
        {
            OtherMembers = string.Join(", ", root.EnumerateObject().Select(static member => member.Name).Where(static name => !PublishedMembers.Contains(name))),
        };
        return findings.Refusals.Count > before ? null : document;
    }

    private static DiscoveryDocument? ReadExpected(JsonElement root, string source, string? expectedIssuer, IssuerFindings findings)
    {
        if (ReadDiscovery(root, source, findings) is not { } document || !CheckIssuer(document.Issuer, source, expectedIssuer, findings))
        {
            return null;
        }

        if (document.OtherMembers.Length > 0)
        {
            findings.Notices.Add($"The discovery document at {source} has members that are not published: {Sanitizer.Sanitize(document.OtherMembers)}.");
        }

        return document;
    }

    private static bool CheckIssuer(string issuer, string source, string? expected, IssuerFindings findings)
    {
        if (IsDefault(issuer))
        {
            var configured = expected is null || IsDefault(expected) ? "https://OWNER.github.io/REPO" : expected;
            findings.RefuseSetting($"The API server at {source} still has the default issuer '{Sanitizer.Sanitize(issuer)}', which no cloud can reach: start it with "
                + $"--service-account-issuer={configured} and --service-account-jwks-uri={PublishedJwksUri(configured)}.");
            return false;
        }

        if (IssuerUrl.FaultOf(issuer) is { } fault)
        {
            findings.RefuseSetting($"The issuer '{Sanitizer.Sanitize(issuer)}' of the API server at {source} {fault}: correct its --service-account-issuer.");
            return false;
        }

        if (expected is not null && issuer != expected)
        {
            findings.Refuse($"The issuer at {source} is '{Sanitizer.Sanitize(issuer)}' and not '{Sanitizer.Sanitize(expected)}' as configured: "
                + $"{IssuerUrl.Difference(expected, issuer)}; correct --issuer, or the API server's --service-account-issuer.");
            return false;
        }

        if (issuer.EndsWith('/'))
        {
            findings.Warnings.Add($"The issuer '{issuer}' ends in a slash: every trust must end in it too, which is the most common reason for a refused token.");
        }

        return true;
    }

    /// <summary>kube-apiserver's default, its longer spellings, and the issuer of tokens from before issuers were URLs.</summary>
    private static bool IsDefault(string issuer) =>
        issuer is "kubernetes/serviceaccount"
        || (Uri.TryCreate(issuer, UriKind.Absolute, out var uri)
            && (uri.Host is "kubernetes" or "kubernetes.default" || uri.Host.StartsWith("kubernetes.default.svc", StringComparison.OrdinalIgnoreCase)));

    /// <summary>Where the keys are written: always <c>{issuer}/openid/v1/jwks</c>, whatever the API server serves.</summary>
    private static string PublishedJwksUri(string issuer) => IssuerUrl.Append(issuer, IssuerUrl.JwksPath);

    private static void CheckJwksUri(DiscoveryDocument served, string source, IReadOnlyCollection<string> apiServerHosts, IssuerFindings findings)
    {
        var published = PublishedJwksUri(served.Issuer);
        if (served.JwksUri == published)
        {
            return;
        }

        var found = $"The jwks_uri '{Sanitizer.Sanitize(served.JwksUri)}' at {source}";

        // .NET throws for some host names that are not ASCII.
        if (!Ascii.IsValid(served.JwksUri) || !Uri.TryCreate(served.JwksUri, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttps)
        {
            findings.Refuse($"{found} is not an https:// URL in ASCII: set the API server's --service-account-jwks-uri to {published}.");
        }
        else if (IPAddress.TryParse(uri.IdnHost.Trim('[', ']'), out _) || IssuerUrl.IsClusterName(uri.IdnHost) || apiServerHosts.Contains(uri.IdnHost, StringComparer.OrdinalIgnoreCase))
        {
            findings.Notices.Add($"{found} names the API server itself; {published} is published instead. "
                + "Set --service-account-jwks-uri to that URL to make both equal.");
        }
        else if (uri.IdnHost.Equals(new Uri(served.Issuer).IdnHost, StringComparison.OrdinalIgnoreCase))
        {
            findings.Warnings.Add($"{found} is not published, but {published}, because the keys are written there.");
        }
        else
        {
            findings.Refuse($"{found} is neither on the issuer's host nor the API server's own address; "
                + $"unless keys are served there on purpose, set the API server's --service-account-jwks-uri to {published}.");
        }
    }

    private static void CheckAlgorithms(DiscoveryDocument discovery, string source, JsonWebKeySet? keys, IssuerFindings findings)
    {
        foreach (var algorithm in discovery.SigningAlgorithms.Where(KeyRules.NeedsNoPrivateKey))
        {
            findings.Refuse($"The discovery document at {source} names the algorithm '{Sanitizer.Sanitize(algorithm)}', whose tokens are made without a private key "
                + "(id_token_signing_alg_values_supported); kube-apiserver never names it, so find out what serves the document.");
        }

        foreach (var key in keys?.Keys ?? [])
        {
            if (key.IsKnownType && !discovery.SigningAlgorithms.Contains(key.Alg, StringComparer.Ordinal))
            {
                findings.Refuse($"Key '{Sanitizer.Sanitize(key.Kid)}' signs with {key.Alg}, which the discovery document at {source} does not list "
                    + $"(id_token_signing_alg_values_supported: {Sanitizer.Sanitize(string.Join(", ", discovery.SigningAlgorithms))}).");
            }
        }
    }

    private static string Text(JsonElement root, string name, string source, IssuerFindings findings)
    {
        if (StrictJson.TextOf(root, name) is { Length: > 0 } text)
        {
            return text;
        }

        findings.Refuse($"The discovery document at {source} has no {name} that is a string; {StrictJson.MembersOf(root)}.");
        return "";
    }

    private static string[] List(JsonElement root, string name, string source, IssuerFindings findings)
    {
        if (root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0
            && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String && item.GetString() is { Length: > 0 }))
        {
            return [.. value.EnumerateArray().Select(item => item.GetString()!)];
        }

        findings.Refuse($"The discovery document at {source} has no {name} that is a list of strings.");
        return [];
    }
}
