namespace ClusterTrust.Manifests.Tests.Scripts;

/// <summary>scripts/install.sh where the cluster has something already, or the first run fails.</summary>
public sealed class InstallScriptTests : InstallTest
{
    [Fact]
    public async Task A_run_that_fails_ends_the_installation_with_its_own_words()
    {
        AddKubectl("""
              "apply "*) ;;
              "wait --for=condition=complete"*) exit 1 ;;
              "wait --for=condition=failed"*) ;;
              "get pods"*waiting.reason*) ;;
              "get pods"*) echo '{"exitCode":3,"summary":"refused"}' ;;
              "get job/oidc-now "*Failed*) echo 'Container oidc failed with exit code 3' ;;
            """);
        await ConfigureAsync();
        await File.WriteAllTextAsync(PathOf("deploy-key"), "of this test");
        var (output, calls) = await Tools.RunAsync("install.sh");
        Assert.Equal(1, output.ExitCode);
        Assert.Contains("\"summary\":\"refused\"", output.StandardError, StringComparison.Ordinal);
        Assert.Contains("oidc failed: Container oidc failed with exit code 3. To see its log: ", output.StandardError, StringComparison.Ordinal);
        Assert.DoesNotContain("create job certsync-now", calls, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_namespace_of_others_is_not_taken_over()
    {
        AddKubectl("""
              "get namespace platform-trust --ignore-not-found --output jsonpath="*) cat owner ;;
              "apply "*) ;;
            """);
        await ConfigureAsync(("NAMESPACE", "platform-trust"));
        foreach (var owner in new[] { "/", "platform/", "clustertrust/", "clustertrust/examples" })
        {
            await File.WriteAllTextAsync(Path.Combine(Tools.Repository, "owner"), owner);
            var (refused, calls) = await Tools.RunAsync("install.sh");
            Assert.Equal(2, refused.ExitCode);
            Assert.Contains("the namespace platform-trust exists without the labels of my-cluster", refused.StandardError, StringComparison.Ordinal);
            Assert.Contains("'kubectl label --overwrite namespace platform-trust app.kubernetes.io/part-of=clustertrust app.kubernetes.io/component=namespace'", refused.StandardError, StringComparison.Ordinal);
            Assert.Contains("'make setup-azure APPLY=1' again", refused.StandardError, StringComparison.Ordinal);
            Assert.DoesNotContain("kubectl apply", calls, StringComparison.Ordinal);
        }

        foreach (var owner in new[] { "", "clustertrust/namespace" })
        {
            await File.WriteAllTextAsync(Path.Combine(Tools.Repository, "owner"), owner);
            Assert.Contains("kubectl apply -k my-cluster", (await Tools.RunAsync("install.sh")).Calls, StringComparison.Ordinal);
        }

        // An overlay may have labels of its own, and must have some.
        await File.AppendAllTextAsync(PathOf("kustomization.yaml"), "\nlabels:\n  - pairs:\n      app.kubernetes.io/part-of: \"42\"\n");
        await File.WriteAllTextAsync(Path.Combine(Tools.Repository, "owner"), "42/namespace");
        Assert.Contains("kubectl apply -k my-cluster", (await Tools.RunAsync("install.sh")).Calls, StringComparison.Ordinal);
        await File.WriteAllTextAsync(PathOf("kustomization.yaml"), Read("kustomization.yaml").Replace("\"42\"", "\"\"", StringComparison.Ordinal));
        Assert.Contains("has no labels", (await Tools.RunAsync("install.sh")).Output.StandardError, StringComparison.Ordinal);

        // Without the object in the overlay, the namespace may be anyone's.
        await File.WriteAllTextAsync(Path.Combine(Tools.Repository, "owner"), "platform/");
        await File.WriteAllTextAsync(PathOf("kustomization.yaml"), Read("kustomization.yaml").Replace("  - ../manifests/namespace\n", "", StringComparison.Ordinal));
        Assert.Contains("kubectl apply -k my-cluster", (await Tools.RunAsync("install.sh")).Calls, StringComparison.Ordinal);
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
        AddKubectl($"""
              "get --filename - "*) grep -c 'kind: RoleBinding' >bindings; printf '{subjects}\n' ;;
              "apply "*) ;;
            """);
        await ConfigureAsync(("NAME_PREFIX", prefix));
        var (output, calls) = await Tools.RunAsync("install.sh");
        Assert.Equal(2, output.ExitCode);
        Assert.Equal(refused, output.StandardError.Contains("in the namespace team-b (kubectl get clusterrolebindings,rolebindings --all-namespaces --output wide): set another NAME_PREFIX", StringComparison.Ordinal));
        Assert.Equal(refused, !calls.Contains("kubectl apply", StringComparison.Ordinal));
        Assert.Equal("3\n", await File.ReadAllTextAsync(Path.Combine(Tools.Repository, "bindings")));
    }

    /// <summary>What the cluster does not answer is not taken for something that does not exist.</summary>
    [Theory]
    [InlineData("get namespace clustertrust ")]
    [InlineData("get namespace shop ")]
    [InlineData("get secret ")]
    [InlineData("get job/oidc-now ")]
    public async Task A_cluster_that_does_not_answer_ends_the_installation_with_its_own_words(string question)
    {
        AddKubectl($"""
              "{question}"*) echo 'the server has no answer' >&2; exit 1 ;;
              "apply "*) ;;
            """);
        await ConfigureAsync();
        await File.WriteAllTextAsync(PathOf("deploy-key"), "of this test");
        var (output, calls) = await Tools.RunAsync("install.sh");
        Assert.Equal(1, output.ExitCode);
        Assert.Contains("the server has no answer", output.StandardError, StringComparison.Ordinal);
        Assert.DoesNotContain("create ", calls.Split(question)[1], StringComparison.Ordinal);
        Assert.Equal(question.Contains("clustertrust", StringComparison.Ordinal), !calls.Contains("kubectl apply", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_key_of_a_GitHub_App_is_taken_from_the_folder()
    {
        AddKubectl("""
              "apply "*|"wait "*) ;;
              "get pods"*) echo done ;;
            """);
        await ConfigureAsync(("OVERLAY", "github-app"), ("GITHUB_APP_ID", "12345"));
        var (missing, before) = await Tools.RunAsync("install.sh");
        Assert.Equal(2, missing.ExitCode);
        Assert.Contains("my-cluster/private-key.pem not found", missing.StandardError, StringComparison.Ordinal);
        Assert.DoesNotContain("create job", before, StringComparison.Ordinal);

        await File.WriteAllTextAsync(PathOf("private-key.pem"), "of this test");
        var (_, calls) = await Tools.SucceedAsync("install.sh");
        Assert.Contains("create secret generic oidc-github-app --namespace clustertrust --type Opaque --from-file=private-key.pem=my-cluster/private-key.pem", calls, StringComparison.Ordinal);
    }
}
