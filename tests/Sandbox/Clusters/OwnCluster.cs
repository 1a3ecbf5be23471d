using System.Text.Json.Nodes;
using ClusterTrust.Sandbox.ApiServer;

namespace ClusterTrust.Sandbox.Clusters;

/// <summary>The sandbox's own API server, with the jobs' least rights.</summary>
/// <param name="server">The API server.</param>
/// <param name="adminKubeconfig">Where the administrator's kubeconfig is.</param>
public sealed class OwnCluster(KubeApiServer server, string adminKubeconfig) : ICluster
{
    public string Issuer => server.Issuer.Issuer;

    public IReadOnlyList<JsonObject> SigningKeys => [.. server.Keys.Published.Select(static key => key.ToJwk())];

    public string DirectHost => server.LoopbackAddress.Host;

    public string AdminKubeconfig => adminKubeconfig;

    public string NamespaceOf(string name) => name;

    public string AccountOf(string job) => job;

    /// <summary>Starts the server and gives the jobs their rights.</summary>
    /// <param name="space">The jobs' namespace.</param>
    /// <param name="cancellation">Ends the start.</param>
    public async Task StartAsync(string space, CancellationToken cancellation)
    {
        await server.StartAsync(cancellation);
        server.State.AddNamespace(space);
        var certSync = Subject.ServiceAccount(space, "certsync");
        server.Rbac.Grant(certSync, null, PolicyRule.For("", "secrets", "list", "get"));
        server.Rbac.Grant(certSync, space, PolicyRule.For("coordination.k8s.io", "leases", "get", "create", "update"));
        server.WriteKubeconfig(adminKubeconfig);
    }

    public void AddNamespace(string name) => server.State.AddNamespace(name);

    public IReadOnlyList<JsonObject> List(ResourceType type, string space) =>
        [.. server.State.List(type).Where(stored => stored.Namespace == space).Select(static stored => stored.Body)];

    public void Put(ResourceType type, JsonObject body) => server.State.Put(type, body);

    public void Delete(ResourceType type, string space, string name) => server.State.Delete(type, space, name);

    public string IssueToken(string space, string serviceAccount, IReadOnlyCollection<string>? audiences = null, TimeSpan? lifetime = null) =>
        server.IssueToken(space, serviceAccount, audiences, lifetime);

    public void WriteKubeconfig(string path, string token, string space) => server.WriteKubeconfig(path, token, space);

    public ValueTask DisposeAsync() => server.DisposeAsync();
}
