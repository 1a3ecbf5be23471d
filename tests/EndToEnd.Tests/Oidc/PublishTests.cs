using System.Text.Json.Nodes;
using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.ApiServer;
using ClusterTrust.Sandbox.Git;

namespace ClusterTrust.EndToEnd.Tests.Oidc;

/// <summary>What is written, what is warned of, and what is proven before.</summary>
public sealed class PublishTests : OidcTest
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
        Assert.Equal(new[] { ".nojekyll", DiscoveryPath, InFolder("index.html"), JwksPath, StatePath }.Order(StringComparer.Ordinal), after.Select(entry => entry.Path).Except(before.Select(entry => entry.Path)).Order(StringComparer.Ordinal));
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
    [Trait("ApiServer", "own")]
    public async Task Another_order_of_keys_and_members_is_no_change()
    {
        Cluster.ApiServer.Keys.Announce();
        await PublishedAsync();
        Cluster.ApiServer.ServeJwks(document => document["keys"] = new JsonArray(
            [.. document["keys"]!.AsArray().Reverse().Select(key => new JsonObject(key!.AsObject().Reverse().Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone()))))]));
        Cluster.ApiServer.ServeDiscovery(document =>
        {
            var members = document.Reverse().ToArray();
            document.Clear();
            Array.ForEach(members, document.Add);
        });

        Expect.Done(await PublishAsync(), "nothing to publish");
        Assert.Equal(1, await CommitsAsync());
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task The_address_of_a_node_in_jwks_uri_is_published_as_the_issuers_and_said_so()
    {
        Cluster.ApiServer.Issuer.JwksUri = "https://10.0.0.4:6443/openid/v1/jwks";

        await PublishedAsync();

        Expect.Done(await PublishAsync(), $"The API server's jwks_uri is its own address, https://10.0.0.4:6443/openid/v1/jwks; {Cluster.IssuerUrl}/openid/v1/jwks is published instead");
        Assert.Equal($"{Cluster.IssuerUrl}/openid/v1/jwks", JsonNode.Parse(await ReadAsync(DiscoveryPath))!["jwks_uri"]!.GetValue<string>());
        Assert.Equal(1, await CommitsAsync());
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task A_key_that_clouds_do_not_take_is_published_with_a_warning()
    {
        var key = Cluster.ApiServer.Keys.Announce(SigningAlgorithm.ES256);

        Expect.Done(await PublishAsync(), $"Key '{key.KeyId}'", "signs with ES256; Entra ID and AWS accept only RS256");
        Assert.Contains(key.KeyId, await KidsAsync());
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task The_same_key_twice_is_published_once_and_a_key_type_that_is_not_known_as_it_is()
    {
        Cluster.ApiServer.ServeJwks(document =>
        {
            document["keys"]!.AsArray().Add(document["keys"]![0]!.DeepClone());
            document["keys"]!.AsArray().Add(new JsonObject { ["use"] = "sig", ["kid"] = "pq", ["alg"] = "ML-DSA-44", ["kty"] = "AKP", ["pub"] = "AAEC" });
        });

        Expect.Done(await PublishAsync(), "more than once; it is published once", "has the kty 'AKP'");

        Assert.Equal(2, (await KidsAsync()).Length);
        Assert.Contains("\"pub\": \"AAEC\"", await ReadAsync(JwksPath), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task Many_keys_and_foreign_kids_are_published_with_a_warning()
    {
        Cluster.ApiServer.ServeJwks(document =>
        {
            for (var i = 0; i < 100; i++)
            {
                using var key = new SigningKey(SigningAlgorithm.ES256);
                var jwk = key.ToJwk();
                jwk["kid"] = $"key-{i}";
                document["keys"]!.AsArray().Add(jwk);
            }
        });
        Cluster.ApiServer.ServeDiscovery(document => document["id_token_signing_alg_values_supported"]!.AsArray().Add("ES256"));

        Expect.Done(await PublishAsync(), "has 101 keys; some clouds read only the first 100", "The kid 'key-7'", "is not the SHA-256 of its public key");
        Assert.Equal(101, (await KidsAsync()).Length);
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task A_token_signed_by_a_key_that_is_not_served_refuses_the_run()
    {
        Cluster.ApiServer.Keys.Announce();
        Cluster.ApiServer.ServeJwks(document => document["keys"]!.AsArray().RemoveAt(0));

        Expect.Exit(
            Expect.Refused,
            await PublishAsync(),
            "A token of this cluster is not valid against the documents to publish, so nothing was published",
            $"signed by the key '{Cluster.ApiServer.Keys.Signing.KeyId}', which is not among the 1 of the key set");
        Assert.Null(Cluster.Repository.Tip("main"));
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task A_token_whose_signature_the_served_key_does_not_verify_refuses_the_run()
    {
        using var other = new SigningKey(SigningAlgorithm.RS256);
        Cluster.ApiServer.ServeKey(key => key["n"] = other.ToJwk()["n"]!.DeepClone());

        Expect.Exit(Expect.Refused, await PublishAsync(), "signature does not verify with the key", "signs with another key than it serves under this kid");
        Assert.Null(Cluster.Repository.Tip("main"));
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task A_token_of_another_issuer_refuses_the_run()
    {
        Cluster.ApiServer.ServeDiscovery(document => document["issuer"] = Cluster.IssuerUrl + "/b");

        Expect.Exit(Expect.Refused, await PublishAsync("--issuer", Cluster.IssuerUrl + "/b"), "put this issuer first in the API server's --service-account-issuer flags");
        Assert.Null(Cluster.Repository.Tip("main"));
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task Without_a_token_of_the_cluster_the_missing_proof_is_told()
    {
        Expect.Done(
            await PublishAsync("--kubeconfig", Cluster.AdminKubeconfig),
            $"no ServiceAccount token is available, so it was not verified that tokens of this cluster are valid against {Cluster.IssuerUrl}");
        Assert.Equal(1, await CommitsAsync());
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task Tokens_and_keys_stay_out_of_every_output()
    {
        var token = Cluster.ApiServer.IssueToken(SandboxCluster.Namespace, "oidc");
        var kubeconfig = Cluster.Folder.Combine("own.kubeconfig");
        Cluster.ApiServer.WriteKubeconfig(kubeconfig, token);

        var output = Expect.Done(await PublishAsync("--kubeconfig", kubeconfig, "--verbose", "--log-level", "trace"));

        Expect.Silent(output, token.Split('.')[2], "PRIVATE KEY");
        Expect.Silent(output, (await File.ReadAllLinesAsync(Cluster.DeployKey.PrivateKeyPath))[1]);
    }

    [Fact]
    public async Task The_first_publish_warns_of_a_workflow_that_drops_dot_folders()
    {
        await Cluster.Repository.CommitFilesAsync("main", new Dictionary<string, string>
        {
            [".github/workflows/pages.yml"] = "jobs:\n  deploy:\n    steps:\n      - uses: actions/upload-pages-artifact@v4\n        with:\n          path: .\n",
        });

        Expect.Done(
            await PublishAsync(),
            "The workflow .github/workflows/pages.yml deploys without dot-folders, so .well-known will not be served: line 4 is",
            "actions/upload-pages-artifact@v5",
            "include-hidden-files: true");
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task The_status_page_of_somebody_else_stays_and_ours_changes_only_with_the_keys()
    {
        await PublishedAsync();
        var page = await ReadAsync(InFolder("index.html"));
        Assert.Contains(Cluster.ApiServer.Keys.Signing.KeyId, page, StringComparison.Ordinal);

        await Cluster.Repository.CommitFilesAsync("main", new Dictionary<string, string> { [InFolder("index.html")] = "<h1>Mine</h1>\n" });
        Cluster.ApiServer.Keys.Announce();
        await PublishedAsync();
        Assert.Equal("<h1>Mine</h1>\n", await ReadAsync(InFolder("index.html")));

        await Cluster.Repository.CommitFilesAsync("main", new Dictionary<string, string> { [InFolder("index.html")] = page });
        var commits = await CommitsAsync();
        await PublishedAsync();
        Assert.Equal(commits, await CommitsAsync());
        var added = Cluster.ApiServer.Keys.Announce();
        await PublishedAsync();
        Assert.Contains(added.KeyId, await ReadAsync(InFolder("index.html")), StringComparison.Ordinal);
    }
}
