using System.Security.Cryptography;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.EndToEnd.Tests.CertSync;

/// <summary>What the environment says: the names of cert-manager-key-vault-sync, and the ways to sign in.</summary>
public sealed class SettingsTests(SyncFixture fixture) : IClassFixture<SyncFixture>
{
    [Fact]
    public async Task The_variables_of_cert_manager_key_vault_sync_mean_what_they_meant()
    {
        var scenario = fixture.New();
        var annotation = new Dictionary<string, string> { ["example.com/cert"] = "web-1" };
        scenario.Issue("a", spec => spec with { Annotations = annotation });
        scenario.Issue("b", static spec => spec with { Annotations = new Dictionary<string, string> { ["example.com/cert"] = "internal-web-2" } });
        var job = scenario.Job();
        await using var _ = job;
        string[] arguments = ["--kubeconfig", scenario.Sandbox.Kubeconfig("certsync"), "--lease", scenario.Lease, "--output", "json"];
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["AZURE_KEY_VAULT_NAME"] = scenario.Vault.Name,
            ["ANNOTATION"] = "example.com/cert",
            ["USE_NAMESPACES"] = "enabled",
            ["CERT_NAME_FILTER"] = "regex:^(?!internal-)",
            ["CERTSYNC_CLUSTER"] = "blue",
            ["CERTSYNC_NAMESPACE"] = scenario.Namespace,
        })
        {
            job.Environment[name] = value;
        }

        new SyncRun(await job.RunAsync(["sync", .. arguments])).Expect(0, "create not-in-vault");
        Assert.Equal($"{scenario.Namespace.Replace("-", "--", StringComparison.Ordinal)}-web-1", Assert.Single(scenario.Vault.Certificates).Name);

        job.Environment["CERT_NAME_FILTER"] = "[!a-h]*-web-[0-9]";
        new SyncRun(await job.RunAsync(["plan", .. arguments])).Expect(0, "create not-in-vault");

        job.Environment["CERT_NAME_FILTER"] = "regex:(";
        var wrong = new SyncRun(await job.RunAsync(["plan", .. arguments]));
        Assert.True(wrong.Output.ExitCode == 2, wrong.Output.ToString());
        Assert.Contains("CERT_NAME_FILTER", wrong.Output.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_principal_signs_in_with_a_secret()
    {
        var scenario = fixture.New();
        scenario.Issue("web");
        const string Password = "a-client-secret-nobody-may-see";
        scenario.Sandbox.Identity.AddSecret(Password);
        scenario.Environment["AZURE_FEDERATED_TOKEN_FILE"] = "";
        scenario.Environment["AZURE_CLIENT_SECRET"] = Password;

        (await scenario.SyncAsync()).Expect(0, "create not-in-vault");

        scenario.Environment["AZURE_CLIENT_SECRET"] = "another-secret-that-is-wrong";
        KnownSecrets.Add("another-secret-that-is-wrong");
        var wrong = await scenario.SyncAsync();
        Assert.True(wrong.Output.ExitCode == 2, wrong.Output.ToString());
        Assert.Contains("AADSTS7000215", wrong.Output.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_principal_signs_in_with_a_certificate()
    {
        var scenario = fixture.New();
        scenario.Issue("web");
        using var leaf = TestLeaf.SelfSigned(RSA.Create(2048), "CN=certsync");
        scenario.Sandbox.Identity.AddCertificate(leaf.Certificate);
        scenario.Environment["AZURE_FEDERATED_TOKEN_FILE"] = "";
        scenario.Environment["AZURE_CLIENT_CERTIFICATE_PATH"] = scenario.Sandbox.Folder.Write("principal.pem", leaf.CertificatePem + leaf.KeyPem);

        (await scenario.SyncAsync()).Expect(0, "create not-in-vault");
    }

    [Fact]
    public async Task An_identity_without_a_federated_credential_is_told_what_it_needs()
    {
        var scenario = fixture.New();
        var stranger = scenario.Sandbox.Entra.Directory.AddApplication(Sandbox.SandboxCluster.TenantId);
        scenario.Environment["AZURE_CLIENT_ID"] = stranger.ClientId;

        var run = await scenario.SyncAsync();

        Assert.True(run.Output.ExitCode == 1, run.Output.ToString());
        Assert.Contains("federated credential", run.Output.StandardError, StringComparison.Ordinal);
        Assert.Contains($"system:serviceaccount:{scenario.Sandbox.JobsNamespace}:{scenario.Sandbox.Kubernetes.AccountOf("certsync")}", run.Output.StandardError, StringComparison.Ordinal);
    }
}
