using ClusterTrust.Hosting;

namespace ClusterTrust.Oidc.Issuer;

/// <summary>Several API servers of one cluster, seen as one issuer.</summary>
public static class KeySets
{
    /// <summary>
    /// Joins what every API server serves: while they rotate their keys, each may know a key the others do not, and the published
    /// set must not flap between them.
    /// </summary>
    /// <param name="servers">The documents of each API server, checked; at least one.</param>
    /// <exception cref="JobException">The servers have different issuers, or one kid stands for two keys (exit code 3).</exception>
    public static CheckedIssuer Join(IReadOnlyList<CheckedIssuer> servers)
    {
        ArgumentOutOfRangeException.ThrowIfZero(servers.Count);
        var first = servers[0];
        foreach (var other in servers.Where(s => s.Issuer != first.Issuer))
        {
            throw new JobException(
                $"The API servers have different issuers, '{first.Issuer}' and '{other.Issuer}': {IssuerUrl.Difference(first.Issuer, other.Issuer)}; "
                + "give only API servers of one cluster, each with the same --service-account-issuer.",
                ExitCode.Refused);
        }

        var keys = new Dictionary<string, JsonWebKey>(StringComparer.Ordinal);
        foreach (var key in servers.SelectMany(s => s.Keys.Keys))
        {
            if (!keys.TryAdd(key.Kid, key) && keys[key.Kid] != key)
            {
                throw new JobException(
                    $"Two API servers serve different keys under the kid '{Shown.Of(key.Kid)}': are they of one cluster?", ExitCode.Refused);
            }
        }

        var discovery = first.Discovery with
        {
            ResponseTypes = Union(servers, s => s.Discovery.ResponseTypes),
            SubjectTypes = Union(servers, s => s.Discovery.SubjectTypes),
            SigningAlgorithms = Union(servers, s => s.Discovery.SigningAlgorithms),
        };
        return new CheckedIssuer(discovery, new JsonWebKeySet(keys.Values), Union(servers, s => s.Warnings), Union(servers, s => s.Notices))
        {
            ServedJwksUri = first.ServedJwksUri,
            ApiServerHosts = Union(servers, s => s.ApiServerHosts),
        };
    }

    private static string[] Union(IReadOnlyList<CheckedIssuer> servers, Func<CheckedIssuer, IEnumerable<string>> values) =>
        [.. servers.SelectMany(values).Distinct(StringComparer.Ordinal)];
}
