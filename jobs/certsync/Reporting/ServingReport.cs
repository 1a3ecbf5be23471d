using System.Collections.Immutable;
using ClusterTrust.CertSync.Serving;
using ClusterTrust.Hosting;

namespace ClusterTrust.CertSync.Reporting;

/// <summary>All lines of a <c>verify</c>. Thread-safe.</summary>
/// <param name="cluster">The cluster's name.</param>
public sealed class ServingReport(string cluster)
{
    private readonly Lock _gate = new();
    private readonly List<EndpointCheck> _lines = [];

    public string Cluster { get; } = cluster;

    /// <summary>Whether the run was stopped before its end.</summary>
    public bool IsStopped { get; set; }

    public void Add(EndpointCheck line)
    {
        lock (_gate)
        {
            _lines.Add(line);
        }
    }

    /// <summary>The lines, ordered by vault, name, endpoint and Secret.</summary>
    public ImmutableArray<EndpointCheck> Lines()
    {
        lock (_gate)
        {
            return [.. _lines
                .OrderBy(static line => line.Vault, StringComparer.OrdinalIgnoreCase)
                .ThenBy(static line => line.Name, StringComparer.OrdinalIgnoreCase)
                .ThenBy(static line => line.Endpoint, StringComparer.Ordinal)
                .ThenBy(static line => line.Secret?.Source, StringComparer.Ordinal)];
        }
    }

    /// <summary>1 if a retry may cure any line; otherwise 3 if a person must look at any.</summary>
    public ExitCode ExitCode
    {
        get
        {
            var codes = Lines().Select(static line => line.ExitCode).ToHashSet();
            return codes.Contains(ExitCode.Failed) ? ExitCode.Failed : codes.Contains(ExitCode.Refused) ? ExitCode.Refused : ExitCode.Done;
        }
    }

    /// <summary>The number of lines by state, in the order of <see cref="ServingState"/>; without those that did not occur.</summary>
    public IReadOnlyList<KeyValuePair<ServingState, int>> Counts() => [.. Lines().CountBy(static line => line.State).OrderBy(static count => count.Key)];
}
