namespace ClusterTrust.Manifests.Tests.Scripts;

/// <summary>Images that are pushed to a registry, or loaded into the nodes of a cluster on this machine.</summary>
public sealed class ImagesTests : InstallTest
{
    [Fact]
    public async Task Pushed_images_are_named_by_their_digests_and_what_a_person_adds_stays()
    {
        await ConfigureAsync();
        await File.AppendAllTextAsync(PathOf("certsync.env"), "CERTSYNC_GRANT=shop=web\n");
        const string others = "images:\n  # Mine.\n  - name: registry.invalid/other\n    newTag: mine\n";
        await File.WriteAllTextAsync(PathOf("kustomization.yaml"), Read("kustomization.yaml").Replace("images:\n", others, StringComparison.Ordinal)
            + "  - newTag: \"2\"\n    name: registry.invalid/last\n\n# Those of these.\nbuildMetadata: []\n");
        await Tools.SucceedAsync("images.sh", ("PUSH", "1"), ("REGISTRY", "registry.example.com:5000/team"));
        var once = Read("kustomization.yaml");
        await Tools.SucceedAsync("images.sh", ("PUSH", "1"));
        Assert.Equal(once, Read("kustomization.yaml"));
        Assert.Contains(others + "  - newTag: \"2\"\n    name: registry.invalid/last\n", once, StringComparison.Ordinal);
        Assert.Contains("\n\n# Those of these.\nbuildMetadata: []\n", once, StringComparison.Ordinal);
        await Tools.SucceedAsync("configure.sh", ("VAULT", "other-vault"));

        var rendered = Render();
        Assert.Equal(
            [$"registry.example.com:5000/team/clustertrust/certsync@{Digest}", $"registry.example.com:5000/team/clustertrust/oidc@{Digest}"],
            rendered.Pods().Select(static pod => pod.Spec["containers"]![0].Text("image")).Order());
        Assert.Equal("other-vault", SettingsOf(rendered, "certsync")["CERTSYNC_VAULT"]);
        Assert.Equal("shop=web", SettingsOf(rendered, "certsync")["CERTSYNC_GRANT"]);
    }

    [Theory]
    [InlineData("kind", "kind load image-archive", "--name prod-1")]
    [InlineData("k3d", "k3d image import", "--cluster prod-1")]
    public async Task Images_are_loaded_into_the_nodes_of_the_cluster(string tool, string call, string cluster)
    {
        await ConfigureAsync();
        var (_, calls) = await Tools.SucceedAsync("images.sh", ("LOAD", tool));
        Assert.Equal(2, calls.Split('\n').Count(line => line.StartsWith(call, StringComparison.Ordinal) && line.EndsWith(cluster, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_image_that_cannot_be_pulled_is_reported_in_the_words_of_the_README()
    {
        AddKubectl("""
              "apply "*) ;;
              "wait "*) exit 1 ;;
              "get pods"*waiting.reason*) echo ImagePullBackOff ;;
              "get pods"*image*) echo localhost/clustertrust/oidc:0.1.0 ;;
            """);
        await ConfigureAsync();
        await File.WriteAllTextAsync(PathOf("deploy-key"), "of this test");
        var (output, _) = await Tools.RunAsync("install.sh");
        Assert.Equal(1, output.ExitCode);
        Assert.Contains("the image localhost/clustertrust/oidc:0.1.0 of oidc cannot be pulled (ImagePullBackOff)", output.StandardError, StringComparison.Ordinal);
        var readme = await File.ReadAllTextAsync(Path.Combine(Workspace.Root, "README.md"));
        Assert.All(["ImagePullBackOff", "ErrImagePull", "InvalidImageName", "### Images"], word => Assert.Contains(word, readme, StringComparison.Ordinal));
    }
}
