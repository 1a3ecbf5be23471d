using System.Net;
using ClusterTrust.Hosting;
using k8s.Models;

namespace ClusterTrust.Kubernetes.Discovery;

/// <summary>Finds the API servers behind the Service <c>kubernetes</c>.</summary>
public static class ApiServerExtensions
{
    // The API servers keep this one themselves, under this name; it has all of them.
    private const string Path = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes";

    /// <summary>The address of every API server of the cluster, ordered, such as <c>https://10.0.0.4:6443/</c>; each can be given to <see cref="KubernetesConnection.To"/>.</summary>
    /// <param name="connection">Needs <c>get</c> on <c>endpointslices</c> of <c>discovery.k8s.io</c> named <c>kubernetes</c> in the namespace <c>default</c>.</param>
    /// <exception cref="KubernetesException">The API server does not answer, does not allow it, or has no such EndpointSlice (<see cref="ExitCode.Usage"/>).</exception>
    public static async Task<IReadOnlyList<Uri>> ApiServersAsync(this KubernetesConnection connection, CancellationToken cancellation)
    {
        var slice = await ReadAsync(connection, cancellation);
        var addresses =
            from port in slice.Ports ?? []
            let number = port?.Port ?? 0
            where number is > 0 and <= ushort.MaxValue && port!.Name is ("https" or "" or null)
            from endpoint in slice.Endpoints ?? []
            where endpoint is not null && endpoint.Conditions?.Ready != false
            from address in endpoint.Addresses ?? []
            // Names (addressType FQDN) cannot be API servers of this Service; whatever else stands there is no place for a token.
            where IPAddress.TryParse(address, out _)
            select new UriBuilder(Uri.UriSchemeHttps, address, number).Uri;
        return [.. addresses.Distinct().OrderBy(static address => address.AbsoluteUri, StringComparer.Ordinal)];
    }

    private static async Task<V1EndpointSlice> ReadAsync(KubernetesConnection connection, CancellationToken cancellation)
    {
        try
        {
            return await connection.GetJsonAsync(Path, KubernetesJson.Default.V1EndpointSlice, cancellation);
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
