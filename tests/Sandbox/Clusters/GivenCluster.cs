using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ClusterTrust.Kubernetes;
using ClusterTrust.Sandbox.ApiServer;
using ClusterTrust.Sandbox.Pages;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.Sandbox.Clusters;

/// <summary>
/// A cluster that others use, too, given by an administrator's kubeconfig. The jobs have the rendered manifests' rights and no others.
/// Everything made in it has a prefix and a label of this sandbox, and goes when the sandbox ends; nothing else is written.
/// </summary>
public sealed class GivenCluster : ICluster
{
    /// <summary>The label of everything that sandboxes make in a cluster; its value is the prefix.</summary>
    public const string Label = "clustertrust.dev/sandbox";

    /// <summary>What the jobs and the tests write into a namespace; what the manifests make goes with them.</summary>
    private static readonly ResourceType[] Written = [ResourceType.Secrets, ResourceType.Leases, ResourceType.Events];

    private readonly KubernetesConnection connection;
    private readonly JsonObject configuration;
    private readonly TemporaryFolder folder = new("clustertrust-cluster-");
    private readonly ConcurrentDictionary<string, bool> namespaces = new();
    private readonly string prefix = $"ct-{RandomNumberGenerator.GetString("bcdfghjklmnpqrstvwxz2456789", 6)}-";
    private readonly ManifestInstallation manifests;

    private GivenCluster(string kubeconfig, JsonObject configuration)
    {
        this.configuration = configuration;
        manifests = new ManifestInstallation(kubeconfig, folder, prefix);
        connection = KubernetesConnection.Open(new KubernetesOptions { KubeconfigPath = kubeconfig, UserAgent = "clustertrust-sandbox" });
    }

    public string Issuer { get; private set; } = "";

    public IReadOnlyList<JsonObject> SigningKeys { get; private set; } = [];

    // .NET compares names with brackets around an IPv6 address; the jobs know networks besides.
    public string DirectHost => connection.Server.HostNameType == UriHostNameType.IPv6 ? $"{connection.Server.IdnHost}/128" : connection.Server.IdnHost;

    /// <summary>Reads the cluster's issuer and applies the manifests.</summary>
    /// <param name="kubeconfig">A kubeconfig of an administrator; its current context is used.</param>
    /// <param name="space">The jobs' namespace, without the prefix.</param>
    /// <exception cref="InvalidOperationException">The cluster cannot be used, or kubectl refuses something; the message is its own.</exception>
    public static async Task<GivenCluster> OpenAsync(string kubeconfig, string space, CancellationToken cancellation)
    {
        var shown = await ManifestInstallation.KubectlAsync(kubeconfig, ["config", "view", "--minify", "--flatten", "--raw", "--output", "json"]);
        var configuration = (JsonObject)JsonNode.Parse(shown)!;
        if (configuration["clusters"]?[0]?["cluster"].Text("certificate-authority-data") is null)
        {
            throw new InvalidOperationException(
                $"The kubeconfig {kubeconfig} names no CA for its cluster, and the jobs here trust only the sandbox's: add the API server's CA as certificate-authority.");
        }

        var cluster = new GivenCluster(kubeconfig, configuration);
        try
        {
            var discovery = await cluster.SendAsync(HttpMethod.Get, IssuerEndpoint.DiscoveryPath);
            cluster.Issuer = discovery.Text("issuer") ?? throw new InvalidOperationException($"{IssuerEndpoint.DiscoveryPath} names no issuer.");

            // Before anything is written.
            PagesServer.RepositoryOf(cluster.Issuer);
            var keySet = await cluster.SendAsync(HttpMethod.Get, IssuerEndpoint.JwksPath, accept: "application/jwk-set+json");
            cluster.SigningKeys = [.. keySet!["keys"]!.AsArray().Select(static key => key!.AsObject())];
            await cluster.manifests.ApplyAsync(cluster.NamespaceOf(space));
            cluster.namespaces[cluster.NamespaceOf(space)] = true;
            await cluster.WaitForPermissionsAsync(cluster.NamespaceOf(space), cancellation);
            return cluster;
        }
        catch (Exception fault)
        {
            try
            {
                await cluster.DisposeAsync();
            }
            catch (AggregateException left)
            {
                // What stays behind must not hide why.
                throw new InvalidOperationException($"{fault.Message} {left.Message}", fault);
            }

            throw;
        }
    }

    public string NamespaceOf(string name) => prefix + name;

    public string AccountOf(string job) => prefix + job;

    public void AddNamespace(string name)
    {
        if (!name.StartsWith(prefix, StringComparison.Ordinal))
        {
            throw new ArgumentException($"The namespace {name} is not this sandbox's: ask NamespaceOf for its name.", nameof(name));
        }

        if (namespaces.TryAdd(name, true))
        {
            Put(ResourceType.Namespaces, new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } });
        }
    }

    public IReadOnlyList<JsonObject> List(ResourceType type, string space) =>
        [.. Send(HttpMethod.Get, type.Path(space))!["items"]!.AsArray().Select(static item => (JsonObject)item!.DeepClone())];

    public void Put(ResourceType type, JsonObject body)
    {
        var put = (JsonObject)body.DeepClone();
        (put["apiVersion"], put["kind"]) = (type.ApiVersion, type.Kind);
        var metadata = put["metadata"]!;
        metadata["labels"] ??= new JsonObject();
        metadata["labels"]![Label] = prefix.TrimEnd('-');
        var collection = type.Path(metadata.Text("namespace") ?? "");
        try
        {
            Send(HttpMethod.Post, collection, put);
        }
        catch (KubernetesException fault) when (fault.Status == HttpStatusCode.Conflict)
        {
            var path = $"{collection}/{metadata.Text("name")}";
            metadata["resourceVersion"] = Send(HttpMethod.Get, path)!["metadata"].Text("resourceVersion");
            Send(HttpMethod.Put, path, put);
        }
    }

    public void Delete(ResourceType type, string space, string name) => Send(HttpMethod.Delete, $"{type.Path(space)}/{name}");

    public string IssueToken(string space, string serviceAccount, IReadOnlyCollection<string>? audiences = null, TimeSpan? lifetime = null)
    {
        string[] command =
        [
            "create", "token", serviceAccount, "--namespace", space, "--duration", $"{(lifetime ?? TimeSpan.FromHours(1)).TotalSeconds}s",
            .. (audiences ?? []).Select(static audience => $"--audience={audience}"),
        ];
        var token = Wait(() => manifests.KubectlAsync(command)).Trim();
        KnownSecrets.AddToken(token);
        return token;
    }

    public void WriteKubeconfig(string path, string token, string space)
    {
        // JSON is YAML, too. The administrator's credentials make room for the token.
        var written = (JsonObject)configuration.DeepClone();
        written["users"] = new JsonArray(new JsonObject { ["name"] = "job", ["user"] = new JsonObject { ["token"] = token } });
        var context = (JsonObject)written["contexts"]![0]!["context"]!;
        (context["user"], context["namespace"]) = ("job", space);
        File.WriteAllText(path, written.ToJsonString());
    }

    /// <summary>Removes all that was made, whatever becomes of any part of it: first what is in the namespaces, for clusters without controllers.</summary>
    public async ValueTask DisposeAsync()
    {
        var faults = new List<Exception>();
        foreach (var (type, space) in namespaces.Keys.SelectMany(static space => Written.Select(type => (type, space))))
        {
            await TryAsync(() => SendAsync(HttpMethod.Delete, type.Path(space)));
        }

        await TryAsync(manifests.DeleteAsync);
        foreach (var space in namespaces.Keys)
        {
            await TryAsync(() => SendAsync(HttpMethod.Delete, $"{ResourceType.Namespaces.Path("")}/{space}"));
        }

        connection.Dispose();
        folder.Dispose();
        if (faults.Count > 0)
        {
            throw new AggregateException($"Not everything could be removed: look for what has the label {Label}={prefix.TrimEnd('-')}.", faults);
        }

        async Task TryAsync<T>(Func<Task<T>> remove)
        {
            try
            {
                await remove();
            }
            catch (KubernetesException fault) when (fault.Status == HttpStatusCode.NotFound)
            {
                // It is gone already.
            }
            catch (Exception fault)
            {
                faults.Add(fault);
            }
        }
    }

    /// <summary>Waits until the API server grants what was applied: it authorizes from a cache, which follows what is stored.</summary>
    private async Task WaitForPermissionsAsync(string space, CancellationToken cancellation)
    {
        var path = folder.Combine("certsync.kubeconfig");
        WriteKubeconfig(path, IssueToken(space, AccountOf("certsync")), space);
        using var job = KubernetesConnection.Open(new KubernetesOptions { KubeconfigPath = path, UserAgent = "clustertrust-sandbox" });
        var waited = Stopwatch.StartNew();
        foreach (var granted in new[] { "/api/v1/secrets?limit=1", $"{ResourceType.Leases.Path(space)}/none" })
        {
            while (await IsForbiddenAsync(granted, job))
            {
                if (waited.Elapsed > TimeSpan.FromMinutes(1))
                {
                    throw new InvalidOperationException(
                        $"A minute after the manifests were applied, certsync's ServiceAccount may not read {granted}: start the API server with --authorization-mode=RBAC.");
                }

                await Task.Delay(100, cancellation);
            }
        }
    }

    private async Task<bool> IsForbiddenAsync(string path, KubernetesConnection job)
    {
        try
        {
            await SendAsync(HttpMethod.Get, path, over: job);
            return false;
        }
        catch (KubernetesException fault) when (fault.Status is HttpStatusCode.Forbidden or HttpStatusCode.NotFound)
        {
            return fault.Status == HttpStatusCode.Forbidden;
        }
    }

    private JsonNode? Send(HttpMethod method, string path, JsonObject? body = null) => Wait(() => SendAsync(method, path, body));

    // Tests write as if the cluster were at hand. On a thread of its own, because a test's own may be the only one of its context.
    private static T Wait<T>(Func<Task<T>> act) => Task.Run(act).GetAwaiter().GetResult();

    private async Task<JsonNode?> SendAsync(HttpMethod method, string path, JsonObject? body = null, string accept = "application/json", KubernetesConnection? over = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Headers.Accept.ParseAdd(accept);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body.ToJsonString()));
            request.Content.Headers.ContentType = new("application/json");
        }

        return await (over ?? connection).ReadAsync(
            request,
            static async (response, token) => await JsonNode.ParseAsync(await response.Content.ReadAsStreamAsync(token), cancellationToken: token),
            CancellationToken.None);
    }
}
