namespace ClusterTrust.Manifests.Tests;

/// <summary>Every overlay, and every component alone on top of what it extends, checked against the rules; <see cref="SchemaTests"/> checks the schemas.</summary>
public sealed partial class ManifestTests
{
    private const string NoDigest = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

    private static readonly string[] Edited =
    [
        "components/csi/azure-key-vault", "components/jobs/alerts", "components/external-secrets/push-to-aws", "components/external-secrets/mongodb", "components/external-secrets/store-google",
        "components/external-secrets/refresh-on-new-version", "components/external-secrets/store-aws", "components/external-secrets/store-hashicorp-vault", "overlays/self-managed",
    ];

    public static TheoryData<string> Overlays => [.. Workspace.Names.Where(static name => name.StartsWith("overlays/", StringComparison.Ordinal))];

    public static TheoryData<string> All => [.. Workspace.Names];

    /// <summary>Faulty edits of valid manifests, each with a part of the sentence that reports it.</summary>
    public static TheoryData<string, string, string> Edits => new()
    {
        { "external-secrets.io/v1\"", "external-secrets.io/v1beta1\"", "are no longer served" },
        { "\"refreshInterval\":\"1h\"", "\"refreshInterval\":\"soon\"", "refreshInterval is a duration" },
        { "\"visibleonly\"", "\"visible\"", "its triggers are Azure queues" },
        { "\"queueName\":", "\"queue\":", "its triggers are Azure queues" },
        { "\"audiences\":[\"//iam", "\"audiences\":[\"https://iam", "workloadIdentityFederation" },
        { "\"serviceAccountName\":\"refresh-external-secrets\"", "\"serviceAccountName\":\"default\"", "a ServiceAccount of its own" },
        { "\"allowPrivilegeEscalation\":false", "\"allowPrivilegeEscalation\":true", "gain privileges" },
        { "\"runAsNonRoot\":true", "\"runAsNonRoot\":false", "not root" },
        { "\"runAsUser\":65532", "\"runAsUser\":0", "not root" },
        { "\"emptyDir\":", "\"hostPath\":", "volumes are of allowed kinds" },
        { "\"requests\":", "\"request\":", "requests and limits CPU and memory" },
        { "\"restartPolicy\":\"Never\"", "\"restartPolicy\":\"Never\",\"hostNetwork\":true", "none of the node's namespaces" },
        { "\"serviceAccountName\":\"oidc\"", "\"serviceAccountName\":\"default\"", "have the name of its job" },
        { $"clustertrust/certsync@{NoDigest}", "clustertrust/certsync:latest", "and a version" },
        { $"clustertrust/certsync@{NoDigest}", $"clustertrust/oidc@{NoDigest}", "its image is the job's" },
        { "registry.invalid/clustertrust/certsync", "registry/clustertrust/certsync", "names the registry's host" },
        { "\"Forbid\"", "\"Replace\"", "concurrencyPolicy" },
        { "\"timeZone\":", "\"zone\":", "a time zone" },
        { "\"DisruptionTarget\"", "\"Ready\"", "a disruption does not count" },
        { "\"matchLabels\":{\"app.kubernetes.io/name\":\"oidc\"", "\"matchLabels\":{\"app.kubernetes.io/name\":\"oidc2\"", "selects pods that are there" },
        { "169.254.0.0/16", "169.254.20.10/32", "reach the cluster's DNS" },
        { "\"port\":53,\"protocol\":\"TCP\"", "\"port\":54,\"protocol\":\"TCP\"", "reach the cluster's DNS" },
        { "\"app.kubernetes.io/component\"", "\"app.kubernetes.io/componet\"", "the labels name and component" },
        { "aws-secrets-manager", "hashicorp-vault", "from none of its destinations" },
        { "\"secretType\":\"SecureString\"", "\"secretType\":\"String\"", "is a SecureString" },
        { "\"secretPushFormat\":\"string\"", "\"secretPushFormat\":\"binary\"", "a secret is text" },
        { "\"conditions\":", "\"condition\":", "open to named namespaces" },
        { "[\"shop\"]", "[\"shop2\"]", "those of its users among them" },
        { "\"OIDC_ISSUER\"", "\"OIDC_ISUER\"", "and nothing else" },
        { "\"CERTSYNC_CLUSTER\"", "\"AZURE_CLIENT_SECRET\"", "nothing secret stands in it" },
    };

    [Theory]
    [MemberData(nameof(All))]
    public void Fits_the_rules(string name)
    {
        var rendered = Workspace.Render(name);
        Assert.NotEmpty(rendered.Objects);
        Assert.Empty(Faults(rendered));
    }

    [Theory]
    [MemberData(nameof(Edits))]
    public void A_faulty_edit_is_reported(string before, string after, string sentence)
    {
        var objects = new JsonArray([.. Edited.SelectMany(static name => Workspace.Render(name).Objects).Select(static one => one.DeepClone())]).ToJsonString();
        Assert.DoesNotContain(Faults(objects), Names);
        Assert.Contains(Faults(objects.Replace(before, after, StringComparison.Ordinal)), Names);
        static string[] Faults(string json) => ManifestTests.Faults(new Rendered("edited", [.. JsonNode.Parse(json).Items()]));
        bool Names(string fault) => fault.Contains(sentence, StringComparison.Ordinal);
    }

    /// <summary>kustomize 4 (kubectl 1.26) labels no templates of CronJobs; without labels of their own no NetworkPolicy would select the pods.</summary>
    [Theory]
    [InlineData("oidc")]
    [InlineData("certsync")]
    public void The_pods_have_the_labels_of_their_NetworkPolicy_before_kustomize_adds_any(string job)
    {
        var (cronJob, policy) = (Source("cronjob.yaml"), Source("network-policy.yaml"));
        var labels = cronJob["spec"]!["jobTemplate"]!["spec"]!["template"]!["metadata"]!["labels"];
        Assert.All((JsonObject)policy["spec"]!["podSelector"]!["matchLabels"]!, label => Assert.Equal(label.Value.Text(), labels.Text(label.Key)));
        JsonObject Source(string file) => YamlText.Read(File.ReadAllText(Path.Combine(Workspace.Root, "manifests", job, file))).Single();
    }

    /// <summary>kubectl before 1.28 applies a patch of one alias to the anchor and to all its aliases.</summary>
    [Fact]
    public void No_manifest_has_anchors_or_aliases()
    {
        var files = new[] { "manifests", "kustomize" }.SelectMany(static folder => Directory.GetFiles(Path.Combine(Workspace.Root, folder), "*.yaml", SearchOption.AllDirectories)).ToArray();
        Assert.InRange(files.Length, 50, 500);
        Assert.DoesNotContain(files, static file => AnchorOrAlias().IsMatch(File.ReadAllText(file)));
    }

    [Fact]
    public void Every_overlay_has_a_readme_of_one_screen()
    {
        var overlays = Directory.GetDirectories(Path.Combine(Workspace.Root, "kustomize", "overlays"));
        Assert.Equal(
            ["aks", "csi", "github-app", "issuer", "multi-cluster", "push", "sandbox", "secrets", "self-managed"],
            overlays.Select(static path => Path.GetFileName(path)!).Order(StringComparer.Ordinal));
        foreach (var overlay in overlays)
        {
            var readme = File.ReadAllLines(Path.Combine(overlay, "README.md"));
            Assert.InRange(readme.Length, 10, 45);
            Assert.Empty(new[] { "## Fill in", "## Apply", "## See that it worked", "## Undo" }.Except(readme));
        }
    }

    /// <summary>A Job cannot be changed, a namespace is deleted with everything in it, and what a command creates is not part of the overlay.</summary>
    [Theory]
    [MemberData(nameof(Overlays))]
    public void The_readme_of_an_overlay_covers_what_kubectl_does_not_apply_again_or_deletes_too(string name)
    {
        var readme = File.ReadAllText(Path.Combine(Workspace.Root, "kustomize", string.Join('/', name.Split('/')[..2]), "README.md"));
        var apply = readme.Split("\n## Apply\n")[1].Split("\n## ")[0];
        var undo = readme.Split("\n## Undo\n")[1];
        var rendered = Workspace.Render(name);
        Assert.All(rendered.OfKind("Job"), job => Assert.Matches(
            $"kubectl delete job {job.Text("metadata", "name")} -n {job.Text("metadata", "namespace")} --ignore-not-found[^`]*\nkubectl apply ", apply));

        var spaces = rendered.OfKind("Namespace").Select(static one => one.Text("metadata", "name")!).ToArray();
        Assert.All(spaces, space => Assert.Contains($"`{space}`", undo, StringComparison.Ordinal));
        Assert.True(spaces.Length == 0 || undo.Contains("with everything in", StringComparison.Ordinal));
        foreach (Match created in Created().Matches(apply))
        {
            Assert.True(
                spaces.Contains(created.Groups[3].Value) || Regex.IsMatch(undo, $"delete {created.Groups[1]} {created.Groups[2]} (-n|--namespace) {created.Groups[3]}"),
                $"{name} does not undo: {created.Value}");
        }
    }

    [Fact]
    public void Every_component_stands_in_the_page_about_overlays()
    {
        var page = File.ReadAllText(Path.Combine(Workspace.Root, "docs", "overlays.md"));
        Assert.All(
            Workspace.Names.Where(static name => name.StartsWith("components/", StringComparison.Ordinal)),
            name => Assert.Contains($"`{name["components/".Length..]}`", page, StringComparison.Ordinal));
    }

    private static string[] Faults(Rendered rendered) => [.. ManifestRules.All.SelectMany(rule => rule.Faults(rendered))];

    [GeneratedRegex(@" create (?:secret )?(\w+) ([\w-]+) .*?(?:-n|--namespace) ([\w-]+)", RegexOptions.CultureInvariant)]
    private static partial Regex Created();

    [GeneratedRegex(@"^\s*(- )?([\w./-]+: )?[&*]\w", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex AnchorOrAlias();
}
