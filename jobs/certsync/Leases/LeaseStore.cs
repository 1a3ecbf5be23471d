using System.Text.Json.Serialization;
using ClusterTrust.Kubernetes;
using k8s.Models;

namespace ClusterTrust.CertSync.Leases;

/// <summary>Reads and writes one Lease.</summary>
internal sealed class LeaseStore(KubernetesConnection connection, string ns, string name)
{
    private readonly string _collection = $"/apis/coordination.k8s.io/v1/namespaces/{Uri.EscapeDataString(ns)}/leases";

    public string Title => $"{ns}/{name}";

    /// <summary>For a message with a command of kubectl.</summary>
    public string Arguments => $"-n {ns} {name}";

    /// <summary>Reads the lease; null when there is none.</summary>
    public async Task<V1Lease?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return Checked(await connection.GetJsonAsync(Path, LeaseJson.Default.V1Lease, cancellationToken));
        }
        catch (KubernetesException fault) when (fault.Status == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>Creates the lease, or replaces the version that was read.</summary>
    /// <param name="before">The lease as read; null to create it.</param>
    /// <exception cref="KubernetesException">409 when another client wrote it, or an earlier request of this client whose response was lost.</exception>
    public async Task<V1Lease> WriteAsync(V1Lease? before, V1Lease after, CancellationToken cancellationToken)
    {
        var (method, path) = before is null ? (HttpMethod.Post, _collection) : (HttpMethod.Put, Path);
        return Checked(await connection.SendJsonAsync(method, path, after, LeaseJson.Default.V1Lease, cancellationToken));
    }

    /// <summary>The Lease as a holder writes it to acquire it.</summary>
    /// <param name="current">The Lease as read; null if there is none.</param>
    public V1Lease Acquire(V1Lease? current, string holder, TimeSpan duration, DateTime now)
    {
        var isHeld = current?.Spec.HolderIdentity == holder;
        var lease = current ?? new V1Lease
        {
            ApiVersion = "coordination.k8s.io/v1",
            Kind = "Lease",
            Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = ns },
            Spec = new V1LeaseSpec { LeaseTransitions = -1 },
        };
        return lease with
        {
            Spec = lease.Spec with
            {
                HolderIdentity = holder,
                LeaseDurationSeconds = (int)duration.TotalSeconds,
                AcquireTime = isHeld ? lease.Spec.AcquireTime ?? now : now,
                RenewTime = now,
                // A Lease with the largest number, which any client with the permission may write, must not be one that no client can acquire.
                LeaseTransitions = Math.Min(lease.Spec.LeaseTransitions ?? 0, int.MaxValue - 1) + (isHeld ? 0 : 1),
            },
        };
    }

    // Without managedFields: the API server keeps those of an update that does not name them.
    private V1Lease Checked(V1Lease lease) => lease is { Metadata: not null, Spec: not null }
        ? lease with { Metadata = lease.Metadata with { ManagedFields = null } }
        : throw new KubernetesException($"{Sanitizer.Sanitize(connection.Server)} answered with something that is not the Lease {Title}: check the address.");

    private string Path => $"{_collection}/{Uri.EscapeDataString(name)}";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = [typeof(MicroTimeConverter)])]
[JsonSerializable(typeof(V1Lease))]
internal sealed partial class LeaseJson : JsonSerializerContext;
