using ClusterTrust.Sandbox.Git;
using ClusterTrust.Sandbox.Telemetry;

namespace ClusterTrust.Manifests.Tests.Pods;

/// <summary>Components, each alone on the base it extends, as pods that run.</summary>
public sealed class ComponentTests : InstallationTest
{
    [Fact]
    public async Task Several_vaults_and_prune_and_named_namespaces()
    {
        await Installation.PublishAsync();
        var edge = Cluster.AddVault("my-edge-vault");
        Cluster.AddVault("my-vault");
        Cluster.Certificates.Issue(new CertificateSpec("shop", "web"));
        Cluster.Certificates.Issue(new CertificateSpec("shop", "edge") { Annotations = new Dictionary<string, string> { ["certsync.clustertrust.dev/vault"] = "edge" } });
        await Installation.SucceedAsync(Installation.CertSyncWith("certsync/several-vaults"), "certsync");
        Assert.Equal("edge", Assert.Single(edge.Certificates).Name);

        Cluster.ApiServer.State.DeleteSecret("shop", "edge-tls");
        await Installation.SucceedAsync(Installation.CertSyncWith("certsync/prune"), "certsync");
        Cluster.ApiServer.State.DeleteSecret("shop", "web-tls");
        await Installation.SucceedAsync(Installation.CertSyncWith("certsync/prune"), "certsync");
        Assert.NotEqual(CertificatePhase.Active, Cluster.Vault.PhaseOf("web"));
    }

    [Fact]
    public async Task The_pods_of_a_sharded_job_sync_every_certificate_once()
    {
        await Installation.PublishAsync();
        var names = Enumerable.Range(0, 12).Select(static index => $"web-{index:00}").ToArray();
        foreach (var name in names)
        {
            Cluster.Certificates.Issue(new CertificateSpec("shop", name) { Ec = true });
        }

        using var pod = Installation.Pod(Installation.CertSyncWith("certsync/sharded"), "certsync");
        Assert.Equal(4, pod.Completions);
        for (var index = 0; index < pod.Completions; index++)
        {
            (await pod.RunAsync(index)).OrThrow();
            Assert.True(index > 0 || Cluster.Vault.Certificates.Count < names.Length, "One shard did the work of all.");
        }

        Assert.Equal(names, Cluster.Vault.Certificates.Select(static one => one.Name).Order(StringComparer.Ordinal));
        Assert.All(Cluster.Vault.Certificates, static one => Assert.Single(one.Versions));
    }

    [Fact]
    public async Task The_daily_verification_runs_with_the_rights_and_the_identity_of_the_sync()
    {
        await Installation.PublishAsync();
        var issued = Cluster.Certificates.Issue(new CertificateSpec("shop", "web") { DnsNames = ["localhost"] });
        await using var server = new TlsServer().Serve("localhost", issued.ChainPem, issued.KeyPem);
        var rendered = Installation.CertSyncWith("certsync/verify", $"CERTSYNC_ENDPOINT=localhost:{server.Port}=web");
        await Installation.SucceedAsync(rendered, "certsync");

        var verify = rendered.One("CronJob", "certsync-verify");
        using var pod = Installation.Pod(rendered, "certsync", new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "certsync-verify-now", ["namespace"] = verify.Text("metadata", "namespace") },
            ["spec"] = verify["spec"]!["jobTemplate"]!["spec"]!.DeepClone(),
        });
        Assert.Matches($"localhost:{server.Port} .* served ", (await pod.RunAsync()).OrThrow().StandardOutput);
    }

    [Theory]
    [InlineData("certsync/service-principal")]
    [InlineData("certsync/workload-identity-webhook")]
    public void The_daily_verification_signs_in_as_the_sync_does(string component)
    {
        using var workspace = new Workspace();
        var rendered = workspace.Compose(component, ["namespace", "certsync"], ["components/certsync/verify", $"components/{component}"]);
        var (sync, verify) = (PodOf("certsync"), PodOf("certsync-verify"));
        foreach (var part in new[] { "containers/0/env", "containers/0/envFrom", "containers/0/volumeMounts", "volumes", "serviceAccountName" })
        {
            Assert.Equal(Find(sync, part), Find(verify, part));
        }

        JsonNode PodOf(string name) => rendered.One("CronJob", name)["spec"]!["jobTemplate"]!["spec"]!["template"]!["spec"]!;
        static string Find(JsonNode pod, string path) =>
            path.Split('/').Aggregate(pod, static (node, name) => node is JsonArray list ? list[int.Parse(name, CultureInfo.InvariantCulture)]! : node[name]!).ToJsonString();
    }

    [Fact]
    public async Task A_service_principal_signs_in_with_its_secret()
    {
        Cluster.Certificates.Issue(new CertificateSpec("shop", "web"));
        Cluster.Identity.AddSecret("of-this-test");
        await Installation.SucceedAsync(
            Installation.CertSyncWith("certsync/service-principal"), "certsync", ("azure-service-principal", new() { ["client-secret"] = "of-this-test" }));
        Assert.NotNull(Cluster.Vault.Find("web"));
    }

    [Fact]
    public async Task The_workload_identity_webhook_finds_all_it_needs_whichever_version_the_cluster_has()
    {
        await Installation.PublishAsync();
        Installation.Edit(
            "kustomize/components/certsync/workload-identity-webhook/service-account.yaml",
            ("client-id: 00000000-0000-0000-0000-000000000000", $"client-id: {Cluster.Identity.ClientId}"),
            ("tenant-id: 00000000-0000-0000-0000-000000000000", $"tenant-id: {SandboxCluster.TenantId}"));

        // The two ids are set once: those in the overlay's own .env are not used to sign in.
        var rendered = Installation.CertSyncWith(
            "certsync/workload-identity-webhook", "AZURE_TENANT_ID=00000000-0000-0000-0000-000000000000", "AZURE_CLIENT_ID=00000000-0000-0000-0000-000000000000");
        foreach (var webhook in new[] { WorkloadIdentityWebhook.OpenSource, WorkloadIdentityWebhook.Managed })
        {
            var name = $"web-{webhook.File.Length}-{webhook.Folder.Length}";
            Cluster.Certificates.Issue(new CertificateSpec("shop", name) { Ec = true });
            using var pod = Installation.Pod(rendered, "certsync");
            pod.Webhook = webhook;
            (await pod.RunAsync()).OrThrow();
            Assert.NotNull(Cluster.Vault.Find(name));
        }
    }

    [Fact]
    public async Task Commits_can_be_signed_with_an_OpenPGP_key()
    {
        const string Passphrase = "of this test";
        await using var gpg = new BinaryRunner(Tools.Find("gpg", "gnupg"));
        string[] batch = ["--batch", "--quiet", "--no-tty", "--pinentry-mode", "loopback", "--passphrase", Passphrase];
        await gpg.RunAsync([.. batch, "--quick-generate-key", "Publisher <publisher@example.com>", "ed25519", "sign", "1d"]);
        var key = (await gpg.RunAsync([.. batch, "--armor", "--export-secret-keys"])).StandardOutput;
        await using var gpgconf = new BinaryRunner(Tools.Find("gpgconf", "gnupg")) { Environment = { ["GNUPGHOME"] = Path.Combine(gpg.Home, ".gnupg") } };
        await gpgconf.RunAsync("--kill", "all");
        await Installation.SucceedAsync(
            Installation.OidcWith(["oidc/deploy-key", "oidc/signed-commits-gpg"], "OIDC_COMMIT_NAME=Publisher", "OIDC_COMMIT_EMAIL=publisher@example.com"),
            "oidc",
            ("oidc-signing-key", new() { ["private-key.asc"] = key, ["passphrase"] = Passphrase }));
        Assert.Contains("BEGIN PGP SIGNATURE", (await Cluster.Repository.RunAsync(["cat-file", "commit", "main"])).StandardOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_status_page_can_be_left_out_and_commits_can_be_signed_with_an_SSH_key()
    {
        using var key = await SshKeyPair.CreateAsync();
        await Installation.SucceedAsync(
            Installation.OidcWith(["oidc/deploy-key", "oidc/signed-commits-ssh", "oidc/status-page-off"]),
            "oidc",
            ("oidc-signing-key", new() { ["ssh-privatekey"] = File.ReadAllText(key.PrivateKeyPath) }));
        var tree = await Cluster.Repository.TreeAsync("main");
        Assert.DoesNotContain(tree, static entry => entry.Path == "index.html");
        Assert.Contains("BEGIN SSH SIGNATURE", (await Cluster.Repository.RunAsync(["cat-file", "commit", "main"])).StandardOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_commits_over_https()
    {
        Cluster.Https.AddToken("of-this-test");
        var rendered = Installation.OidcWith(["oidc/github-token"], $"OIDC_REPOSITORY=https://github.com/{SandboxCluster.RepositoryName}.git", "OIDC_KNOWN_HOSTS=");
        await Installation.SucceedAsync(rendered, "oidc", ("oidc-github-token", new() { ["token"] = "of-this-test\n" }));
        Assert.NotNull(Cluster.Repository.Tip("main"));
    }

    [Fact]
    public async Task Telemetry_of_both_jobs_reaches_the_collector()
    {
        Cluster.JobsAreProcesses = true; // as metrics belong to a whole process
        await using var collector = await OtlpReceiver.StartAsync();
        Installation.Edit("kustomize/components/jobs/telemetry/kustomization.yaml", ("http://collector.observability.svc:4318", collector.Http.AbsoluteUri.TrimEnd('/')));
        await Installation.SucceedAsync(Installation.OidcWith(["oidc/deploy-key", "jobs/telemetry"]), "oidc");
        await Installation.SucceedAsync(Installation.CertSyncWith("jobs/telemetry"), "certsync");
        Assert.Equal(
            ["certsync", "oidc"], collector.Points().Where(static point => point.Name == "clustertrust_last_success_timestamp_seconds").Select(static point => point.Resource["service.name"]).Order());
    }
}
