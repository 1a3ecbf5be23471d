using ClusterTrust.Sandbox.GitHub;

namespace ClusterTrust.Manifests.Tests.Pods;

/// <summary>The overlays as people apply them: the rendered pods, with the rendered rights.</summary>
public sealed class OverlayTests
{
    [Fact]
    public async Task Self_managed_publishes_the_issuer_and_then_syncs_certificates()
    {
        await using var installation = await Installation.StartAsync();
        var cluster = installation.Cluster;
        // By the built binaries: the others run where it costs less.
        cluster.JobsAreProcesses = true;
        var rendered = installation.Apply("overlays/self-managed", ("oidc.env", installation.OidcSettings), ("certsync.env", [.. installation.CertSyncSettings, "CERTSYNC_NAMESPACE=shop"]));
        var web = cluster.Certificates.Issue(new CertificateSpec("shop", "web"));
        await installation.AdmitAsync("shop");

        // Nobody can validate the cluster's tokens yet: certsync waits for that, within its one run.
        var waiting = installation.RunAsync(rendered, "certsync");
        while (!waiting.IsCompleted && !cluster.Entra.Requests.Any(static request => request.Status >= 400 && request.Path.EndsWith("/token", StringComparison.Ordinal)))
        {
            await Task.Delay(100);
        }

        await installation.SucceedAsync(rendered, "oidc");
        Assert.Contains("waiting up to 00:10:00", (await waiting).OrThrow().StandardError, StringComparison.Ordinal);
        Assert.Equal(web.Thumbprint, cluster.Vault.Find("web")!.Latest.Thumbprint, ignoreCase: true);
    }

    [Fact]
    public async Task Aks_syncs_certificates_with_an_issuer_that_is_published_already()
    {
        await using var installation = await Installation.StartAsync();
        await installation.PublishAsync();
        var rendered = installation.Apply("overlays/aks", ("certsync.env", [.. installation.CertSyncSettings, "CERTSYNC_NAMESPACE=shop"]));
        installation.Cluster.Certificates.Issue(new CertificateSpec("shop", "web"));
        await installation.AdmitAsync("shop");

        await installation.SucceedAsync(rendered, "certsync");

        Assert.NotNull(installation.Cluster.Vault.Find("web"));
    }

    [Fact]
    public async Task Github_app_commits_through_the_API_as_the_App()
    {
        await using var installation = await Installation.StartAsync();
        await using var github = await EmulatedGitHub.StartAsync();
        var repository = await github.MakeRepositoryAsync(withReadme: true);
        var rendered = installation.Apply(
            "overlays/github-app",
            ("oidc.env",
            [
                $"OIDC_ISSUER={SandboxCluster.Issuer}", $"OIDC_REPOSITORY={EmulatedGitHub.Owner}/{repository}", $"OIDC_GITHUB_APP_ID={EmulatedGitHub.AppId}",
                // It stands in for GitHub, and nothing serves its repositories as Pages does.
                $"OIDC_GITHUB_API_URL={github.ApiUrl}", $"OIDC_SITE_URL={SandboxCluster.Issuer}", "OIDC_NO_VERIFY=true",
            ]),
            ("certsync.env", installation.CertSyncSettings));

        await installation.SucceedAsync(rendered, "oidc", ("oidc-github-app", new() { ["private-key.pem"] = await File.ReadAllTextAsync(github.AppKeyFile) }));

        Assert.Contains(SandboxCluster.Issuer, await github.ReadAsync(repository, ".well-known/openid-configuration"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_that_is_not_filled_in_fails_the_run_as_wrongly_configured()
    {
        await using var installation = await Installation.StartAsync();
        var rendered = installation.Apply("overlays/aks", ("certsync.env", ["CERTSYNC_CLUSTER=sandbox"]));
        var output = await installation.RunAsync(rendered, "certsync");
        Assert.Equal(2, output.ExitCode);
        Assert.Contains("CERTSYNC_VAULT", output.StandardError, StringComparison.Ordinal);
    }
}
