using System.Net;

namespace ClusterTrust.Kubernetes.Discovery;

/// <summary>Finds the API servers behind the Service <c>kubernetes</c>.</summary>
public static class ApiServerExtensions
{
    private const string Path = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Dkubernetes";

    /// <summary>The address of every API server of the cluster, ordered, such as <c>https://10.0.0.4:6443/</c>; each can be given to <see cref="KubernetesConnection.To"/>.</summary>
    /// <param name="connection">Needs <c>list</c> on <c>endpointslices</c> of <c>discovery.k8s.io</c> in the namespace <c>default</c>.</param>
    /// <exception cref="KubernetesException">The API server does not answer or does not allow it.</exception>
    public static async Task<IReadOnlyList<Uri>> ApiServersAsync(this KubernetesConnection connection, CancellationToken cancellation)
    {
        var list = await connection.GetJsonAsync(Path, KubernetesJson.Default.EndpointSliceList, cancellation);
        var addresses =
            from slice in list.Items ?? []
            from port in slice?.Ports ?? []
            let number = port?.Number ?? 0
            where number is > 0 and <= ushort.MaxValue && port!.Name is ("https" or "" or null)
            from endpoint in slice!.Endpoints ?? []
            where endpoint is not null && endpoint.Conditions?.Ready != false
            from address in endpoint.Addresses ?? []
            // Names (addressType FQDN) cannot be API servers of this Service; whatever else stands there is no place for a token.
            where IPAddress.TryParse(address, out _)
            select new UriBuilder(Uri.UriSchemeHttps, address, number).Uri;
        return [.. addresses.Distinct().OrderBy(static address => address.AbsoluteUri, StringComparer.Ordinal)];
    }
}
