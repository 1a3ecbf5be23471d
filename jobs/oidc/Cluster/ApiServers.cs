using ClusterTrust.Kubernetes;

namespace ClusterTrust.Oidc.Cluster;

/// <summary>Every API server of the cluster, each on its own.</summary>
internal interface IApiServers
{
    /// <exception cref="JobException">One cannot be read, does not issue a token, or serves what must not be published.</exception>
    Task<IReadOnlyList<ObservedApiServer>> ReadAsync(CancellationToken cancellationToken);
}

/// <summary>One API server.</summary>
/// <param name="Token">A token that it issued just now.</param>
/// <param name="StartedAt">When its process started, read after the token; null when it may not be read, or is not reported.</param>
internal sealed record ObservedApiServer(Uri Server, CheckedIssuer Issuer, JsonWebToken Token, DateTimeOffset? StartedAt);

/// <summary>Reads every API server of the cluster: those that are named, or else all that the EndpointSlice <c>default/kubernetes</c> names.</summary>
internal sealed partial class ApiServers(IssuerReaderOptions options, KubernetesConnection connection) : IApiServers
{
    // Large clusters have tens of megabytes of metrics; they are read in parts, because a line may be as long as all of them.
    private const long MaxMetricsBytes = 512 * 1024 * 1024;
    private const int PartLength = 16 * 1024;
    private const int LongestMetric = 256;

    public async Task<IReadOnlyList<ObservedApiServer>> ReadAsync(CancellationToken cancellationToken)
    {
        var areNamed = options.ApiServers.Count > 0;
        IReadOnlyList<Uri> servers = areNamed ? [.. options.ApiServers.Distinct()] : await connection.ApiServersAsync(cancellationToken);
        await RequireAllAsync(servers.Count, areNamed, cancellationToken);

        // A single API server is the connected one, whose address in the EndpointSlice may not be reachable from here.
        var observed = servers.Count == 1 && !areNamed
            ? [await ReadAsync(connection, cancellationToken)]
            : await Task.WhenAll(servers.Select(async server =>
            {
                using var other = connection.To(server);
                return await ReadAsync(other, cancellationToken);
            }));

        // Start times have hundredths of a second, so two API servers hardly share one.
        return areNamed && observed.Where(static server => server.StartedAt is not null).GroupBy(static server => server.StartedAt).FirstOrDefault(static same => same.Count() > 1) is { } same
            ? throw new JobException(
                $"The API servers {string.Join(" and ", same.Select(static server => Sanitizer.Sanitize(server.Server)))} started at the same moment, so they are one under several addresses: "
                + "give the address of each API server once with --api-server.",
                ExitCode.Usage)
            : observed;
    }

    /// <summary>Several API servers may share an address, and one may be down at the moment: a key that is not seen is not safe.</summary>
    private async Task RequireAllAsync(int addresses, bool areNamed, CancellationToken cancellationToken)
    {
        var count = await connection.CountApiServersAsync(cancellationToken);
        if (count > addresses)
        {
            throw new JobException(
                $"{count} API servers have an identity Lease in kube-system, but only {addresses} {(addresses == 1 ? "address is" : "addresses are")} known: "
                + "give the address of each with --api-server; the Lease of an API server that was removed is deleted within two hours.",
                ExitCode.Failed);
        }

        if (count == 0 && !areNamed)
        {
            throw new JobException(
                "It is not known how many API servers the cluster has, because their identity Leases in kube-system cannot be listed or do not exist (before Kubernetes 1.27): "
                + "give the address of each with --api-server, or grant 'list' on leases of coordination.k8s.io in kube-system.",
                ExitCode.Usage);
        }
    }

    private async Task<ObservedApiServer> ReadAsync(KubernetesConnection server, CancellationToken cancellationToken)
    {
        var reader = new IssuerReader(new IssuerReaderOptions { Issuer = options.Issuer, ServiceAccount = options.ServiceAccount ?? "default/default" }, server);
        var issuer = await reader.ReadAsync(cancellationToken);
        var token = await reader.GetTokenAsync(cancellationToken)
            ?? throw new InvalidOperationException("The request for a token returned neither a token nor a fault.");

        // Last, so that the start of a later process is not taken for that of the process that signed the token.
        return new ObservedApiServer(server.Server, issuer, token, await ReadStartAsync(server, cancellationToken));
    }

    private static async Task<DateTimeOffset?> ReadStartAsync(KubernetesConnection server, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/metrics", UriKind.Relative));
        try
        {
            return await server.ReadAsync(
                request, async (response, token) => await ReadStartAsync(server.Server, await response.Content.ReadAsStreamAsync(token), token), cancellationToken);
        }
        catch (KubernetesException fault) when (fault.Status is HttpStatusCode.Forbidden or HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>Finds the start time of the process in its metrics.</summary>
    /// <returns>Null if the metrics do not have it.</returns>
    /// <exception cref="JobException">The keys change without a restart.</exception>
    internal static async Task<DateTimeOffset?> ReadStartAsync(Uri server, Stream metrics, CancellationToken cancellationToken)
    {
        await using var body = new BoundedStream(metrics, MaxMetricsBytes, static () => new IOException("The metrics are too long."));
        using var reader = new StreamReader(body);
        var (part, rest) = (new char[PartLength], "\n");
        for (int count; (count = await reader.ReadAsync(part, cancellationToken)) > 0; rest = rest[Math.Max(0, rest.Length - LongestMetric)..])
        {
            rest += new string(part, 0, count);
            foreach (Match metric in Metrics().Matches(rest))
            {
                double? value = double.TryParse(metric.Groups["value"].ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
                if (metric.Groups["start"].Success)
                {
                    return value is > 0 and < 253_402_300_799 ? DateTimeOffset.UnixEpoch.AddSeconds(value.Value) : null;
                }

                if (value is not 0)
                {
                    throw new JobException(
                        $"The API server {Sanitizer.Sanitize(server)} signs with an external signer (--service-account-signing-endpoint), whose keys change without a restart: "
                        + "rotate them as its vendor documents; it is not known when a key last signed.",
                        ExitCode.Usage);
                }
            }
        }

        return null;
    }

    // Above zero only with --service-account-signing-endpoint: such keys change while kube-apiserver runs. It comes first, metrics are sorted by name.
    [GeneratedRegex(@"\n(?:apiserver_externaljwt_fetch_keys_success_timestamp|(?<start>process_start_time_seconds)) (?<value>[^\n]{1,64})(?=\n)", RegexOptions.CultureInvariant)]
    private static partial Regex Metrics();
}
