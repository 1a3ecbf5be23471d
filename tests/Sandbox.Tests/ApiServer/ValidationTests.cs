namespace ClusterTrust.Sandbox.Tests.ApiServer;

/// <summary>What <see cref="RecordingTests"/> cannot hold: sizes, and namespaces with and without controllers.</summary>
public sealed class ValidationTests : ClusterTest
{
    [Fact]
    public async Task Sizes_are_limited_to_the_byte()
    {
        const string Secrets = "/api/v1/namespaces/demo/secrets";
        Assert.Equal(201, (await Cluster.SendAsync("POST", Secrets, Secret("a", 1024 * 1024))).Status);
        var data = await Cluster.SendAsync("POST", Secrets, Secret("b", (1024 * 1024) + 1));
        Assert.Equal((422, "Secret \"b\" is invalid: data: FieldValueTooLong"), (data.Status, data.Message));

        Assert.Equal(201, (await Cluster.SendAsync("POST", Secrets, Annotated("c", 256 * 1024))).Status);
        var annotations = await Cluster.SendAsync("POST", Secrets, Annotated("d", (256 * 1024) + 1));
        Assert.Equal((422, "Secret \"d\" is invalid: metadata.annotations: FieldValueTooLong"), (annotations.Status, annotations.Message));
        Assert.Throws<StatusException>(() => Cluster.State.PutSecret("demo", "f", [KeyValuePair.Create("a", new byte[(1024 * 1024) + 1])]));
    }

    [Fact]
    public async Task Without_controllers_a_deleted_namespace_stays_and_takes_nothing_new()
    {
        await using var bare = await Cluster.StartAsync(new ApiServerOptions { SigningAlgorithm = SigningAlgorithm.ES256, Controllers = false });
        await bare.SendAsync("POST", "/api/v1/namespaces", JsonNode.Parse("""{"metadata":{"name":"demo"}}"""));
        await bare.SendAsync("POST", "/api/v1/namespaces/demo/secrets", JsonNode.Parse("""{"metadata":{"name":"a"}}"""));
        Assert.Null(bare.State.Find(ResourceType.ServiceAccounts, "demo", "default"));

        var deleted = await bare.SendAsync("DELETE", "/api/v1/namespaces/demo");

        Assert.Equal("Terminating", (string?)deleted.Json["status"]!["phase"]);
        var refused = await bare.SendAsync("POST", "/api/v1/namespaces/demo/secrets", JsonNode.Parse("""{"metadata":{"name":"b"}}"""));
        Assert.Equal(
            (403, "secrets \"b\" is forbidden: unable to create new content in namespace demo because it is being terminated"), (refused.Status, refused.Message));
        Assert.Single(bare.State.Secrets);
        Assert.Equal(200, (await bare.SendAsync("DELETE", "/api/v1/namespaces/demo/secrets/a")).Status);
        Assert.Empty(bare.State.Secrets);
    }

    [Fact]
    public async Task With_controllers_a_new_namespace_has_a_default_account_and_a_deleted_one_is_gone_with_all_in_it()
    {
        await Cluster.SendAsync("POST", "/api/v1/namespaces", JsonNode.Parse("""{"metadata":{"name":"other"}}"""));
        Assert.NotNull(Cluster.State.Find(ResourceType.ServiceAccounts, "other", "default"));
        Cluster.State.PutSecret("other", "one", []);
        await Cluster.SendAsync("DELETE", "/api/v1/namespaces/other");
        Assert.Empty(Cluster.State.Secrets);
        Assert.Equal(404, (await Cluster.GetAsync("/api/v1/namespaces/other")).Status);
    }

    private static JsonObject Secret(string name, int bytes) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = name },
        ["data"] = new JsonObject { ["a"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(new string('x', bytes))) },
    };

    private static JsonObject Annotated(string name, int bytes) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = name, ["annotations"] = new JsonObject { ["a"] = new string('x', bytes - 1) } },
    };
}
