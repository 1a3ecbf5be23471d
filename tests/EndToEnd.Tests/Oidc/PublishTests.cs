using System.Text.Json.Nodes;
using ClusterTrust.EndToEnd.Tests.Hostile;
using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.ApiServer;
using ClusterTrust.Sandbox.Git;

namespace ClusterTrust.EndToEnd.Tests.Oidc;

/// <summary>What is written, and what refuses the run before anything is.</summary>
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
    public async Task A_new_key_is_added_at_once_and_named_in_the_commit()
    {
        var old = Cluster.ApiServer.Keys.Signing;
        await PublishedAsync();
        var added = Cluster.ApiServer.Keys.Announce();

        Expect.Done(await PublishAsync(), "keys added: 1, removed: 0");

        Assert.Equal(new[] { old.KeyId, added.KeyId }.Order(StringComparer.Ordinal), (await KidsAsync()).Order(StringComparer.Ordinal));
        var message = (await Cluster.Repository.LogAsync("main"))[0].Message;
        Assert.Equal($"Add a key to the issuer {Cluster.IssuerUrl}\n\nAdded:\n- {added.KeyId}\n\nUnchanged:\n- {old.KeyId}", message);
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task All_API_servers_are_found_by_the_EndpointSlice_that_they_keep_and_their_keys_joined()
    {
        Expect.Exit(Expect.Usage, await PublishAsync("--all-api-servers"), "add verb \"get\" on resource \"endpointslices\" of API group \"discovery.k8s.io\" to a Role in namespace default");

        var only = PolicyRule.For("discovery.k8s.io", "endpointslices", "get").Named("kubernetes");
        Cluster.ApiServer.Rbac.Grant(Subject.ServiceAccount(SandboxCluster.Namespace, "oidc"), "default", only);
        await PublishedAsync("--all-api-servers");
        Assert.Single(await KidsAsync());

        await using var second = new DocumentServer(Cluster.Authority, Cluster.IssuerUrl);
        await second.StartAsync();
        var slice = Cluster.ApiServer.State.List(ResourceType.EndpointSlices).Single().Body;
        slice["endpoints"]!.AsArray().Add(new JsonObject { ["addresses"] = new JsonArray("127.0.0.1") });
        slice["ports"]!.AsArray().Add(new JsonObject { ["name"] = "https", ["port"] = second.Port, ["protocol"] = "TCP" });
        Cluster.ApiServer.State.Put(ResourceType.EndpointSlices, slice);
        await PublishedAsync("--all-api-servers");
        Assert.Equal(2, (await KidsAsync()).Length);

        await second.StopAsync();
        Expect.Exit(Expect.Failed, await PublishAsync("--all-api-servers", "--retries", "1"), second.LoopbackAddress.Authority);
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task Two_clusters_share_a_repository_by_a_folder_each_and_clouds_see_both()
    {
        var site = Cluster.IssuerUrl;
        var one = await ServeAsync($"{site}/one");
        var first = await Cluster.Repository.TreeAsync("main");
        Cluster.ApiServer.Keys.Rotate(keepOld: false);
        var two = await ServeAsync($"{site}/two");

        Assert.Equal(first, (await Cluster.Repository.TreeAsync("main")).Where(entry => !entry.Path.StartsWith("two/", StringComparison.Ordinal)));
        Expect.Done(await RunAsync(["verify", "--kubeconfig", Cluster.Kubeconfig("oidc"), "--issuer", two]), "is accepted");
        Expect.Exit(Expect.Usage, await PublishAsync("--issuer", two, "--site-url", $"https://{SiteHost}/elsewhere"), "is not below the site URL");
    }

    /// <summary>What an API server may serve and is never published is listed in <c>tests/Oidc.Tests/Issuer</c>.</summary>
    [Fact]
    [Trait("ApiServer", "own")]
    public async Task A_login_page_a_private_key_and_a_body_without_end_are_refused_and_nothing_is_written()
    {
        const string Secret = "c2VjcmV0LXZhbHVlLXRoYXQtbXVzdC1ub3QtYmUtc2hvd24";
        Cluster.ApiServer.ServeInstead("<html><head><title>Sign in</title></head></html>", "text/html");
        Expect.Exit(Expect.Refused, await PublishAsync(), "is HTML or XML, not JSON");

        Cluster.ApiServer.ServeKey(key => key["d"] = Secret);
        Expect.Silent(Expect.Exit(Expect.Refused, await PublishAsync("--verbose"), "holds private key material (a member 'd')"), Secret);

        Cluster.ApiServer.Issuer.JwksOverride = null;
        Cluster.ApiServer.AnswerWithoutEnd(static request => request.Has(IssuerEndpoint.JwksPath), "{\"keys\":[", "application/jwk-set+json");
        Expect.Exit(Expect.Refused, await PublishAsync(), "is larger than 65536 bytes");
        Assert.Null(Cluster.Repository.Tip("main"));
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task A_name_that_does_not_resolve_is_a_warning_long_before_the_timeout()
    {
        const string Issuer = "https://oidc.does-not-resolve.invalid";
        Cluster.ApiServer.Issuer.Issuer = Issuer;
        Cluster.RenewTokens();
        await using var job = Cluster.Job("oidc");
        job.Environment.Remove("HTTPS_PROXY");

        Expect.Done(
            await job.RunAsync(["publish", .. Cluster.OidcArguments().Select(argument => argument == Cluster.IssuerUrl ? Issuer : argument), "--verify-timeout", "3h"], timeout: TimeSpan.FromMinutes(10)),
            "is not confirmed to be served as published yet",
            "oidc.does-not-resolve.invalid");
        Assert.Equal(1, await CommitsAsync());
    }

    [Fact]
    public async Task A_branch_is_created_on_demand_and_a_refused_commit_quotes_the_server()
    {
        var tip = await Cluster.Repository.CommitFilesAsync("main", new Dictionary<string, string> { ["README.md"] = "x" });
        Expect.Done(await PublishAsync("--branch", "gh-pages", "--create-branch"));
        Assert.Empty(Assert.Single(await Cluster.Repository.LogAsync("gh-pages")).Parents);

        Cluster.Repository.Protect("GH006: Protected branch update failed for refs/heads/main.");
        Expect.Exit(Expect.Usage, await PublishAsync(), "is protected and refused the commit", "allow this key or app to bypass its rules");
        Assert.Equal(tip, Cluster.Repository.Tip("main"));
    }

    /// <summary>Starts the API server anew with another issuer, publishes that and looks at it from outside.</summary>
    private async Task<string> ServeAsync(string issuer)
    {
        Cluster.ApiServer.Issuer.Issuer = issuer;
        Cluster.RenewTokens();
        Expect.Done(await PublishAsync("--issuer", issuer));
        Expect.Done(await RunAsync(["verify", "--kubeconfig", Cluster.Kubeconfig("oidc"), "--issuer", issuer]), "is accepted");
        return issuer;
    }
}
