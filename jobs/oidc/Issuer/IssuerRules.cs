namespace ClusterTrust.Oidc.Issuer;

/// <summary>The rules an issuer's documents must pass before they are published. Pure: the same bytes give the same findings.</summary>
public static class IssuerRules
{
    /// <summary>Holds both documents against every rule.</summary>
    /// <param name="documents">The documents as served.</param>
    /// <param name="expectedIssuer">The configured issuer, which the document must equal to the character; null takes the document's.</param>
    /// <param name="apiServerHosts">
    /// Host names of the API server: those it was reached by and those in its serving certificate; a <c>jwks_uri</c> on one of them is
    /// its own address. IP addresses, names without a dot and names under private suffixes are known as such without being listed.
    /// </param>
    public static IssuerFindings Check(
        IssuerDocuments documents, string? expectedIssuer = null, IReadOnlyCollection<string>? apiServerHosts = null)
    {
        var findings = new FindingsCollector();
        DiscoveryDocument? discovery = null;
        JsonWebKeySet? keys = null;
        string? servedJwksUri = null;
        if (expectedIssuer is not null && IssuerUrl.FaultOf(expectedIssuer) is { } fault)
        {
            findings.Misconfigured($"The configured issuer '{Shown.Of(expectedIssuer)}' {fault}: correct --issuer.");
            expectedIssuer = null;
        }

        using (var json = ServedDocumentRules.Open(documents.Discovery, "discovery document", findings))
        {
            if (json is not null)
            {
                (discovery, servedJwksUri) = DiscoveryRules.Read(
                    json.RootElement, Shown.Of(documents.Discovery.Source), expectedIssuer, apiServerHosts ?? [], findings);
            }
        }

        using (var json = ServedDocumentRules.Open(documents.Jwks, "key set", findings))
        {
            if (json is not null)
            {
                keys = KeySetRules.Read(json.RootElement, Shown.Of(documents.Jwks.Source), findings);
            }
        }

        if (discovery is not null && keys is not null)
        {
            CheckAlgorithms(discovery, keys, findings);
        }

        if (expectedIssuer is null && discovery is not null)
        {
            findings.Note($"No issuer is configured; the API server's own is taken: {discovery.Issuer}");
        }

        return new IssuerFindings(discovery, keys, findings.Refusals, findings.Warnings, findings.Notices)
        {
            ServedJwksUri = servedJwksUri,
            ApiServerHosts = apiServerHosts ?? [],
        };
    }

    private static void CheckAlgorithms(DiscoveryDocument discovery, JsonWebKeySet keys, FindingsCollector findings)
    {
        foreach (var key in keys.Keys.Where(key => key is not OtherWebKey && !discovery.SigningAlgorithms.Contains(key.Alg, StringComparer.Ordinal)))
        {
            findings.Refuse($"Key '{Shown.Of(key.Kid)}' signs with {key.Alg}, which the discovery document does not list "
                + $"(id_token_signing_alg_values_supported: {Shown.Of(string.Join(", ", discovery.SigningAlgorithms))}).");
        }
    }
}
