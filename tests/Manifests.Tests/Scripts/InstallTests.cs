namespace ClusterTrust.Manifests.Tests.Scripts;

/// <summary>The README's way from a clone to a cluster, run literally with stand-ins for the command lines of clouds and clusters.</summary>
public sealed class InstallTests : ScriptTest
{
    [Fact]
    public async Task The_commands_of_the_README_lead_from_a_clone_to_a_first_run()
    {
        var (commands, tracked) = (InstallCommands(), Tracked());
        Assert.InRange(commands.Length, 3, 6);
        var calls = "";
        foreach (var command in commands)
        {
            // As in a person's shell: only the first command reads the settings from the environment.
            calls += (await SucceedAsync(command, command == commands[0] ? Names : [])).Calls;
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
        var (oidc, certsync) = (SettingsOf("oidc", rendered), SettingsOf("certsync", rendered));
        Assert.Equal(("https://acme.github.io/issuer", "git@github.com:Acme/issuer.git"), (oidc["OIDC_ISSUER"], oidc["OIDC_REPOSITORY"]));
        Assert.Equal(("acme-vault", "prod-1", "shop,blog"), (certsync["CERTSYNC_VAULT"], certsync["CERTSYNC_CLUSTER"], certsync["CERTSYNC_NAMESPACE"]));
        Assert.Equal(("11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"), (certsync["AZURE_CLIENT_ID"], certsync["AZURE_TENANT_ID"]));
        Assert.All(new[] { "oidc.env", "certsync.env", "kustomization.yaml" }, file => Assert.DoesNotContain("<- fill in", Read(file), StringComparison.Ordinal));

        // Git ignores all files that were created.
        Assert.Equal(tracked, Tracked());
        Assert.Contains("/my-*/", await File.ReadAllLinesAsync(Path.Combine(Workspace.Root, ".gitignore")));
    }

    [Fact]
    public async Task Another_namespace_and_prefix_are_given_once_and_followed_by_all()
    {
        await ConfigureAsync(("NAMESPACE", "2048"), ("NAME_PREFIX", "acme-"), ("NAMESPACES", "shop,1042"), ("CLUSTER_NAME", "4096"), ("ISSUER", "https://oidc.acme.example"));
        Assert.Contains("--subject system:serviceaccount:2048:acme-certsync", (await SucceedAsync("scripts/setup-azure.sh")).Printed, StringComparison.Ordinal);
        var rendered = Render();
        Assert.Equal("acme-certsync", rendered.OfJob("ServiceAccount", "certsync").Text("metadata", "name"));
        foreach (var binding in YamlText.Read(Read("namespaces.yaml")))
        {
            Assert.Equal("acme-certsync-secrets", binding.Text("metadata", "name"));
            Assert.Equal(("acme-certsync", "2048"), (binding["subjects"]![0].Text("name"), binding["subjects"]![0].Text("namespace")));
            Assert.Contains(rendered.OfKind("ClusterRole"), role => role.Text("metadata", "name") == binding.Text("roleRef", "name"));
        }

        Assert.Equal(["shop", "1042"], YamlText.Read(Read("namespaces.yaml")).Select(static one => one.Text("metadata", "namespace")));
        Assert.Equal("4096", YamlText.Read(Read("k3d.yaml"))[0].Text("metadata", "name"));
        Assert.Contains("kubectl get namespace 2048 ", (await SucceedAsync("scripts/install.sh")).Calls, StringComparison.Ordinal);

        var (said, _) = await SucceedAsync("make configure NAME_PREFIX= ISSUER= NAMESPACES=shop");
        Assert.Contains("kubectl delete rolebinding acme-certsync-secrets --namespace 1042 ", said, StringComparison.Ordinal);
        Assert.Equal(("certsync", "https://acme.github.io/issuer"), (Render().OfJob("ServiceAccount", "certsync").Text("metadata", "name"), SettingsOf("oidc")["OIDC_ISSUER"]));
        await SucceedAsync("scripts/configure.sh");
        Assert.DoesNotContain("acme-", Read("namespaces.yaml"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_person_changes_in_the_folder_stays()
    {
        await ConfigureAsync();
        await SucceedAsync("scripts/setup-azure.sh", ("APPLY", "1"));
        string[] files = ["oidc.env", "certsync.env", "kustomization.yaml", "k3d.yaml", "namespaces.yaml"];
        foreach (var file in files)
        {
            Write(file, Read(file).Replace("acme.github.io/issuer", "oidc.acme.example", StringComparison.Ordinal)
                .Replace("acme-vault", "main=acme-vault,edge=acme-edge", StringComparison.Ordinal).Replace("newTag: ", "newTag: my-", StringComparison.Ordinal) + "# Mine.\n");
        }

        var before = files.Select(Read).ToArray();
        Assert.Contains("issuer=='https://oidc.acme.example'", (await SucceedAsync("scripts/setup-azure.sh", ("APPLY", "1"), ("VAULT", "acme-edge"))).Calls, StringComparison.Ordinal);
        await SucceedAsync("scripts/configure.sh", ("LOCATION", "northeurope"));
        Assert.Equal(before, files.Select(Read));
        await SucceedAsync("scripts/configure.sh", ("CLUSTER_NAME", "prod-2"), ("ISSUER", "https://acme.github.io/issuer/west/"));
        var rendered = Render();
        Assert.Equal(("prod-2", "main=acme-vault,edge=acme-edge"), (SettingsOf("certsync", rendered)["CERTSYNC_CLUSTER"], SettingsOf("certsync", rendered)["CERTSYNC_VAULT"]));
        Assert.Equal("https://acme.github.io/issuer/west/", SettingsOf("oidc", rendered)["OIDC_ISSUER"]);
        Assert.Contains("service-account-jwks-uri=https://acme.github.io/issuer/west/openid/v1/jwks\n", Read("k3d.yaml"), StringComparison.Ordinal);
        Assert.Contains("issuer=='https://acme.github.io/issuer/west/'", (await SucceedAsync("scripts/setup-azure.sh")).Calls, StringComparison.Ordinal);

        // From the overlay again, with everything that is recorded.
        File.Delete(PathOf("kustomization.yaml"));
        await SucceedAsync("scripts/configure.sh");
        Assert.Equal("11111111-1111-1111-1111-111111111111", SettingsOf("certsync")["AZURE_CLIENT_ID"]);
    }

    [Theory]
    [InlineData("self-managed"), InlineData("aks"), InlineData("github-app"), InlineData("csi"), InlineData("secrets"), InlineData("push")]
    public async Task Every_overlay_can_be_begun_with(string overlay)
    {
        await ConfigureAsync(("OVERLAY", overlay), ("GITHUB_APP_ID", "12345"), ("STORAGE_ACCOUNT", "acmestorage"), ("NAMESPACE", overlay == "secrets" ? "" : "1042"));
        Assert.NotEmpty(MarksAreWherePlaceholdersAre(overlay));
        var (printed, _) = await SucceedAsync("scripts/setup-azure.sh", ("APPLY", "1"), ("ISSUER", "https://owner.github.io/repo"));
        Assert.Contains(overlay == "csi" ? "--subject system:serviceaccount:1042:csi-reader " : "--subject ", printed, StringComparison.Ordinal);
        Assert.Equal(overlay == "secrets" ? 5 : 0, MarksAreWherePlaceholdersAre(overlay).Length);
        var rendered = Render();
        var text = string.Concat(rendered.Objects.Select(static one => one.ToJsonString()));
        Assert.Contains(overlay == "push" ? "acmestorage" : "acme-vault", text, StringComparison.Ordinal);
        Assert.Contains("11111111-1111-1111-1111-111111111111", text, StringComparison.Ordinal);
        Assert.DoesNotContain("my-vault", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\"namespace\":1042", text, StringComparison.Ordinal);
        var (reason, name, value) = overlay == "secrets" ? ("cannot be set for the overlay secrets", "NAME_PREFIX", "acme-") : ($"created from the overlay {overlay}", "OVERLAY", "issuer");
        await FailAsync(2, reason, "scripts/configure.sh", (name, value));
    }

    [Fact]
    public async Task The_issuer_alone_requires_nothing_of_Azure()
    {
        await SucceedAsync("scripts/configure.sh", ("OVERLAY", "issuer"), ("OWNER", "Acme"), ("REPOSITORY", "issuer.git"), ("CLUSTER_NAME", "prod-1"));
        Assert.Empty(MarksAreWherePlaceholdersAre("issuer"));
        await SucceedAsync("scripts/setup-github.sh", ("APPLY", "1"));
        await SucceedAsync("scripts/images.sh", ("LOAD", "k3d"));
        var (_, calls) = await SucceedAsync("scripts/install.sh");
        Assert.Contains("kubectl create job oidc-now", calls, StringComparison.Ordinal);
        Assert.DoesNotContain("certsync", calls, StringComparison.Ordinal);
        Assert.Contains("service-account-issuer=https://acme.github.io/issuer\n", Read("k3d.yaml"), StringComparison.Ordinal);
        Assert.Single(Render().Pods());
        Assert.Contains("--url https://acme.github.io/issuer ", (await SucceedAsync("scripts/setup-aws.sh", ("PARAMETERS", "mongodb/*"))).Printed, StringComparison.Ordinal);
        Assert.Equal("", await FailAsync(2, "set SUBJECT: ", "scripts/setup-azure.sh", ("RESOURCE_GROUP", "rg"), ("VAULT", "acme-vault")));
    }

    [Fact]
    public async Task Secret_stores_of_AWS_require_nothing_of_Azure()
    {
        await SucceedAsync("scripts/configure.sh", ("OVERLAY", "secrets"));
        await SucceedAsync("scripts/setup-aws.sh", ("APPLY", "1"), ("ISSUER", "https://owner.github.io/repo"), ("PARAMETERS", "mongodb/*"), ("AWS_REGION", "eu-west-3"));
        Assert.Contains("AWS_ROLE_ARN=arn:aws:iam::123456789012:role/clustertrust-external-secrets\n", Read("settings.env"), StringComparison.Ordinal);
        Assert.Contains("AWS_REGION=eu-west-3\n", Read("settings.env"), StringComparison.Ordinal);
        Assert.DoesNotContain("=\n", Read("settings.env"), StringComparison.Ordinal);
        Assert.Equal(["eu-west-3", "eu-west-3"], Render().OfKind("ClusterSecretStore").Select(static store => store["spec"]!["provider"]!["aws"]?["region"].Text()).OfType<string>());
        await SucceedAsync("scripts/setup-azure.sh", ("APPLY", "1"), ("ISSUER", "https://owner.github.io/repo"), ("VAULT", "acme-vault"), ("RESOURCE_GROUP", "rg"));
        Assert.Contains("AZURE_VAULT_URL=https://acme-vault.vault.azure.net\n", Read("settings.env"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_missing_or_denied_is_reported_at_once()
    {
        foreach (var name in new[] { "set REPOSITORY: ", "set RESOURCE_GROUP: ", "set CLUSTER_NAME: ", "set NAMESPACES: ", "VAULT is 'no--vault'", "REGISTRY is 'host:5000:6000'" })
        {
            await FailAsync(2, name, "scripts/configure.sh", ("OWNER", "Acme"), ("VAULT", "no--vault"), ("REGISTRY", "host:5000:6000"));
        }

        Assert.False(Directory.Exists(PathOf("")));
        await FailAsync(2, "VAULT is 'acme-vault-of-twenty-five'", "scripts/configure.sh", [.. Names, ("VAULT", "acme-vault-of-twenty-five")]);
        await FailAsync(2, "REPOSITORY is 'https://github.com/Acme/issuer', which is invalid", "scripts/configure.sh", [.. Names, ("REPOSITORY", "https://github.com/Acme/issuer")]);
        await FailAsync(2, "deploy key", "scripts/configure.sh", [.. Names, ("NAMESPACES", "shop,clustertrust")]);
    }

    [Fact]
    public async Task At_a_terminal_each_name_is_asked_for_until_it_is_valid()
    {
        await using var terminal = new BinaryRunner("/usr/bin/script") { WorkingDirectory = Repository };
        var answers = string.Concat(new[] { "Acme", "issuer", "acme_vault", "acme-vault-" + new string('x', 14), "acme-vault", "rg", "prod-1", "shop" }.Select(static answer => answer + "\n"));
        (await terminal.Start(
            ["--quiet", "--return", "--command", "scripts/configure.sh", "/dev/null"], input: System.Text.Encoding.UTF8.GetBytes(answers)).WaitAsync(null, default)).OrThrow();
        Assert.Equal("https://acme.github.io/issuer", SettingsOf("oidc")["OIDC_ISSUER"]);
    }

    /// <summary>A pipe whose reader ends early makes its writer fail only occasionally.</summary>
    [Fact]
    public async Task An_overlay_of_any_size_is_configured_again()
    {
        await ConfigureAsync();
        var more = string.Concat(Enumerable.Repeat("# A comment of one's own.\n", 20_000));
        Write("kustomization.yaml", Read("kustomization.yaml") + "\n" + more);
        await ConfigureAsync(("NAME_PREFIX", "acme-"));
        Assert.Contains(more.TrimEnd(), Read("kustomization.yaml"), StringComparison.Ordinal);
        Assert.Contains("kind: Kustomization\nnamePrefix: acme-\n", Read("kustomization.yaml"), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(PathOf(""), "*.new"));
    }

    private static string[] InstallCommands()
    {
        var readme = File.ReadAllText(Path.Combine(Workspace.Root, "README.md"));
        var section = readme.Split("\n## Install\n")[1].Split("\n## ")[0];
        return [.. section.Split("```sh\n")[1].Split("```")[0].Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    /// <summary>Asserts that each mark of an overlay is exactly where one of the settings below it still has the overlay's value.</summary>
    /// <returns>The comments with a mark in the .env files.</returns>
    private string[] MarksAreWherePlaceholdersAre(string overlay)
    {
        var kustomization = Read("kustomization.yaml");
        Assert.Equal(kustomization.Contains("newName: registry.invalid/", StringComparison.Ordinal), kustomization.Contains("<- fill in", StringComparison.Ordinal));
        var marks = new List<string>();
        foreach (var source in Directory.GetFiles(Path.Combine(Workspace.Root, "kustomize", "overlays", overlay), "*.env"))
        {
            var (original, filled) = (File.ReadAllLines(source), File.ReadAllLines(PathOf(Path.GetFileName(source))));
            for (var line = 0; line < original.Length; line++)
            {
                if (original[line].Contains("<- fill in", StringComparison.Ordinal))
                {
                    var settings = original[(line + 1)..].TakeWhile(static one => !one.StartsWith('#')).ToArray();
                    Assert.Equal(settings.Any(filled.Contains), filled[line].Contains("<- fill in", StringComparison.Ordinal));
                    marks.AddRange(filled[line].Contains("<- fill in", StringComparison.Ordinal) ? [filled[line]] : []);
                }
            }
        }

        return [.. marks];
    }

    private string Tracked() => string.Concat(Directory.EnumerateFiles(Repository, "*", SearchOption.AllDirectories)
        .Where(static file => !file.Contains("/my-", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(static file => file + "\n" + File.ReadAllText(file)));
}
