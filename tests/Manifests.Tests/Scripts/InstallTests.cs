using ClusterTrust.Manifests.Tests.Rules;

namespace ClusterTrust.Manifests.Tests.Scripts;

/// <summary>The README's way from a clone to a cluster, run literally with stand-ins for the command lines of clouds and clusters.</summary>
public sealed class InstallTests : InstallTest
{
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
            var (output, made) = await Tools.ShellAsync(command, command == commands[0] ? Names : []);
            output.OrThrow();
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
        Assert.Empty(ManifestRules.All.Where(static rule => rule.Sentence.StartsWith("its image ", StringComparison.Ordinal)).SelectMany(rule => rule.Faults(rendered)));
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
        Assert.All(new[] { "oidc.env", "certsync.env", "kustomization.yaml" }, file => Assert.DoesNotContain("<- fill in", Read(file), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nothing_that_Git_tracks_is_changed()
    {
        var before = Tracked();
        await ConfigureAsync();
        await Tools.SucceedAsync("setup-azure.sh", ("APPLY", "1"));
        await Tools.SucceedAsync("images.sh");
        Assert.Equal(before, Tracked());
        Assert.Contains("/my-*/", await File.ReadAllLinesAsync(Path.Combine(Workspace.Root, ".gitignore")));
    }

    [Fact]
    public async Task Another_namespace_and_prefix_are_given_once_and_followed_by_all()
    {
        await ConfigureAsync(("NAMESPACE", "platform-trust"), ("NAME_PREFIX", "acme-"));
        Assert.Contains("--subject system:serviceaccount:platform-trust:acme-certsync", (await Tools.SucceedAsync("setup-azure.sh")).Printed, StringComparison.Ordinal);
        var rendered = Render();
        Assert.Equal("acme-certsync", rendered.OfJob("ServiceAccount", "certsync").Text("metadata", "name"));
        foreach (var binding in YamlText.Read(Read("namespaces.yaml")))
        {
            Assert.Equal(("acme-certsync", "platform-trust"), (binding["subjects"]![0].Text("name"), binding["subjects"]![0].Text("namespace")));
            Assert.Contains(rendered.OfKind("ClusterRole"), role => role.Text("metadata", "name") == binding.Text("roleRef", "name"));
        }

        Assert.Equal(["shop", "blog"], YamlText.Read(Read("namespaces.yaml")).Select(static one => one.Text("metadata", "namespace")));
    }

    [Theory]
    [InlineData("aks")]
    [InlineData("github-app")]
    [InlineData("csi")]
    [InlineData("secrets")]
    [InlineData("push")]
    public async Task Every_overlay_can_be_begun_with(string overlay)
    {
        await ConfigureAsync(("OVERLAY", overlay), ("GITHUB_APP_ID", "12345"), ("STORAGE_ACCOUNT", "acmestorage"));
        await Tools.SucceedAsync("setup-azure.sh", ("APPLY", "1"), ("ISSUER", "https://owner.github.io/repo"));
        var rendered = Render();
        var text = string.Concat(rendered.Objects.Select(static one => one.ToJsonString()));
        Assert.Contains(overlay == "push" ? "acmestorage" : "acme-vault", text, StringComparison.Ordinal);
        Assert.Contains("11111111-1111-1111-1111-111111111111", text, StringComparison.Ordinal);
        Assert.DoesNotContain("my-vault", text, StringComparison.Ordinal);

        var (refused, _) = await Tools.RunAsync("configure.sh", ("OVERLAY", "self-managed"));
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains($"was created from the overlay {overlay}", refused.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_missing_or_denied_is_reported_at_once()
    {
        var (missing, _) = await Tools.RunAsync("configure.sh", ("OWNER", "Acme"), ("VAULT", "no--vault"));
        Assert.Equal(2, missing.ExitCode);
        foreach (var name in new[] { "set REPOSITORY: ", "set RESOURCE_GROUP: ", "set CLUSTER_NAME: ", "set NAMESPACES: ", "VAULT is 'no--vault'" })
        {
            Assert.Contains(name, missing.StandardError, StringComparison.Ordinal);
        }

        Assert.False(Directory.Exists(PathOf("")));
        var (url, _) = await Tools.RunAsync("configure.sh", [.. Names, ("REPOSITORY", "https://github.com/Acme/issuer")]);
        Assert.Contains("REPOSITORY is 'https://github.com/Acme/issuer', which is invalid", url.StandardError, StringComparison.Ordinal);
        var (own, _) = await Tools.RunAsync("configure.sh", [.. Names, ("NAMESPACES", "shop,clustertrust")]);
        Assert.Equal(2, own.ExitCode);
        Assert.Contains("deploy key", own.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task At_a_terminal_each_name_is_asked_for_until_it_is_valid()
    {
        await using var terminal = new BinaryRunner("/usr/bin/script") { WorkingDirectory = Tools.Repository };
        var answers = string.Concat(new[] { "Acme", "issuer", "acme_vault", "acme-vault", "rg", "prod-1", "shop" }.Select(static answer => answer + "\n"));
        (await terminal.Start(
            ["--quiet", "--return", "--command", "scripts/configure.sh", "/dev/null"], input: System.Text.Encoding.UTF8.GetBytes(answers)).WaitAsync(null, default)).OrThrow();
        Assert.Equal("https://acme.github.io/issuer", SettingsOf(Render(), "oidc")["OIDC_ISSUER"]);
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
        await ConfigureAsync();
        await File.WriteAllTextAsync(PathOf("deploy-key"), "of this test");
        var (output, calls) = await Tools.RunAsync("install.sh");
        Assert.Equal(1, output.ExitCode);
        Assert.Contains("\"summary\":\"refused\"", output.StandardError, StringComparison.Ordinal);
        Assert.DoesNotContain("create job certsync-now", calls, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_namespace_of_others_is_not_taken_over()
    {
        AddKubectl("""
              "get namespace clustertrust --output jsonpath="*) echo platform ;;
              "apply "*) ;;
            """);
        await ConfigureAsync();
        var (refused, calls) = await Tools.RunAsync("install.sh");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("the namespace clustertrust exists and is not ClusterTrust's", refused.StandardError, StringComparison.Ordinal);
        Assert.DoesNotContain("kubectl apply", calls, StringComparison.Ordinal);

        // Without the object in the overlay, the namespace may be anyone's.
        await File.WriteAllTextAsync(PathOf("kustomization.yaml"), Read("kustomization.yaml").Replace("  - ../manifests/namespace\n", "", StringComparison.Ordinal));
        Assert.Contains("kubectl apply -k my-cluster", (await Tools.RunAsync("install.sh")).Calls, StringComparison.Ordinal);
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

    private static string[] InstallCommands()
    {
        var readme = File.ReadAllText(Path.Combine(Workspace.Root, "README.md"));
        var section = readme.Split("\n## Install\n")[1].Split("\n## ")[0];
        return [.. section.Split("```sh\n")[1].Split("```")[0].Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    private string Tracked() => string.Concat(Directory.EnumerateFiles(Tools.Repository, "*", SearchOption.AllDirectories)
        .Where(static file => !file.Contains("/my-", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(static file => file + "\n" + File.ReadAllText(file)));
}
