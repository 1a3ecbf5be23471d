using System.Text.Json.Nodes;
using ClusterTrust.Sandbox.Servers;

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
    [InlineData("application/merge-patch+json")]
    [InlineData("application/strategic-merge-patch+json")]
    public async Task A_patch_merges_and_removes_what_it_sets_to_null(string contentType)
    {
        Cluster.State.PutSecret("demo", "one", [], annotations: [KeyValuePair.Create("a", "1"), KeyValuePair.Create("b", "2")]);
        var patch = JsonNode.Parse("""{"metadata":{"annotations":{"a":null,"c":"3"}}}""");
        var answer = await Cluster.SendAsync("PATCH", $"{Secrets}/one", patch, contentType: contentType);
        Assert.Equal(200, answer.Status);
        Assert.Equal("""{"b":"2","c":"3"}""", answer.Json["metadata"]!["annotations"]!.ToJsonString());
    }

    [Fact]
    public async Task An_update_of_a_lease_must_name_the_version_it_replaces()
    {
        var path = "/apis/coordination.k8s.io/v1/namespaces/demo/leases";
        await Cluster.SendAsync("POST", path, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "one" } });
        var answer = await Cluster.SendAsync("PUT", $"{path}/one", new JsonObject { ["metadata"] = new JsonObject { ["name"] = "one" } });
        Assert.Equal((422, "Invalid"), (answer.Status, answer.Reason));
        Assert.EndsWith("metadata.resourceVersion: Invalid value: 0x0: must be specified for an update", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_update_of_a_deleted_lease_is_a_conflict_when_it_names_the_uid_and_creates_the_lease_otherwise()
    {
        const string Leases = "/apis/coordination.k8s.io/v1/namespaces/demo/leases";
        var body = (await Cluster.SendAsync("POST", Leases, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "one" } })).Json;
        await Cluster.SendAsync("DELETE", $"{Leases}/one");

        var conflict = await Cluster.SendAsync("PUT", $"{Leases}/one", body);
        body["metadata"]!.AsObject().Remove("uid", out var uid);
        Assert.Equal((409, "Conflict"), (conflict.Status, conflict.Reason));
        Assert.Equal(
            "Operation cannot be fulfilled on leases.coordination.k8s.io \"one\": StorageError: invalid object, Code: 4, Key: /registry/leases/demo/one, "
            + $"ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: {uid}, UID in object meta: ",
            conflict.Message);
        Assert.Equal(201, (await Cluster.SendAsync("PUT", $"{Leases}/one", body)).Status);
    }

    [Fact]
    public async Task A_delete_answers_with_the_uid_which_a_namesake_does_not_get()
    {
        var uid = Cluster.State.PutSecret("demo", "one", []).Uid;
        var answer = await Cluster.SendAsync("DELETE", $"{Secrets}/one");
        Assert.Equal(("Success", uid), ((string?)answer.Json["status"], (string?)answer.Json["details"]!["uid"]));
        Assert.Equal(404, (await Cluster.SendAsync("DELETE", $"{Secrets}/one")).Status);
        Assert.NotEqual(uid, Cluster.State.PutSecret("demo", "one", []).Uid);
    }

    [Fact]
    public async Task Nothing_is_created_in_a_namespace_that_does_not_exist()
    {
        var answer = await Cluster.SendAsync("POST", "/api/v1/namespaces/nope/secrets", Secret("one"));
        Assert.Equal((404, "namespaces \"nope\" not found"), (answer.Status, answer.Message));
    }

    [Theory]
    [InlineData("PUT", Secrets + "/two", 400, "the name of the object (one) does not match the name on the URL (two)")]
    [InlineData("POST", "/api/v1/namespaces/default/secrets", 400, "the namespace of the provided object does not match the namespace sent on the request")]
    [InlineData("PUT", Secrets + "/one", 404, "secrets \"one\" not found")]
    [InlineData("POST", "/api/v1/namespaces/demo/configmaps", 400, "Secret in version \"v1\" cannot be handled as a ConfigMap: the API version or kind in the data does not match the request")]
    public async Task A_body_that_does_not_fit_its_path_is_refused(string method, string path, int status, string message)
    {
        var body = Secret("one");
        body["metadata"]!["namespace"] = "demo";
        var answer = await Cluster.SendAsync(method, path, body);
        Assert.Equal((status, message), (answer.Status, answer.Message));
    }

    [Theory]
    [InlineData("GET", Secrets + "?watch=true", 405)]
    [InlineData("DELETE", "/api/v1/secrets", 405)]
    [InlineData("POST", Secrets + "?dryRun=All", 400)]
    [InlineData("GET", "/api/v1/pods", 404)]
    [InlineData("GET", "/api/v2/secrets", 404)]
    [InlineData("GET", "/nowhere", 404)]
    public async Task What_is_not_served_is_refused(string method, string path, int status) =>
        Assert.Equal(status, (await Cluster.SendAsync(method, path, method == "POST" ? Secret("one") : null)).Status);

    [Fact]
    public async Task A_body_in_another_form_is_an_unsupported_media_type()
    {
        var answer = await Cluster.SendAsync("POST", Secrets, Secret("one"), contentType: "application/yaml");
        Assert.Equal((415, "UnsupportedMediaType"), (answer.Status, answer.Reason));
    }

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
