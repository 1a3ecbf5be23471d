using System.Net;
using ClusterTrust.Hosting;
using k8s.Models;

namespace ClusterTrust.Kubernetes;

/// <summary>Finds the API servers behind the Service <c>kubernetes</c>.</summary>
public static class ApiServerExtensions
{
    // The API servers maintain this EndpointSlice themselves; it contains all of them.
    private const string Path = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes";

    /// <summary>The address of every API server of the cluster, ordered, such as <c>https://10.0.0.4:6443/</c>; each can be given to <see cref="KubernetesConnection.To"/>.</summary>
    /// <param name="connection">Needs <c>get</c> on <c>endpointslices</c> of <c>discovery.k8s.io</c> named <c>kubernetes</c> in the namespace <c>default</c>.</param>
    /// <exception cref="KubernetesException">The API server does not answer, does not allow it, or has no such EndpointSlice (<see cref="ExitCode.Usage"/>).</exception>
    public static async Task<IReadOnlyList<Uri>> ApiServersAsync(this KubernetesConnection connection, CancellationToken cancellationToken)
    {
        var slice = await ReadAsync(connection, cancellationToken);
        var addresses =
            from port in slice.Ports ?? []
            let number = port?.Port ?? 0
            where number is > 0 and <= ushort.MaxValue && port!.Name is ("https" or "" or null)
            from endpoint in slice.Endpoints ?? []
            where endpoint is not null && endpoint.Conditions?.Ready != false
            from address in endpoint.Addresses ?? []
            // A token must not be sent to a name (addressType FQDN) or to anything else that is no IP address.
            where IPAddress.TryParse(address, out _)
            select new UriBuilder(Uri.UriSchemeHttps, address, number).Uri;
        return [.. addresses.Distinct().OrderBy(static address => address.AbsoluteUri, StringComparer.Ordinal)];
    }

    private static async Task<V1EndpointSlice> ReadAsync(KubernetesConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.GetJsonAsync(Path, KubernetesJson.Default.V1EndpointSlice, cancellationToken);
        }
        catch (KubernetesException fault) when (fault.Status == HttpStatusCode.NotFound)
        {
            throw new KubernetesException(
                $"The API server {ServerFault.Address(connection.Server)} has no EndpointSlice default/kubernetes, which would name the API servers of the cluster: give each with --api-server.",
                ExitCode.Usage,
                fault)
            {
                Status = fault.Status,
                Reason = fault.Reason,
            };
        }
    }
}
