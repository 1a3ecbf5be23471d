namespace ClusterTrust.Sandbox.Clusters;

/// <summary>The Kubernetes cluster in the middle of the sandbox: its own API server, or one given by its kubeconfig.</summary>
public interface ICluster : IAsyncDisposable
{
    string Issuer { get; }

    /// <summary>The public keys of the key set that the API server serves.</summary>
    IReadOnlyList<JsonObject> SigningKeys { get; }

    /// <summary>The API server's host as <c>NO_PROXY</c> names it: jobs reach it without the sandbox's proxy.</summary>
    string DirectHost { get; }

    /// <summary>The name that a namespace has in the cluster: with a prefix of the sandbox's own where others use the cluster, too.</summary>
    string NamespaceOf(string name) => name;

    string AccountOf(string job) => job;

    /// <summary>Creates a namespace, unless it exists; it is deleted when the sandbox ends.</summary>
    void AddNamespace(string name);

    /// <summary>The objects of a type in a namespace, or the cluster-scoped ones when it is empty.</summary>
    IReadOnlyList<JsonObject> List(ResourceType type, string space);

    /// <summary>Creates or replaces an object. Its namespace must exist.</summary>
    void Put(ResourceType type, JsonObject body);

    void Delete(ResourceType type, string space, string name);

    string IssueToken(string space, string serviceAccount, IReadOnlyCollection<string>? audiences = null, TimeSpan? lifetime = null);

    /// <summary>Writes a kubeconfig that needs no other file.</summary>
    void WriteKubeconfig(string path, string token, string space);
}
