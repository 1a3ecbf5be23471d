using System.Net;

namespace ClusterTrust.Kubernetes.Leases;

/// <summary>Reads and writes one Lease.</summary>
internal sealed class LeaseStore(KubernetesConnection connection, string ns, string name)
{
    private readonly string collection = $"/apis/coordination.k8s.io/v1/namespaces/{Uri.EscapeDataString(ns)}/leases";

    public string Title => $"{ns}/{name}";

    /// <summary>The lease as it is; null when there is none.</summary>
    public async Task<Lease?> ReadAsync(CancellationToken cancellation)
    {
        try
        {
            return await connection.GetJsonAsync(Path, KubernetesJson.Default.Lease, cancellation);
        }
        catch (KubernetesException fault) when (fault.Status == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>Creates it, or replaces exactly the version that was read.</summary>
    /// <param name="before">The lease as read; null creates it.</param>
    /// <exception cref="KubernetesException">409 when it is another one by now.</exception>
    public Task<Lease> WriteAsync(Lease? before, Lease after, CancellationToken cancellation) => before is null
        ? connection.PostJsonAsync(collection, after, KubernetesJson.Default.Lease, KubernetesJson.Default.Lease, cancellation)
        : connection.PutJsonAsync(Path, after, KubernetesJson.Default.Lease, KubernetesJson.Default.Lease, cancellation);

    private string Path => $"{collection}/{Uri.EscapeDataString(name)}";
}
