namespace ClusterTrust.Sandbox.Tests.ApiServer;

/// <summary>What <see cref="RecordingTests"/> cannot hold.</summary>
public sealed class ApiServerTests
{
    private const string Secrets = "/api/v1/namespaces/default/secrets";

    private static readonly ApiServerOptions Options = new() { SigningAlgorithm = SigningAlgorithm.ES256 };

    [Fact]
    public void Every_write_gives_a_greater_version_and_one_that_changes_nothing_gives_none()
    {
        var state = new ClusterState();
        var first = state.PutSecret("demo", "one", [KeyValuePair.Create("a", "b"u8.ToArray())]);
        var same = state.PutSecret("demo", "one", [KeyValuePair.Create("a", "b"u8.ToArray())]);
        var other = state.PutSecret("demo", "two", []);
        var changed = state.PutSecret("demo", "one", [KeyValuePair.Create("a", "c"u8.ToArray())]);

        Assert.Equal((first.ResourceVersion, first.Uid), (same.ResourceVersion, same.Uid));
        long[] versions = [.. new[] { first, other, changed }.Select(static one => long.Parse(one.ResourceVersion, System.Globalization.CultureInfo.InvariantCulture))];
        Assert.Equal(versions.Order(), versions);
        Assert.Equal(first.Uid, changed.Uid);
    }

    [Theory]
    [InlineData("GET", Secrets + "?watch=true", 405)]
    [InlineData("POST", Secrets + "?dryRun=All", 400)]
    [InlineData("GET", "/api/v1/pods", 404)]
    public async Task What_the_sandbox_does_not_serve_is_refused(string method, string path, int status)
    {
        await using var cluster = await Cluster.StartAsync(Options);
        Assert.Equal(status, (await cluster.SendAsync(method, path)).Status);
    }

    [Fact]
    public async Task Only_the_length_of_a_short_answer_is_announced()
    {
        await using var cluster = await Cluster.StartAsync(Options);
        cluster.Server.State.PutSecret("default", "long", [KeyValuePair.Create("a", new byte[4096])]);
        Assert.True((await cluster.SendAsync("GET", "/version")).Headers.ContainsKey("Content-Length"));
        Assert.False((await cluster.SendAsync("GET", $"{Secrets}/long")).Headers.ContainsKey("Content-Length"));
    }

    /// <summary>The form in which <c>kubectl create</c> sends objects. What it creates by the pages is held by their tests.</summary>
    [Fact]
    public async Task A_kind_or_a_field_of_protobuf_that_has_no_schema_is_refused_by_name()
    {
        await using var cluster = await Cluster.StartAsync(Options);
        Assert.Equal(415, (await SendAsync(Field(1, Field(2, "Pod"u8)))).Status);
        var unknown = await SendAsync([.. Field(1, [.. Field(1, "batch/v1"u8), .. Field(2, "Job"u8)]), .. Field(2, Field(9, "x"u8))]);
        Assert.Equal((400, "the sandbox does not know field 9 of Job: add it to its schemas"), (unknown.Status, unknown.Message));

        Task<Answer> SendAsync(byte[] message) => cluster.SendAsync(
            "POST", "/apis/batch/v1/namespaces/default/jobs", [.. "k8s\0"u8, .. message], contentType: "application/vnd.kubernetes.protobuf");

        static byte[] Field(int number, ReadOnlySpan<byte> value) => [(byte)((number << 3) | 2), (byte)value.Length, .. value];
    }
}
