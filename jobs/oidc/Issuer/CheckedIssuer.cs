namespace ClusterTrust.Oidc.Issuer;

/// <summary>An issuer whose documents passed every rule (<see cref="IssuerRules.Check"/>).</summary>
/// <param name="Discovery">The discovery document as it will be published.</param>
/// <param name="Keys">The keys that the API servers sign with or accept.</param>
internal sealed record CheckedIssuer(
    DiscoveryDocument Discovery, JsonWebKeySet Keys, IReadOnlyList<string> Warnings, IReadOnlyList<string> Notices)
{
    /// <summary>The <c>jwks_uri</c> as the API server serves it; <see cref="Discovery"/> has the one that is published.</summary>
    public string ServedJwksUri { get; init; } = Discovery.JwksUri;

    /// <summary>The address of the discovery document, for messages.</summary>
    public string Source { get; init; } = "";

    /// <summary>The time by the API server's clock, by which its tokens expire; of several, the earliest. Null if the response had no date.</summary>
    public DateTimeOffset? ServedAt { get; init; }

    /// <summary>Host names of the API servers: those they were reached by and those in their serving certificates.</summary>
    public IReadOnlyCollection<string> ApiServerHosts { get; init; } = [];

    /// <summary>The issuer, to the character as in the <c>iss</c> of every token.</summary>
    public string Issuer => Discovery.Issuer;

    /// <summary>
    /// Joins what every API server of a cluster serves: while they rotate their keys, each may have a key that the others do not, and
    /// the published set must not depend on the server that answers.
    /// </summary>
    /// <exception cref="JobException">The servers have different issuers or clocks, or use one kid for two keys (exit code 3).</exception>
    public static CheckedIssuer Join(IReadOnlyList<CheckedIssuer> servers)
    {
        var first = servers[0];
        if (servers.FirstOrDefault(server => server.Issuer != first.Issuer) is { } other)
        {
            throw new JobException(
                $"The API servers have different issuers, '{first.Issuer}' at {first.Source} and '{other.Issuer}' at {other.Source}: {IssuerUrl.Difference(first.Issuer, other.Issuer)}; "
                + "set only API servers of one cluster, each with the same --service-account-issuer.",
                ExitCode.Refused);
        }

        // A clock that is far behind would date the keys too early, and end their retention when it is corrected.
        var (behind, ahead) = (servers.MinBy(static server => server.ServedAt)!, servers.MaxBy(static server => server.ServedAt)!);
        if (behind.ServedAt is { } early && ahead.ServedAt is { } late && late - early > TokenRules.ClockDifference)
        {
            throw new JobException(
                $"The API servers have different clocks, {Sentence.Time(early)} at {behind.Source} and {Sentence.Time(late)} at {ahead.Source}: correct the wrong one.",
                ExitCode.Refused);
        }

        var keys = new Dictionary<string, (JsonWebKey Key, string Source)>(StringComparer.Ordinal);
        foreach (var (key, source) in servers.SelectMany(static server => server.Keys.Keys.Select(key => (key, server.Source))))
        {
            if (!keys.TryAdd(key.Kid, (key, source)) && keys[key.Kid].Key != key)
            {
                throw new JobException(
                    $"Two API servers serve different keys under the kid '{Sanitizer.Sanitize(key.Kid)}', {keys[key.Kid].Source} and {source}: check that they belong to one cluster.",
                    ExitCode.Refused);
            }
        }

        var discovery = first.Discovery with
        {
            ResponseTypes = Union(server => server.Discovery.ResponseTypes),
            SubjectTypes = Union(server => server.Discovery.SubjectTypes),
            SigningAlgorithms = Union(server => server.Discovery.SigningAlgorithms),
        };
        return new CheckedIssuer(discovery, new JsonWebKeySet(keys.Values.Select(static served => served.Key)), Union(server => server.Warnings), Union(server => server.Notices))
        {
            ServedJwksUri = first.ServedJwksUri,
            ServedAt = servers.Min(static server => server.ServedAt),
            ApiServerHosts = Union(server => server.ApiServerHosts),
        };

        string[] Union(Func<CheckedIssuer, IEnumerable<string>> values) => [.. servers.SelectMany(values).Distinct(StringComparer.Ordinal)];
    }
}
