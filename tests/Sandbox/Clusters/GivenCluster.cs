namespace ClusterTrust.Sandbox.Clusters;

/// <summary>
/// A cluster that others use, too, selected by an administrator's kubeconfig and accessed with kubectl. The jobs have the rendered manifests'
/// rights and no others. Everything created in it has a prefix and a label of this sandbox, and is deleted when the sandbox ends; nothing else is written.
/// </summary>
public sealed class GivenCluster : ICluster
{
    /// <summary>The label of everything that sandboxes make in a cluster; its value is the prefix.</summary>
    public const string Label = "clustertrust.dev/sandbox";

    /// <summary>What the jobs and the tests write into a namespace; what the manifests create is deleted with them.</summary>
    private static readonly string Written = string.Join(',', new[] { ResourceType.Secrets, ResourceType.Leases, ResourceType.Events }.Select(static type => type.QualifiedName));

    private readonly JsonObject _configuration;
    private readonly TemporaryFolder _folder = new("clustertrust-cluster-");
    private readonly ConcurrentDictionary<string, bool> _namespaces = new();
    private readonly string _prefix = $"ct-{RandomNumberGenerator.GetString("bcdfghjklmnpqrstvwxz2456789", 6)}-";
    private readonly ManifestInstallation _manifests;

    private GivenCluster(string kubeconfig, JsonObject configuration)
    {
        this._configuration = configuration;
        _manifests = new ManifestInstallation(kubeconfig, _folder, _prefix);
    }

    public string Issuer { get; private set; } = "";

    public IReadOnlyList<JsonObject> SigningKeys { get; private set; } = [];

    public string DirectHost
    {
        get
        {
            // .NET compares names with brackets around an IPv6 address; the jobs know networks besides.
            var server = new Uri(_configuration["clusters"]![0]!["cluster"].Text("server")!);
            return server.HostNameType == UriHostNameType.IPv6 ? $"{server.IdnHost}/128" : server.IdnHost;
        }
    }

    /// <summary>Reads the cluster's issuer and applies the manifests.</summary>
    /// <exception cref="InvalidOperationException">The cluster cannot be used, or kubectl refuses something; the message is its own.</exception>
    public static async Task<GivenCluster> OpenAsync(string kubeconfig, string space)
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
            var discovery = JsonNode.Parse(await cluster._manifests.KubectlAsync(["get", "--raw", IssuerEndpoint.DiscoveryPath]));
            cluster.Issuer = discovery.Text("issuer") ?? throw new InvalidOperationException($"{IssuerEndpoint.DiscoveryPath} names no issuer.");

            // Before anything is written.
            PagesServer.RepositoryOf(cluster.Issuer);
            var keySet = JsonNode.Parse(await cluster._manifests.KubectlAsync(["get", "--raw", IssuerEndpoint.JwksPath]))!;
            cluster.SigningKeys = [.. keySet["keys"]!.AsArray().Select(static key => key!.AsObject())];
            await cluster._manifests.ApplyAsync(cluster.NamespaceOf(space));
            cluster._namespaces[cluster.NamespaceOf(space)] = true;
            await cluster.WaitForPermissionsAsync(cluster.NamespaceOf(space));
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
                // A failure of the cleanup must not hide the cause.
                throw new InvalidOperationException($"{fault.Message} {left.Message}", fault);
            }

            throw;
        }
    }

    public string NamespaceOf(string name) => _prefix + name;

    public string AccountOf(string job) => _prefix + job;

    public void AddNamespace(string name)
    {
        if (!name.StartsWith(_prefix, StringComparison.Ordinal))
        {
            throw new ArgumentException($"The namespace {name} is not this sandbox's: ask NamespaceOf for its name.", nameof(name));
        }

        if (_namespaces.TryAdd(name, true))
        {
            Put(ResourceType.Namespaces, new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } });
        }
    }

    public IReadOnlyList<JsonObject> List(ResourceType type, string space)
    {
        var list = JsonNode.Parse(Kubectl(["get", type.QualifiedName, "--namespace", space, "--output", "json"]))!;
        return [.. list["items"]!.AsArray().Select(static item => (JsonObject)item!.DeepClone())];
    }

    public void Put(ResourceType type, JsonObject body)
    {
        var put = (JsonObject)body.DeepClone();
        (put["apiVersion"], put["kind"]) = (type.ApiVersion, type.Kind);
        var metadata = put["metadata"]!;
        metadata["labels"] ??= new JsonObject();
        metadata["labels"]![Label] = _prefix.TrimEnd('-');
        try
        {
            Write("create");
        }
        catch (InvalidOperationException fault) when (fault.Message.Contains("(AlreadyExists)", StringComparison.Ordinal))
        {
            Write("replace");
        }

        void Write(string verb) => Kubectl([verb, "--filename", "-", "--validate=false"], put.ToJsonString());
    }

    public void Delete(ResourceType type, string space, string name) => Kubectl(["delete", type.QualifiedName, name, "--namespace", space, "--wait=false"]);

    public string IssueToken(string space, string serviceAccount, IReadOnlyCollection<string>? audiences = null, TimeSpan? lifetime = null)
    {
        string[] command =
        [
            "create", "token", serviceAccount, "--namespace", space, "--duration", $"{(lifetime ?? TimeSpan.FromHours(1)).TotalSeconds}s",
            .. (audiences ?? []).Select(static audience => $"--audience={audience}"),
        ];
        var token = Kubectl(command).Trim();
        KnownSecrets.AddToken(token);
        return token;
    }

    public void WriteKubeconfig(string path, string token, string space)
    {
        // JSON is YAML, too. The token replaces the administrator's credentials.
        var written = (JsonObject)_configuration.DeepClone();
        written["users"] = new JsonArray(new JsonObject { ["name"] = "job", ["user"] = new JsonObject { ["token"] = token } });
        var context = (JsonObject)written["contexts"]![0]!["context"]!;
        (context["user"], context["namespace"]) = ("job", space);
        File.WriteAllText(path, written.ToJsonString());
    }

    /// <summary>Removes all that was made, whatever becomes of any part of it: first what is in the namespaces, for clusters without controllers.</summary>
    public async ValueTask DisposeAsync()
    {
        var faults = new List<Exception>();
        foreach (var space in _namespaces.Keys)
        {
            await TryAsync(["delete", Written, "--all", "--namespace", space, "--ignore-not-found", "--wait=false"]);
        }

        foreach (var command in _manifests.Removal)
        {
            await TryAsync(command);
        }

        if (!_namespaces.IsEmpty)
        {
            await TryAsync(["delete", "namespace", .. _namespaces.Keys, "--ignore-not-found", "--wait=false"]);
        }

        _folder.Dispose();
        if (faults.Count > 0)
        {
            throw new AggregateException($"Not everything could be removed: look for what has the label {Label}={_prefix.TrimEnd('-')}.", faults);
        }

        async Task TryAsync(string[] remove)
        {
            try
            {
                await _manifests.KubectlAsync(remove);
            }
            catch (Exception fault)
            {
                faults.Add(fault);
            }
        }
    }

    /// <summary>Waits until the API server grants what was applied: it authorizes from a cache, which follows what is stored.</summary>
    private async Task WaitForPermissionsAsync(string space)
    {
        var path = _folder.Combine("certsync.kubeconfig");
        WriteKubeconfig(path, IssueToken(space, AccountOf("certsync")), space);
        var waited = Stopwatch.StartNew();
        foreach (var granted in new[] { "/api/v1/secrets?limit=1", $"{ResourceType.Leases.Path(space)}/none" })
        {
            while (await IsForbiddenAsync(path, granted))
            {
                if (waited.Elapsed > TimeSpan.FromMinutes(1))
                {
                    throw new InvalidOperationException(
                        $"A minute after the manifests were applied, certsync's ServiceAccount may not read {granted}: start the API server with --authorization-mode=RBAC.");
                }

                await Task.Delay(100);
            }
        }
    }

    private static async Task<bool> IsForbiddenAsync(string kubeconfig, string path)
    {
        try
        {
            await ManifestInstallation.KubectlAsync(kubeconfig, ["get", "--raw", path]);
            return false;
        }
        catch (InvalidOperationException fault) when (fault.Message.Contains("(Forbidden)", StringComparison.Ordinal) || fault.Message.Contains("(NotFound)", StringComparison.Ordinal))
        {
            return fault.Message.Contains("(Forbidden)", StringComparison.Ordinal);
        }
    }

    // Tests write synchronously. On a thread of its own, because a test's own may be the only one of its context.
    private string Kubectl(string[] arguments, string input = "") => Task.Run(() => _manifests.KubectlAsync(arguments, input)).GetAwaiter().GetResult();
}
