using System.Net;
using System.Text.Json;

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
            return Checked(await connection.GetJsonAsync(Path, KubernetesJson.Default.Lease, cancellation));
        }
        catch (KubernetesException fault) when (fault.Status == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>Creates it, or replaces exactly the version that was read.</summary>
    /// <param name="before">The lease as read; null creates it.</param>
    /// <exception cref="KubernetesException">409 when it is another one by now, or one's own that was made by a request whose answer was lost.</exception>
    public async Task<Lease> WriteAsync(Lease? before, Lease after, CancellationToken cancellation)
    {
        try
        {
            return Checked(before is null
                ? await connection.PostJsonAsync(collection, after, KubernetesJson.Default.Lease, KubernetesJson.Default.Lease, cancellation, repeatable: true)
                : await connection.PutJsonAsync(Path, after, KubernetesJson.Default.Lease, KubernetesJson.Default.Lease, cancellation));
        }
        catch (JsonException)
        {
            // What it had besides cannot be written again: half of a surrogate pair, which is JSON and no text.
            throw NotLease();
        }
    }

    // The serializer leaves null where the JSON has nothing, whatever the type says.
    private Lease Checked(Lease lease) => lease is { Metadata: not null, Spec: not null }
        ? lease
        : throw NotLease();

    private KubernetesException NotLease() =>
        new($"{ServerFault.Address(connection.Server)} answered with something that is not the Lease {Title}: check the address.");

    private string Path => $"{collection}/{Uri.EscapeDataString(name)}";
}
