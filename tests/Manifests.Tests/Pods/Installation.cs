namespace ClusterTrust.Manifests.Tests.Pods;

/// <summary>A sandbox whose jobs have the permissions that manifests grant them, and no others.</summary>
internal sealed class Installation : IAsyncDisposable
{
    private readonly Workspace _workspace = new();

    private Installation(SandboxCluster cluster) => Cluster = cluster;

    public string Namespace => _workspace.Move?.Namespace ?? SandboxCluster.Namespace;

    public string CertSyncAccount => $"{_workspace.Move?.Prefix}certsync";

    public SandboxCluster Cluster { get; }

    /// <summary>The settings with which oidc uses the sandbox, as in an overlay's .env.</summary>
    public string[] OidcSettings =>
    [
        $"OIDC_ISSUER={SandboxCluster.Issuer}", $"OIDC_REPOSITORY={Cluster.Ssh.Url(SandboxCluster.RepositoryName)}", "OIDC_BRANCH=main",
        $"OIDC_SITE_URL={SandboxCluster.Issuer}", "OIDC_KNOWN_HOSTS=/etc/keys/deploy-key/known_hosts",
    ];

    /// <summary>The settings with which certsync uses the sandbox.</summary>
    public string[] CertSyncSettings =>
    [
        $"CERTSYNC_VAULT={SandboxCluster.VaultName}", "CERTSYNC_CLUSTER=sandbox",
        $"AZURE_TENANT_ID={SandboxCluster.TenantId}", $"AZURE_CLIENT_ID={Cluster.Identity.ClientId}",
    ];

    /// <summary>Starts a sandbox without any permissions, and publishes its issuer so that Entra ID accepts its tokens.</summary>
    /// <param name="move">Where every overlay is moved by another one on top of it; null leaves it where it is.</param>
    public static async Task<Installation> StartAsync((string Namespace, string Prefix)? move = null)
    {
        var installation = new Installation(await SandboxCluster.StartAsync()) { _workspace = { Move = move } };
        var state = installation.Cluster.ApiServer.State;
        if (move is not null)
        {
            state.AddNamespace(installation.Namespace);
            installation.Cluster.Entra.AddFederatedCredential(
                installation.Cluster.Identity.ClientId, SandboxCluster.Issuer, $"system:serviceaccount:{installation.Namespace}:{installation.CertSyncAccount}");
        }

        // Only the permissions of the manifests apply, not those that the sandbox grants its jobs.
        foreach (var type in new[] { ResourceType.ClusterRoleBindings, ResourceType.RoleBindings })
        {
            foreach (var binding in state.List(type).Where(static one => one.Name.StartsWith("grant-", StringComparison.Ordinal)))
            {
                state.Delete(type, type.Namespaced ? binding.Namespace : null, binding.Name);
            }
        }

        return installation;
    }

    /// <summary>Builds an overlay with these settings, and grants its permissions in the cluster.</summary>
    public Rendered Apply(string overlay, params (string File, string[] Settings)[] settings)
    {
        Fill(overlay, settings);
        return Build(overlay);
    }

    /// <summary>Builds an overlay with its current settings, and grants its permissions in a cluster.</summary>
    public Rendered Build(string overlay, KubeApiServer? server = null) => Grant(_workspace.Build(overlay), server);

    /// <summary>Writes the settings of an overlay, and returns its folder.</summary>
    public string Fill(string overlay, params (string File, string[] Settings)[] settings)
    {
        foreach (var (file, values) in settings)
        {
            _workspace.Write($"kustomize/{overlay}/{file}", string.Join('\n', values) + "\n");
        }

        return _workspace.FolderOf(overlay);
    }

    /// <summary>Builds certsync with components, and grants its permissions in the cluster.</summary>
    public Rendered CertSyncWith(string component, params string[] more) => Grant(_workspace.Compose(
        component, ["namespace", "certsync"], ["components/certsync/cluster-wide-rbac", $"components/{component}"],
        // The vaults are the component's where it has some.
        ("certsync", [.. CertSyncSettings.Skip(component == "certsync/several-vaults" ? 1 : 0), .. more])));

    /// <summary>Allows certsync to read a namespace, with the command in the component <c>namespaced-rbac</c>.</summary>
    public async Task GrantNamespaceAsync(string ns, KubeApiServer? server = null)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Workspace.Root, "kustomize/components/certsync/namespaced-rbac/kustomization.yaml"));
        var command = text.Split('\n').Single(static line => line.Contains("kubectl create rolebinding", StringComparison.Ordinal))[1..]
            .Replace("--clusterrole certsync-secrets", $"--clusterrole {CertSyncAccount}-secrets", StringComparison.Ordinal)
            .Replace("clustertrust:certsync", $"{Namespace}:{CertSyncAccount}", StringComparison.Ordinal)
            .Replace("--namespace shop", $"--namespace {ns}", StringComparison.Ordinal);
        await using var kubectl = new BinaryRunner(Tools.Find("kubectl", "kubernetes-client"));
        var output = (await kubectl.RunAsync([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..], "--dry-run=client", "--output", "json"])).OrThrow();
        Assert.Equal(1, (server ?? Cluster.ApiServer).Rbac.Load(JsonNode.Parse(output.StandardOutput)));
    }

    /// <summary>Builds oidc with components, and grants its permissions in the cluster.</summary>
    public Rendered OidcWith(string[] components, params string[] more) => Grant(_workspace.Compose(
        string.Join('+', components), ["namespace", "oidc"], [.. components.Select(static one => $"components/{one}")], ("oidc", [.. OidcSettings, .. more])));

    /// <summary>Replaces texts in a file of the manifests.</summary>
    public void Edit(string path, params (string Before, string After)[] changes) => _workspace.Write(path, changes.Aggregate(
        File.ReadAllText(Path.Combine(Workspace.Root, path)), static (text, change) => text.Replace(change.Before, change.After, StringComparison.Ordinal)));

    /// <summary>Grants the permissions of manifests, in addition to existing ones.</summary>
    public Rendered Grant(Rendered rendered, KubeApiServer? server = null)
    {
        (server ?? Cluster.ApiServer).Rbac.Load(new JsonArray([.. rendered.Rbac.Select(static one => one.DeepClone())]));
        return rendered;
    }

    /// <summary>A runner of a job's pods, with the Secrets that people create by hand.</summary>
    public PodRunner Pod(Rendered rendered, string job, JsonObject? jobObject = null, KubeApiServer? server = null)
    {
        var runner = new PodRunner(Cluster, rendered, job, jobObject) { ApiServer = server ?? Cluster.ApiServer };
        runner.Secrets["oidc-deploy-key"] = new()
        {
            ["ssh-privatekey"] = File.ReadAllText(Cluster.DeployKey.PrivateKeyPath),
            ["known_hosts"] = File.ReadAllText(Cluster.KnownHostsFile),
        };
        return runner;
    }

    /// <summary>Runs one pod of a job.</summary>
    /// <param name="secrets">Secrets that a person created in its namespace.</param>
    public async Task<Output> RunAsync(Rendered rendered, string job, params (string Name, Dictionary<string, string> Data)[] secrets)
    {
        using var pod = Pod(rendered, job);
        foreach (var (name, data) in secrets)
        {
            pod.Secrets[name] = data;
        }

        return await pod.RunAsync();
    }

    /// <summary>Runs one pod of a job, which must succeed.</summary>
    public async Task<Output> SucceedAsync(Rendered rendered, string job, params (string Name, Dictionary<string, string> Data)[] secrets) =>
        (await RunAsync(rendered, job, secrets)).OrThrow();

    /// <summary>Publishes the issuer with the sandbox's own functions.</summary>
    public async Task PublishAsync() => (await Cluster.OidcAsync("publish")).OrThrow();

    public async ValueTask DisposeAsync()
    {
        _workspace.Dispose();
        await Cluster.DisposeAsync();
    }
}

/// <summary>A test with an installation of its own.</summary>
public abstract class InstallationTest : IAsyncLifetime
{
    private protected Installation Installation { get; private set; } = null!;

    private protected SandboxCluster Cluster => Installation.Cluster;

    /// <summary>Where every overlay is moved by another one on top of it; null leaves it where it is.</summary>
    private protected virtual (string Namespace, string Prefix)? Move => null;

    public async Task InitializeAsync() => Installation = await Installation.StartAsync(Move);

    public async Task DisposeAsync() => await Installation.DisposeAsync();
}
