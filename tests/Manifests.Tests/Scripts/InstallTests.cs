using ClusterTrust.Manifests.Tests.Rendering;
using ClusterTrust.Manifests.Tests.Rules;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.Manifests.Tests.Scripts;

/// <summary>The README's way from a clone to a cluster, run literally with stand-ins for the command lines of clouds and clusters.</summary>
public sealed class InstallTests : IDisposable
{
    private const string Digest = "sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";

    private static readonly (string, string)[] Names =
        [("OWNER", "Acme"), ("REPOSITORY", "issuer"), ("CLUSTER_NAME", "prod-1"), ("VAULT", "acme-vault"), ("RESOURCE_GROUP", "rg"), ("NAMESPACES", "shop,blog")];

    private readonly FakeTools tools = new FakeTools()
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

    public void Dispose() => tools.Dispose();

    [Fact]
    public async Task The_commands_of_the_README_lead_from_a_clone_to_a_first_run()
    {
        AddKubectl("""
              "apply -k my-cluster"|"apply -f my-cluster/namespaces.yaml") ;;
              "wait --for=condition=complete job/"*) made "${3#job/}" ;;
              "wait --for=condition=failed"*) exit 1 ;;
              "get pods"*) echo done ;;
            """);
        var commands = InstallCommands();
        Assert.InRange(commands.Length, 3, 6);
        var calls = "";
        foreach (var command in commands)
        {
            // As a person's shell has them: what is asked for comes from the environment at the first command alone.
            var (output, made) = await tools.ShellAsync(command, command == commands[0] ? Names : []);
            Assert.True(output.ExitCode == 0, $"{command}: {output}");
            calls += made;
        }

        // Each in its place, and certsync only after the issuer was published.
        var previous = -1;
        foreach (var call in new[]
        {
            "gh repo create Acme/issuer", "rulesets", "az identity federated-credential create", "k3d cluster create", "docker build", "k3d image import", "kubectl apply -k my-cluster",
            "kubectl apply -f my-cluster/namespaces.yaml", "kubectl create secret generic oidc-deploy-key", "kubectl create job oidc-now", "kubectl wait --for=condition=complete job/oidc-now",
            "kubectl create job certsync-now", "kubectl wait --for=condition=complete job/certsync-now",
        })
        {
            var at = calls.IndexOf(call, StringComparison.Ordinal);
            Assert.True(at > previous, $"'{call}' is missing, or came too early: {calls}");
            previous = at;
        }

        Assert.Contains("--issuer https://acme.github.io/issuer --subject system:serviceaccount:clustertrust:certsync", calls, StringComparison.Ordinal);
        Assert.Contains("--tag localhost/clustertrust/oidc:", calls, StringComparison.Ordinal);
        Assert.Contains("service-account-issuer=https://acme.github.io/issuer\n", Read("k3d.yaml"), StringComparison.Ordinal);
        Assert.DoesNotContain("fill in", Read("k3d.yaml"), StringComparison.Ordinal);

        var rendered = Render();
        Assert.Empty(ConventionRules.ImageFaults(rendered));
        Assert.All(rendered.Pods(), static pod => Assert.StartsWith("localhost/clustertrust/", pod.Spec["containers"]![0].Text("image"), StringComparison.Ordinal));
        var oidc = SettingsOf(rendered, "oidc");
        Assert.Equal("https://acme.github.io/issuer", oidc["OIDC_ISSUER"]);
        Assert.Equal("git@github.com:Acme/issuer.git", oidc["OIDC_REPOSITORY"]);
        var certsync = SettingsOf(rendered, "certsync");
        Assert.Equal("acme-vault", certsync["CERTSYNC_VAULT"]);
        Assert.Equal("prod-1", certsync["CERTSYNC_CLUSTER"]);
        Assert.Equal("shop,blog", certsync["CERTSYNC_NAMESPACE"]);
        Assert.Equal("11111111-1111-1111-1111-111111111111", certsync["AZURE_CLIENT_ID"]);
        Assert.Equal("22222222-2222-2222-2222-222222222222", certsync["AZURE_TENANT_ID"]);
    }

    [Fact]
    public async Task Nothing_that_Git_tracks_is_changed()
    {
        var before = Tracked();
        Assert.Equal(0, (await tools.RunAsync("configure.sh", Names)).Output.ExitCode);
        Assert.Equal(0, (await tools.RunAsync("setup-azure.sh", ("APPLY", "1"))).Output.ExitCode);
        Assert.Equal(0, (await tools.RunAsync("images.sh")).Output.ExitCode);
        Assert.Equal(before, Tracked());
        Assert.Contains("/my-*/", await File.ReadAllLinesAsync(Path.Combine(Workspace.Root, ".gitignore")));
    }

    [Fact]
    public async Task Another_namespace_and_prefix_are_given_once_and_followed_by_all()
    {
        Assert.Equal(0, (await tools.RunAsync("configure.sh", [.. Names, ("NAMESPACE", "platform-trust"), ("NAME_PREFIX", "acme-")])).Output.ExitCode);
        var (azure, _) = await tools.RunAsync("setup-azure.sh");
        Assert.Contains("--subject system:serviceaccount:platform-trust:acme-certsync", azure.StandardOutput, StringComparison.Ordinal);
        var rendered = Render();
        Assert.Equal("acme-certsync", rendered.OfJob("ServiceAccount", "certsync").Text("metadata", "name"));
        foreach (var binding in YamlText.Read(Read("namespaces.yaml")))
        {
            Assert.Equal(("acme-certsync", "platform-trust"), (binding["subjects"]![0].Text("name"), binding["subjects"]![0].Text("namespace")));
            Assert.Contains(rendered.OfKind("ClusterRole"), role => role.Text("metadata", "name") == binding.Text("roleRef", "name"));
        }

        Assert.Equal(["shop", "blog"], YamlText.Read(Read("namespaces.yaml")).Select(static one => one.Text("metadata", "namespace")));
    }

    [Fact]
    public async Task Pushed_images_are_named_by_their_digests_and_what_a_person_adds_stays()
    {
        Assert.Equal(0, (await tools.RunAsync("configure.sh", Names)).Output.ExitCode);
        await File.AppendAllTextAsync(PathOf("certsync.env"), "CERTSYNC_GRANT=shop=web\n");
        var (output, _) = await tools.RunAsync("images.sh", ("PUSH", "1"), ("REGISTRY", "registry.example.com:5000/team"));
        Assert.True(output.ExitCode == 0, output.ToString());
        Assert.Equal(0, (await tools.RunAsync("configure.sh", ("VAULT", "other-vault"))).Output.ExitCode);

        var rendered = Render();
        Assert.Equal(
            [$"registry.example.com:5000/team/clustertrust/certsync@{Digest}", $"registry.example.com:5000/team/clustertrust/oidc@{Digest}"],
            rendered.Pods().Select(static pod => pod.Spec["containers"]![0].Text("image")).Order());
        Assert.Equal("other-vault", SettingsOf(rendered, "certsync")["CERTSYNC_VAULT"]);
        Assert.Equal("shop=web", SettingsOf(rendered, "certsync")["CERTSYNC_GRANT"]);
    }

    [Theory]
    [InlineData("aks")]
    [InlineData("github-app")]
    [InlineData("csi")]
    [InlineData("secrets")]
    [InlineData("push")]
    public async Task Every_overlay_can_be_begun_with(string overlay)
    {
        var (output, _) = await tools.RunAsync("configure.sh", [.. Names, ("OVERLAY", overlay), ("GITHUB_APP_ID", "12345"), ("STORAGE_ACCOUNT", "acmestorage")]);
        Assert.True(output.ExitCode == 0, output.ToString());
        Assert.Equal(0, (await tools.RunAsync("setup-azure.sh", ("APPLY", "1"), ("ISSUER", "https://owner.github.io/repo"))).Output.ExitCode);
        var rendered = Render();
        var text = string.Concat(rendered.Objects.Select(static one => one.ToJsonString()));
        Assert.Contains(overlay == "push" ? "acmestorage" : "acme-vault", text, StringComparison.Ordinal);
        Assert.Contains("11111111-1111-1111-1111-111111111111", text, StringComparison.Ordinal);
        Assert.DoesNotContain("my-vault", text, StringComparison.Ordinal);

        var (refused, _) = await tools.RunAsync("configure.sh", ("OVERLAY", "self-managed"));
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains($"was created from the overlay {overlay}", refused.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_missing_or_denied_is_reported_at_once()
    {
        var (missing, _) = await tools.RunAsync("configure.sh", ("OWNER", "Acme"), ("VAULT", "no--vault"));
        Assert.Equal(2, missing.ExitCode);
        foreach (var name in new[] { "set REPOSITORY: ", "set RESOURCE_GROUP: ", "set CLUSTER_NAME: ", "set NAMESPACES: ", "VAULT is 'no--vault'" })
        {
            Assert.Contains(name, missing.StandardError, StringComparison.Ordinal);
        }

        Assert.False(Directory.Exists(PathOf("")));
        var (own, _) = await tools.RunAsync("configure.sh", [.. Names, ("NAMESPACES", "shop,clustertrust")]);
        Assert.Equal(2, own.ExitCode);
        Assert.Contains("deploy key", own.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task At_a_terminal_each_name_is_asked_for_once()
    {
        await using var terminal = new BinaryRunner("/usr/bin/script") { WorkingDirectory = tools.Repository };
        var answers = string.Concat(new[] { "Acme", "issuer", "acme-vault", "rg", "prod-1", "shop" }.Select(static answer => answer + "\n"));
        var output = await terminal.Start(
            ["--quiet", "--return", "--command", "scripts/configure.sh", "/dev/null"], input: System.Text.Encoding.UTF8.GetBytes(answers)).WaitAsync(null, default);
        Assert.True(output.ExitCode == 0, output.ToString());
        Assert.Equal("https://acme.github.io/issuer", SettingsOf(Render(), "oidc")["OIDC_ISSUER"]);
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
        Assert.Equal(0, (await tools.RunAsync("configure.sh", Names)).Output.ExitCode);
        await File.WriteAllTextAsync(PathOf("deploy-key"), "of this test");
        var (output, _) = await tools.RunAsync("install.sh");
        Assert.Equal(1, output.ExitCode);
        Assert.Contains("the image localhost/clustertrust/oidc:0.1.0 of oidc cannot be pulled (ImagePullBackOff)", output.StandardError, StringComparison.Ordinal);
        var readme = await File.ReadAllTextAsync(Path.Combine(Workspace.Root, "README.md"));
        Assert.All(["ImagePullBackOff", "ErrImagePull", "InvalidImageName", "### Images"], word => Assert.Contains(word, readme, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_run_that_fails_ends_the_installation_with_its_own_words()
    {
        AddKubectl("""
              "apply "*) ;;
              "wait --for=condition=complete"*) exit 1 ;;
              "wait --for=condition=failed"*) ;;
              "get pods"*waiting.reason*) ;;
              "get pods"*) echo '{"exitCode":3,"summary":"refused"}' ;;
            """);
        Assert.Equal(0, (await tools.RunAsync("configure.sh", Names)).Output.ExitCode);
        await File.WriteAllTextAsync(PathOf("deploy-key"), "of this test");
        var (output, calls) = await tools.RunAsync("install.sh");
        Assert.Equal(1, output.ExitCode);
        Assert.Contains("\"summary\":\"refused\"", output.StandardError, StringComparison.Ordinal);
        Assert.DoesNotContain("create job certsync-now", calls, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_key_of_a_GitHub_App_is_taken_from_the_folder()
    {
        AddKubectl("""
              "apply "*|"wait "*) ;;
              "get pods"*) echo done ;;
            """);
        Assert.Equal(0, (await tools.RunAsync("configure.sh", [.. Names, ("OVERLAY", "github-app"), ("GITHUB_APP_ID", "12345")])).Output.ExitCode);
        var (missing, before) = await tools.RunAsync("install.sh");
        Assert.Equal(2, missing.ExitCode);
        Assert.Contains("my-cluster/private-key.pem not found", missing.StandardError, StringComparison.Ordinal);
        Assert.DoesNotContain("create job", before, StringComparison.Ordinal);

        await File.WriteAllTextAsync(PathOf("private-key.pem"), "of this test");
        var (output, calls) = await tools.RunAsync("install.sh");
        Assert.True(output.ExitCode == 0, output.ToString());
        Assert.Contains("create secret generic oidc-github-app --namespace clustertrust --type Opaque --from-file=private-key.pem=my-cluster/private-key.pem", calls, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kind", "kind load image-archive", "--name prod-1")]
    [InlineData("k3d", "k3d image import", "--cluster prod-1")]
    public async Task Images_are_loaded_into_the_nodes_of_the_cluster(string tool, string call, string cluster)
    {
        Assert.Equal(0, (await tools.RunAsync("configure.sh", Names)).Output.ExitCode);
        var (output, calls) = await tools.RunAsync("images.sh", ("LOAD", tool));
        Assert.True(output.ExitCode == 0, output.ToString());
        Assert.Equal(2, calls.Split('\n').Count(line => line.StartsWith(call, StringComparison.Ordinal) && line.EndsWith(cluster, StringComparison.Ordinal)));
    }

    private static string[] InstallCommands()
    {
        var readme = File.ReadAllText(Path.Combine(Workspace.Root, "README.md"));
        var section = readme.Split("\n## Install\n")[1].Split("\n## ")[0];
        return [.. section.Split("```sh\n")[1].Split("```")[0].Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    private static Dictionary<string, string> SettingsOf(Rendered rendered, string job) => rendered.OfKind("ConfigMap")
        .Single(one => one["metadata"].Text("name")!.Contains($"{job}-settings", StringComparison.Ordinal))["data"]!.AsObject().ToDictionary(static entry => entry.Key, static entry => entry.Value!.GetValue<string>());

    private void AddKubectl(string answers) => tools.Add("kubectl", answers + """

          "config current-context") echo k3d-prod-1 ;;
          "get namespace "*) made "namespace-$3" || exit 1 ;;
          "create namespace "*) make "namespace-$3" ;;
          "get secret "*) made secret || exit 1 ;;
          "create secret "*--from-file=*=my-cluster/*) [ -s "${!##*=*=}" ] && make secret ;;
          "delete job "*) ;;
          "create job "*) make "$3" ;;
        """);

    private string PathOf(string file) => Path.Combine(tools.Repository, "my-cluster", file);

    private string Read(string file) => File.ReadAllText(PathOf(file));

    private Rendered Render() => new("my-cluster", YamlText.Read(Kustomize.Build(PathOf(""))));

    private string Tracked() => string.Concat(Directory.EnumerateFiles(tools.Repository, "*", SearchOption.AllDirectories)
        .Where(static file => !file.Contains("/my-", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(static file => file + "\n" + File.ReadAllText(file)));
}
