namespace ClusterTrust.Manifests.Tests.Pods;

/// <summary>
/// The component <c>external-secrets/refresh-on-new-version</c>: kubectl with the rendered arguments, as its ServiceAccount, against an API
/// server that enforces the rendered permissions.
/// </summary>
public sealed class RefreshTests : IAsyncLifetime, IDisposable
{
    private const string Space = "shop";
    private static readonly Rendered Component = Workspace.Render("components/external-secrets/refresh-on-new-version");
    private readonly CertificateAuthority _authority = new();
    private readonly TemporaryFolder _folder = new("clustertrust-refresh-");
    private KubeApiServer _server = null!;

    public async Task InitializeAsync()
    {
        _server = new KubeApiServer(_authority);
        await _server.StartAsync();
        _server.State.AddNamespace(Space);
        _server.State.AddNamespace("blog");
        _server.Rbac.Load(new JsonArray([.. Component.Rbac.Select(static one => one.DeepClone())]));
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Every_run_changes_the_annotation_of_the_labelled_ones_of_its_namespace_and_of_no_others()
    {
        var labels = Workspace.Render("components/external-secrets/pull-data").OfKind("ExternalSecret").Single()["metadata"]!["labels"]!;
        Add(Space, "web", labels);
        Add(Space, "api", labels);
        Add(Space, "other", new JsonObject { ["clustertrust.dev/refresh"] = "never" });
        Add("blog", "web", labels);
        await SucceedAsync("refresh-1");
        Assert.Equal(("refresh-1", "refresh-1", null, null), (Annotation(Space, "web"), Annotation(Space, "api"), Annotation(Space, "other"), Annotation("blog", "web")));
        await SucceedAsync("refresh-2");
        Assert.Equal(("refresh-2", "refresh-2", null, null), (Annotation(Space, "web"), Annotation(Space, "api"), Annotation(Space, "other"), Annotation("blog", "web")));
        Assert.DoesNotContain(_server.Requests, static request => request.Path.Contains("/secrets", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_any_one_of_its_permissions_it_fails()
    {
        Add(Space, "web", new JsonObject { ["clustertrust.dev/refresh"] = "on-new-version" });
        var verbs = Component.OfKind("Role").Single()["rules"]![0].Texts("verbs");
        foreach (var verb in verbs)
        {
            var role = (JsonObject)Component.OfKind("Role").Single().DeepClone();
            role["rules"]![0]!["verbs"] = new JsonArray([.. verbs.Where(one => one != verb).Select(static one => (JsonNode)one)]);
            _server.Rbac.Load(role);
            var output = await RunAsync("refresh-1");
            Assert.True(output.ExitCode != 0 && output.StandardError.Contains($"cannot {verb} resource", StringComparison.Ordinal), output.ToString());
        }
    }

    [Fact]
    public async Task A_namespace_without_any_is_no_fault() => await SucceedAsync("refresh-1");

    private void Add(string space, string name, JsonNode labels) => _server.State.Put(ResourceType.ExternalSecrets, new JsonObject
    {
        ["metadata"] = new JsonObject { ["namespace"] = space, ["name"] = name, ["labels"] = labels.DeepClone() },
        ["spec"] = new JsonObject { ["refreshInterval"] = "1h" },
    });

    private string? Annotation(string space, string name) =>
        _server.State.Find(ResourceType.ExternalSecrets, space, name)!.Body["metadata"]!["annotations"].Text("force-sync");

    private async Task SucceedAsync(string pod) => (await RunAsync(pod)).OrThrow();

    /// <summary>The container as the kubelet starts it: its command alone, and variables in arguments replaced.</summary>
    private async Task<Output> RunAsync(string pod)
    {
        var spec = Component.Pods().Single().Spec;
        var container = Assert.Single(spec["containers"]!.AsArray())!;
        Assert.Equal("metadata.name", Assert.Single(container["env"]!.AsArray())!["valueFrom"]!.Text("fieldRef", "fieldPath"));
        var kubeconfig = _folder.Combine("kubeconfig");
        _server.WriteKubeconfig(kubeconfig, _server.IssueToken(Space, spec.Text("serviceAccountName")!), Space);
        await using var kubectl = new BinaryRunner(Tools.Find(Assert.Single(container.Texts("command")), "kubernetes-client"));
        kubectl.Environment["KUBECONFIG"] = kubeconfig;
        kubectl.Environment["HOME"] = "/nonexistent";
        return await kubectl.RunAsync(container.Texts("args").Select(argument => argument.Replace("$(POD_NAME)", pod, StringComparison.Ordinal)));
    }
}
