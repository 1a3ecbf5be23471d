namespace ClusterTrust.Manifests.Tests.Pods;

/// <summary>The overlay <c>multi-cluster</c>, with two API servers that have keys, Secrets and rights of their own.</summary>
public sealed class MultiClusterTests
{
    private const string RepositoryName = "example/issuers";

    [Fact]
    public async Task Two_clusters_publish_into_one_repository_and_sync_into_a_vault_each_and_a_shared_one()
    {
        await using var installation = await Installation.StartAsync();
        var cluster = installation.Cluster;
        var repository = await cluster.Repositories.CreateAsync(RepositoryName);
        cluster.Pages.AddSite(RepositoryName, repository);
        await using var second = new KubeApiServer(cluster.Authority, new ApiServerOptions { Issuer = IssuerOf("cluster-b") });
        await second.StartAsync();
        cluster.ApiServer.Issuer.Issuer = IssuerOf("cluster-a");
        var shared = cluster.AddVault("shared-vault");
        Member[] members =
        [
            await JoinAsync(installation, "cluster-a", cluster.ApiServer, shared),
            await JoinAsync(installation, "cluster-b", second, shared),
        ];

        // At the same time: one of them detects that the branch has moved, and plans again.
        Assert.All(
            await Task.WhenAll(members.Select(member => member.RunAsync("oidc"))),
            static output => Assert.Contains("is served as published", output.OrThrow().StandardError, StringComparison.Ordinal));
        foreach (var member in members)
        {
            (await member.RunAsync("certsync")).OrThrow();
            Assert.Equal($"{member.Name}-web", Assert.Single(member.Vault.Certificates).Name);
        }

        Assert.Equal(["cluster-a-edge", "cluster-b-edge"], shared.Certificates.Select(static one => one.Name).Order(StringComparer.Ordinal));

        var before = (await repository.TreeAsync("main")).ToDictionary(static entry => entry.Path, static entry => entry.Sha);
        Assert.All(members, member => Assert.Contains($"{member.Name}/openid/v1/jwks", before.Keys));
        second.Keys.Announce();
        (await members[1].RunAsync("oidc")).OrThrow();
        var after = (await repository.TreeAsync("main")).ToDictionary(static entry => entry.Path, static entry => entry.Sha);
        Assert.NotEqual(before["cluster-b/openid/v1/jwks"], after["cluster-b/openid/v1/jwks"]);
        Assert.Equal(OutsideOfB(before), OutsideOfB(after));

        // Everything else, the other cluster's folder above all: neither changed, nor added, nor removed.
        static string[] OutsideOfB(Dictionary<string, string> tree) =>
            [.. tree.Where(static entry => !entry.Key.StartsWith("cluster-b/", StringComparison.Ordinal)).Select(static entry => $"{entry.Key} {entry.Value}").Order(StringComparer.Ordinal)];
    }

    private static string IssuerOf(string name) => $"https://example.github.io/issuers/{name}";

    /// <summary>A cluster with an identity and a vault of its own, two certificates, and the overlay's rights.</summary>
    private static async Task<Member> JoinAsync(Installation installation, string name, KubeApiServer server, Vault shared)
    {
        var cluster = installation.Cluster;
        var identity = cluster.Entra.AddApplication(SandboxCluster.TenantId);
        cluster.Entra.AddFederatedCredential(identity.ClientId, IssuerOf(name), $"system:serviceaccount:{SandboxCluster.Namespace}:certsync");
        var vault = cluster.AddVault($"vault-of-{name}");
        vault.Grant(identity.ClientId, VaultRights.CertificatesOfficer);
        shared.Grant(identity.ClientId, VaultRights.CertificatesOfficer);
        server.State.AddNamespace(SandboxCluster.Namespace);
        var certificates = new CertificateController(server);
        certificates.Issue(new CertificateSpec("shop", "web") { Ec = true });
        certificates.Issue(new CertificateSpec("shop", "edge") { Ec = true, Annotations = new Dictionary<string, string> { ["certsync.clustertrust.dev/vault"] = "shared" } });
        installation.Fill(
            $"overlays/multi-cluster/{name}",
            ("oidc.env",
            [
                $"OIDC_ISSUER={IssuerOf(name)}", $"OIDC_REPOSITORY={cluster.Ssh.Url(RepositoryName)}", "OIDC_BRANCH=main",
                "OIDC_SITE_URL=https://example.github.io/issuers", "OIDC_KNOWN_HOSTS=/etc/keys/deploy-key/known_hosts",
            ]),
            ("certsync.env",
            [
                $"CERTSYNC_VAULT=own={vault.Name},shared={shared.Name}", $"CERTSYNC_CLUSTER={name}", "CERTSYNC_NAMESPACE=shop", "CERTSYNC_NAME_TEMPLATE={cluster}-{name}",
                $"AZURE_TENANT_ID={SandboxCluster.TenantId}", $"AZURE_CLIENT_ID={identity.ClientId}",
            ]));
        var rendered = installation.Build($"overlays/multi-cluster/{name}", server);
        await installation.GrantNamespaceAsync("shop", server);
        return new Member(installation, name, server, vault, rendered);
    }

    private sealed record Member(Installation Installation, string Name, KubeApiServer Server, Vault Vault, Rendered Rendered)
    {
        public async Task<Output> RunAsync(string job)
        {
            using var pod = Installation.Pod(Rendered, job, server: Server);
            return await pod.RunAsync();
        }
    }
}
