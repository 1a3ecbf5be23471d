namespace ClusterTrust.Manifests.Tests.Scripts;

/// <summary>A test of a clone's scripts, with stand-ins for the command lines of clouds and clusters.</summary>
public abstract class InstallTest : IDisposable
{
    private protected const string Digest = "sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";

    private protected static readonly (string, string)[] Names =
        [("OWNER", "Acme"), ("REPOSITORY", "issuer"), ("CLUSTER_NAME", "prod-1"), ("VAULT", "acme-vault"), ("RESOURCE_GROUP", "rg"), ("NAMESPACES", "shop,blog")];

    private protected FakeTools Tools { get; } = new FakeTools()
        .Add("az", SetupTests.Az)
        .Add("gh", SetupTests.Gh)
        .Add("aws", SetupTests.Aws)
        .Add("docker", $"""
              info) ;;
              build*) ;;
              push*) echo "latest: digest: {Digest} size: 1234" ;;
              save*) touch "$3" ;;
            """)
        .Add("k3d", """
              "cluster create --config my-cluster/k3d.yaml") [ -f my-cluster/k3d.yaml ] ;;
              "image import "*) [ -f "$3" ] ;;
            """)
        .Add("kind", """
              "load image-archive "*) [ -f "$3" ] ;;
            """);

    public void Dispose()
    {
        Tools.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Creates <c>my-cluster</c>.</summary>
    private protected Task ConfigureAsync(params (string, string)[] more) => Tools.SucceedAsync("configure.sh", [.. Names, .. more]);

    private protected static Dictionary<string, string> SettingsOf(Rendered rendered, string job) => rendered.OfKind("ConfigMap")
        .Single(one => one["metadata"].Text("name")!.Contains($"{job}-settings", StringComparison.Ordinal))["data"]!.AsObject().ToDictionary(static entry => entry.Key, static entry => entry.Value!.GetValue<string>());

    private protected void AddKubectl(string answers) => Tools.Add("kubectl", answers + """

          "config current-context") echo k3d-prod-1 ;;
          "kustomize my-cluster") exec '{Real}' "$@" ;;
          "get --filename - "*) cat >/dev/null ;;
          "get namespace "*" --ignore-not-found --output "*) ! made "namespace-$3" || echo "namespace/$3" ;;
          "create namespace "*) make "namespace-$3" ;;
          "get secret "*" --ignore-not-found --output name") ! made secret || echo "secret/$3" ;;
          "create secret "*--from-file=*=my-cluster/*) [ -s "${!##*=*=}" ] && make secret ;;
          "delete job "*) ;;
          "create job "*) make "$3" ;;
          "get job/"*) echo "$2" ;;
        """.Replace("{Real}", ClusterTrust.Sandbox.Processes.Tools.Find("kubectl", "kubernetes-client"), StringComparison.Ordinal));

    private protected string PathOf(string file) => Path.Combine(Tools.Repository, "my-cluster", file);

    private protected string Read(string file) => File.ReadAllText(PathOf(file));

    private protected Rendered Render() => new("my-cluster", YamlText.Read(Kustomize.Build(PathOf(""))));
}
