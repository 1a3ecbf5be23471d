namespace ClusterTrust.Sandbox.Tests.ApiServer;

public sealed class WriteTests : ClusterTest
{
    private const string Secrets = "/api/v1/namespaces/demo/secrets";

    [Fact]
    public async Task Every_write_gives_a_greater_version_and_one_that_changes_nothing_gives_none()
    {
        var first = Cluster.State.PutSecret("demo", "one", [KeyValuePair.Create("a", "b"u8.ToArray())]);
        var same = Cluster.State.PutSecret("demo", "one", [KeyValuePair.Create("a", "b"u8.ToArray())]);
        var other = Cluster.State.PutSecret("demo", "two", []);
        var changed = Cluster.State.PutSecret("demo", "one", [KeyValuePair.Create("a", "c"u8.ToArray())]);
        Assert.Equal((first.ResourceVersion, first.Uid), (same.ResourceVersion, same.Uid));
        long[] versions = [.. new[] { first, other, changed }.Select(static one => long.Parse(one.ResourceVersion, System.Globalization.CultureInfo.InvariantCulture))];
        Assert.Equal(versions.Order(), versions);
        Assert.Equal(first.Uid, changed.Uid);
        var read = await Cluster.GetAsync($"{Secrets}/one");
        Assert.Equal(changed.ResourceVersion, (string?)read.Json["metadata"]!["resourceVersion"]);
    }

    [Theory]
    [InlineData("GET", Secrets + "?watch=true", 405)]
    [InlineData("POST", Secrets + "?dryRun=All", 400)]
    [InlineData("GET", "/api/v1/pods", 404)]
    public async Task What_the_sandbox_does_not_serve_is_refused(string method, string path, int status) =>
        Assert.Equal(status, (await Cluster.SendAsync(method, path, method == "POST" ? Secret("one") : null)).Status);

    [Theory]
    [InlineData(500, "InternalError", "Internal error occurred: etcdserver: leader changed")]
    [InlineData(503, "ServiceUnavailable", "the server is currently unable to handle the request")]
    [InlineData(504, "Timeout", "Timeout: request did not complete within the allotted timeout")]
    public async Task A_fault_is_worded_as_a_Status(int code, string reason, string message)
    {
        Cluster.Server.Faults.Next(new Fault.Status(code, RetryAfterSeconds: 3));
        var answer = await Cluster.GetAsync(Secrets);
        Assert.Equal((code, reason, message, code), (answer.Status, answer.Reason, answer.Message, (int)answer.Json["code"]!));
        Assert.Equal(("application/json", "3"), (answer.Headers["Content-Type"], answer.Headers["Retry-After"]));
        Assert.Equal(200, (await Cluster.GetAsync(Secrets)).Status);
    }

    [Fact]
    public async Task A_throttled_request_is_answered_as_by_API_Priority_and_Fairness()
    {
        Cluster.Server.Faults.Next(Fault.TooManyRequests(1));
        var answer = await Cluster.GetAsync(Secrets);
        Assert.Equal((429, "Too many requests, please try again later.\n"), (answer.Status, answer.Text));
        Assert.Equal(("text/plain; charset=utf-8", "1"), (answer.Headers["Content-Type"], answer.Headers["Retry-After"]));
    }

    [Fact]
    public async Task Only_the_length_of_a_short_answer_is_announced()
    {
        Cluster.State.PutSecret("demo", "long", [KeyValuePair.Create("a", new byte[4096])]);
        Assert.True((await Cluster.GetAsync("/version")).Headers.ContainsKey("Content-Length"));
        Assert.False((await Cluster.GetAsync($"{Secrets}/long")).Headers.ContainsKey("Content-Length"));
    }

    private static JsonObject Secret(string name) => new() { ["kind"] = "Secret", ["apiVersion"] = "v1", ["metadata"] = new JsonObject { ["name"] = name } };
}
