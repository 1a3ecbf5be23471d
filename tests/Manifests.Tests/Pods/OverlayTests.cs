using ClusterTrust.Sandbox.GitHub;

namespace ClusterTrust.Manifests.Tests.Pods;

/// <summary>The overlays as people apply them: the rendered pods, with the rendered rights.</summary>
public sealed class OverlayTests : InstallationTest
{
    [Fact]
    public async Task Self_managed_publishes_the_issuer_and_then_syncs_certificates()
    {
        // With the built binaries; the others run in this process, which is faster.
        Cluster.JobsAreProcesses = true;
        var rendered = Installation.Apply("overlays/self-managed", ("oidc.env", Installation.OidcSettings), ("certsync.env", [.. Installation.CertSyncSettings, "CERTSYNC_NAMESPACE=shop"]));
        var web = Cluster.Certificates.Issue(new CertificateSpec("shop", "web"));
        await Installation.GrantNamespaceAsync("shop");

        // Nobody can validate the cluster's tokens yet: certsync waits for that, within its one run.
        var waiting = Installation.RunAsync(rendered, "certsync");
        while (!waiting.IsCompleted && !Cluster.Entra.Requests.Any(static request => request.Status >= 400 && request.Path.EndsWith("/token", StringComparison.Ordinal)))
        {
            await Task.Delay(100);
        }

        await Installation.SucceedAsync(rendered, "oidc");
        Assert.Contains("waiting up to 00:10:00", (await waiting).OrThrow().StandardError, StringComparison.Ordinal);
        Assert.Equal(web.Thumbprint, Cluster.Vault.Find("web")!.Latest.Thumbprint, ignoreCase: true);
    }

    [Fact]
    public async Task Aks_syncs_certificates_with_an_issuer_that_is_published_already_once_its_settings_are_filled_in()
    {
        var unfilled = await Installation.RunAsync(Installation.Apply("overlays/aks", ("certsync.env", ["CERTSYNC_CLUSTER=sandbox"])), "certsync");
        Assert.Equal(2, unfilled.ExitCode);
        Assert.Contains("CERTSYNC_VAULT", unfilled.StandardError, StringComparison.Ordinal);
        await Installation.PublishAsync();
        var rendered = Installation.Apply("overlays/aks", ("certsync.env", [.. Installation.CertSyncSettings, "CERTSYNC_NAMESPACE=shop"]));
        Cluster.Certificates.Issue(new CertificateSpec("shop", "web"));
        await Installation.GrantNamespaceAsync("shop");
        await Installation.SucceedAsync(rendered, "certsync");
        Assert.NotNull(Cluster.Vault.Find("web"));
    }

    [Fact]
    public async Task Github_app_commits_through_the_API_as_the_App()
    {
        await using var github = await EmulatedGitHub.StartAsync();
        var repository = await github.MakeRepositoryAsync(withReadme: true);
        var rendered = Installation.Apply(
            "overlays/github-app",
            ("oidc.env",
            [
                $"OIDC_ISSUER={SandboxCluster.Issuer}", $"OIDC_REPOSITORY={EmulatedGitHub.Owner}/{repository}", $"OIDC_GITHUB_APP_ID={EmulatedGitHub.AppId}",
                // It emulates GitHub, and nothing serves its repositories as Pages does.
                $"OIDC_GITHUB_API_URL={github.ApiUrl}", $"OIDC_SITE_URL={SandboxCluster.Issuer}", "OIDC_NO_VERIFY=true",
            ]),
            ("certsync.env", Installation.CertSyncSettings));

        await Installation.SucceedAsync(rendered, "oidc", ("oidc-github-app", new() { ["private-key.pem"] = await File.ReadAllTextAsync(github.AppKeyFile) }));

        Assert.Contains(SandboxCluster.Issuer, await github.ReadAsync(repository, ".well-known/openid-configuration"), StringComparison.Ordinal);
    }
}
