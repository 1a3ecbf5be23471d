using System.Text.Json.Serialization;
using ClusterTrust.Kubernetes;
using k8s.Models;

namespace ClusterTrust.Oidc.Cluster;

/// <summary>Finds the API servers behind the Service <c>kubernetes</c>.</summary>
internal static class ApiServerDiscovery
{
    // The API servers maintain this EndpointSlice themselves; it contains all of them.
    private const string Path = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes";

    // Each API server renews one (APIServerIdentity, on by default; with this label since Kubernetes 1.27), whatever address it is reached by.
    private const string IdentityLeases = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases?labelSelector=apiserver.kubernetes.io%2Fidentity%3Dkube-apiserver";

    /// <summary>The address of every API server of the cluster, ordered, such as <c>https://10.0.0.4:6443/</c>; each can be given to <see cref="KubernetesConnection.To"/>.</summary>
    /// <param name="connection">Needs <c>get</c> on <c>endpointslices</c> of <c>discovery.k8s.io</c> named <c>kubernetes</c> in the namespace <c>default</c>.</param>
    /// <exception cref="KubernetesException">The API server does not answer, does not allow it, or has no such EndpointSlice (<see cref="ExitCode.Usage"/>).</exception>
    /// <exception cref="JobException">The EndpointSlice has no address (<see cref="ExitCode.Usage"/>).</exception>
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
        return addresses.Distinct().OrderBy(static address => address.AbsoluteUri, StringComparer.Ordinal).ToArray() is { Length: > 0 } found
            ? found
            : throw new JobException(
                $"The EndpointSlice default/kubernetes at {Sanitizer.Sanitize(connection.Server)} has no address of an API server: give each with --api-server.", ExitCode.Usage);
    }

    /// <summary>How many API servers the cluster has, by the Leases with which they identify themselves. A server that is gone is counted for up to two hours.</summary>
    /// <param name="connection">Needs <c>list</c> on <c>leases</c> of <c>coordination.k8s.io</c> in the namespace <c>kube-system</c>.</param>
    /// <returns>0 if it is not known: the Leases may not be listed, or there are none, as before Kubernetes 1.27.</returns>
    /// <exception cref="KubernetesException">The API server does not answer.</exception>
    public static async Task<int> CountApiServersAsync(this KubernetesConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            return (await connection.GetJsonAsync(IdentityLeases, ClusterJson.Default.V1LeaseList, cancellationToken)).Items?.Count ?? 0;
        }
        catch (KubernetesException fault) when (fault.Status is HttpStatusCode.Forbidden or HttpStatusCode.NotFound)
        {
            return 0;
        }
    }

    private static async Task<V1EndpointSlice> ReadAsync(KubernetesConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.GetJsonAsync(Path, ClusterJson.Default.V1EndpointSlice, cancellationToken);
        }
        catch (KubernetesException fault) when (fault.Status == HttpStatusCode.NotFound)
        {
            throw new KubernetesException(
                $"The API server {Sanitizer.Sanitize(connection.Server)} has no EndpointSlice default/kubernetes, which would name the API servers of the cluster: give each with --api-server.",
                ExitCode.Usage,
                fault);
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Authenticationv1TokenRequest))]
[JsonSerializable(typeof(V1EndpointSlice))]
[JsonSerializable(typeof(V1LeaseList))]
internal sealed partial class ClusterJson : JsonSerializerContext;
