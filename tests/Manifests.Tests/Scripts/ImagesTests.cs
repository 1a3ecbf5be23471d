namespace ClusterTrust.Manifests.Tests.Scripts;

/// <summary>Images that are pushed to a registry, or loaded into the nodes of a cluster on this machine.</summary>
public sealed class ImagesTests : ScriptTest
{
    [Fact]
    public async Task Pushed_images_are_named_by_their_digests_and_what_a_person_adds_stays()
    {
        await ConfigureAsync();
        Edit("certsync.env", "CERTSYNC_CLUSTER=", "CERTSYNC_GRANT=shop=web\nCERTSYNC_CLUSTER=");
        const string others = "images:\n  # Mine.\n  - name: registry.invalid/other\n    newTag: mine\n";
        Edit("kustomization.yaml", "images:\n", others);
        Write("kustomization.yaml", Read("kustomization.yaml") + "  - newTag: \"2\"\n    name: registry.invalid/last\n\n# Those of these.\nbuildMetadata: []\n");
        await SucceedAsync("scripts/images.sh", ("PUSH", "1"), ("REGISTRY", "registry.example.com:5000/team"));
        var once = Read("kustomization.yaml");
        await SucceedAsync("scripts/images.sh", ("PUSH", "1"));
        Assert.Equal(once, Read("kustomization.yaml"));
        Assert.Contains(others + "  - newTag: \"2\"\n    name: registry.invalid/last\n", once, StringComparison.Ordinal);
        Assert.Contains("\n\n# Those of these.\nbuildMetadata: []\n", once, StringComparison.Ordinal);

        await SucceedAsync("scripts/configure.sh", ("VAULT", "other-vault"));
        var rendered = Render();
        Assert.Equal(
            [$"registry.example.com:5000/team/clustertrust/certsync@{Digest}", $"registry.example.com:5000/team/clustertrust/oidc@{Digest}"],
            rendered.Pods().Select(static pod => pod.Spec["containers"]![0].Text("image")).Order());
        Assert.Equal(("other-vault", "shop=web"), (SettingsOf("certsync", rendered)["CERTSYNC_VAULT"], SettingsOf("certsync", rendered)["CERTSYNC_GRANT"]));
    }

    [Theory]
    [InlineData("kind", "kind load image-archive", "--name prod-1")]
    [InlineData("k3d", "k3d image import", "--cluster prod-1")]
    public async Task Images_are_loaded_into_the_nodes_of_the_cluster(string tool, string call, string cluster)
    {
        await ConfigureAsync();
        var (_, calls) = await SucceedAsync("scripts/images.sh", ("LOAD", tool));
        Assert.Equal(2, calls.Split('\n').Count(line => line.StartsWith(call, StringComparison.Ordinal) && line.EndsWith(cluster, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_image_that_cannot_be_pulled_is_reported_in_the_words_of_the_README()
    {
        Add("kubectl", """
              "wait "*) exit 1 ;;
              "get pods"*waiting.reason*) echo ImagePullBackOff ;;
              "get pods"*image*) echo localhost/clustertrust/oidc:0.1.0 ;;
            """);
        await ConfigureAsync();
        await FailAsync(1, "the image localhost/clustertrust/oidc:0.1.0 of oidc cannot be pulled (ImagePullBackOff)", "scripts/install.sh");
        var readme = await File.ReadAllTextAsync(Path.Combine(Workspace.Root, "README.md"));
        Assert.All(["ImagePullBackOff", "ErrImagePull", "InvalidImageName", "### Images"], word => Assert.Contains(word, readme, StringComparison.Ordinal));
    }
}
