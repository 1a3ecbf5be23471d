namespace ClusterTrust.Manifests.Tests.Scripts;

/// <summary>scripts/install.sh where the cluster has something already, or the first run fails.</summary>
public sealed class InstallScriptTests : ScriptTest
{
    private const string Install = "scripts/install.sh";

    [Fact]
    public async Task A_run_that_fails_ends_the_installation_with_its_own_words()
    {
        Add("kubectl", """
              "wait --for=condition=complete"*) exit 1 ;;
              "wait --for=condition=failed"*) ;;
              "get pods"*waiting.reason*) ;;
              "get pods"*) echo '{"exitCode":3,"summary":"refused"}' ;;
              "get job/oidc-now "*Failed*) echo 'Container oidc failed with exit code 3' ;;
            """);
        await ConfigureAsync();
        await FailAsync(1, "\"summary\":\"refused\"", Install);
        var calls = await FailAsync(1, "oidc failed: Container oidc failed with exit code 3. To see its log: ", Install);
        Assert.DoesNotContain("create job certsync-now", calls, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_namespace_of_others_is_not_taken_over()
    {
        Add("kubectl", """  "get namespace platform-trust --ignore-not-found --output jsonpath="*) cat my-cluster/owner ;;""");
        await ConfigureAsync(("NAMESPACE", "platform-trust"));
        foreach (var owner in new[] { "/", "platform/", "clustertrust/", "clustertrust/examples" })
        {
            Write("owner", owner);
            var (refused, calls) = await RunAsync(Install);
            Assert.Equal(2, refused.ExitCode);
            Assert.Contains("the namespace platform-trust exists without the labels of my-cluster", refused.StandardError, StringComparison.Ordinal);
            Assert.Contains("'kubectl label --overwrite namespace platform-trust app.kubernetes.io/part-of=clustertrust app.kubernetes.io/component=namespace'", refused.StandardError, StringComparison.Ordinal);
            Assert.Contains("'make setup-azure APPLY=1' again", refused.StandardError, StringComparison.Ordinal);
            Assert.DoesNotContain("kubectl apply", calls, StringComparison.Ordinal);
        }

        await AppliesAsync("");
        await AppliesAsync("clustertrust/namespace");

        // An overlay may have labels of its own, and must have some.
        Write("kustomization.yaml", Read("kustomization.yaml") + "\nlabels:\n  - pairs:\n      app.kubernetes.io/part-of: \"42\"\n");
        await AppliesAsync("42/namespace");
        Edit("kustomization.yaml", "\"42\"", "\"\"");
        await FailAsync(2, "has no labels", Install);

        // Without the object in the overlay, the namespace may be anyone's.
        Edit("kustomization.yaml", "  - ../manifests/namespace\n", "");
        await AppliesAsync("platform/");

        async Task AppliesAsync(string owner)
        {
            Write("owner", owner);
            Assert.Contains("kubectl apply -k my-cluster", (await SucceedAsync(Install)).Calls, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("", "certsync/team-b", true)]
    [InlineData("", "oidc/clustertrust\\ncertsync/team-b", true)]
    [InlineData("", "oidc/clustertrust\\ncertsync/clustertrust\\nprometheus/monitoring", false)]
    [InlineData("acme-", "acme-oidc/team-b", true)]
    [InlineData("acme-", "certsync/team-b", false)]
    [InlineData("", "", false)]
    public async Task The_access_of_another_installation_is_not_taken_over(string prefix, string subjects, bool refused)
    {
        Add("kubectl", $"""  "get --filename - "*) grep -c 'kind: RoleBinding' >my-cluster/bindings; printf '{subjects}\n' ;;""");
        await ConfigureAsync(("NAME_PREFIX", prefix));
        var calls = refused
            ? await FailAsync(2, "in the namespace team-b (kubectl get clusterrolebindings,rolebindings --all-namespaces --output wide): set another NAME_PREFIX", Install)
            : (await SucceedAsync(Install)).Calls;
        Assert.Equal(refused, !calls.Contains("kubectl apply", StringComparison.Ordinal));
        Assert.Equal("3\n", Read("bindings"));
    }

    /// <summary>A failed query is not interpreted as an object that does not exist.</summary>
    [Theory]
    [InlineData("get namespace clustertrust ")]
    [InlineData("get namespace shop ")]
    [InlineData("get secret ")]
    [InlineData("get job/oidc-now ")]
    public async Task A_cluster_that_does_not_answer_ends_the_installation_with_its_own_words(string question)
    {
        Add("kubectl", $"""
              "{question}"*) echo 'the server has no answer' >&2; exit 1 ;;
              "wait "*) exit 1 ;;
            """);
        await ConfigureAsync();
        var calls = await FailAsync(1, "the server has no answer", Install);
        Assert.DoesNotContain("create ", calls.Split(question)[1], StringComparison.Ordinal);
        Assert.Equal(question.Contains("clustertrust", StringComparison.Ordinal), !calls.Contains("kubectl apply", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_key_of_a_GitHub_App_is_taken_from_the_folder()
    {
        await ConfigureAsync(("OVERLAY", "github-app"), ("GITHUB_APP_ID", "12345"));
        Assert.DoesNotContain("create job", await FailAsync(2, "my-cluster/private-key.pem not found", Install), StringComparison.Ordinal);
        Write("private-key.pem", "of this test");
        var (_, calls) = await SucceedAsync(Install);
        Assert.Contains("create secret generic oidc-github-app --namespace clustertrust --type Opaque --from-file=private-key.pem=my-cluster/private-key.pem", calls, StringComparison.Ordinal);
    }
}
