using ClusterTrust.Sandbox.Git;

namespace ClusterTrust.EndToEnd.Tests.Oidc;

/// <summary>What is written. The ways to a repository have their own tests in <c>tests/Oidc.Tests</c>.</summary>
public sealed class PublishTests : SandboxTest
{
    [Fact]
    public async Task The_documents_are_canonical_and_the_rest_of_the_tree_stays_byte_for_byte()
    {
        byte[] odd = [0, 0xFF, 0x0D, 0x0A, 0x80];
        await Cluster.Repository.CommitAsync("main", "Site", [GitChange.File("photo.bin", odd), GitChange.File("docs/a.md", "a\r\n"), GitChange.Symlink("link", "docs/a.md")]);
        var before = await Cluster.Repository.TreeAsync("main");

        await PublishedAsync();

        var after = await Cluster.Repository.TreeAsync("main");
        Assert.Equal(before, after.Where(entry => before.Any(old => old.Path == entry.Path)));
        Assert.Equal(
            new[] { ".nojekyll", DiscoveryPath, InFolder("index.html"), JwksPath, StatePath }.Order(StringComparer.Ordinal),
            after.Select(static entry => entry.Path).Except(before.Select(static entry => entry.Path)).Order(StringComparer.Ordinal));
        Assert.Equal(
            $$"""
            {
              "issuer": "{{Cluster.IssuerUrl}}",
              "jwks_uri": "{{Cluster.IssuerUrl}}/openid/v1/jwks",
              "response_types_supported": [
                "id_token"
              ],
              "subject_types_supported": [
                "public"
              ],
              "id_token_signing_alg_values_supported": [
                {{string.Join(",\n    ", Cluster.Kubernetes.SigningKeys.Select(static key => $"\"{key["alg"]}\"").Distinct().Order(StringComparer.Ordinal))}}
              ]
            }

            """,
            await ReadAsync(DiscoveryPath));
        var jwks = await ReadAsync(JwksPath);
        Assert.StartsWith("{\n  \"keys\": [\n    {\n      \"", jwks, StringComparison.Ordinal);
        Assert.EndsWith("\n    }\n  ]\n}\n", jwks, StringComparison.Ordinal);
        var published = JsonNode.Parse(jwks)!["keys"]!.AsArray();
        Assert.Equal(Cluster.Kubernetes.SigningKeys.Count, published.Count);
        Assert.All(Cluster.Kubernetes.SigningKeys, key => Assert.Contains(published, other => JsonNode.DeepEquals(key, other)));
        Assert.Equal("", await ReadAsync(".nojekyll"));
        Assert.Equal("", await Cluster.Repository.FsckAsync());
    }

    [Fact]
    public async Task Over_HTTPS_with_a_token_from_the_environment_by_the_reference_s_names()
    {
        const string Token = "ghp_sandboxToken0123456789";
        Cluster.Https.AddToken(Token);

        var run = await Cluster.RunAsync("oidc", ["publish", "--kubeconfig", Cluster.Kubeconfig("oidc"), "--no-verify"], new Dictionary<string, string>
        {
            ["OIDC_ISSUER"] = Cluster.IssuerUrl,
            ["GITHUB_REPOSITORY"] = Cluster.SiteRepository,
            ["GITHUB_TOKEN"] = Token,
            ["COMMIT_NAME"] = "Release Bot",
            ["COMMIT_EMAIL"] = "bot@example.com",
        });

        Expect.Done(run);
        Assert.Equal("Release Bot <bot@example.com>", Assert.Single(await Cluster.Repository.LogAsync("main")).Author);
    }
}
