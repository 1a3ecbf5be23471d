using System.Text;
using System.Text.Json.Nodes;
using ClusterTrust.Sandbox.ApiServer;

namespace ClusterTrust.Sandbox.Tests.ApiServer;

/// <summary>What Kubernetes refuses is refused here, too, whoever writes it and by whatever verb.</summary>
public sealed class ValidationTests : ClusterTest
{
    private const string Event = """
        {"metadata":{"name":"web.1"},"eventTime":"2026-11-28T22:00:00.000000Z","reportingController":"example.dev/worker","reportingInstance":"worker-1",
         "action":"Run","reason":"RunDone","regarding":{"apiVersion":"v1","kind":"Secret","namespace":"demo","name":"web"},"note":"done","type":"Normal"}
        """;

    public static TheoryData<string, string, string, string> Refused => new()
    {
        { "/api/v1/namespaces", """{"metadata":{"name":"a.b"}}""", "metadata.name", "RFC 1123 label" },
        { "/api/v1/namespaces", """{"metadata":{}}""", "metadata.name", "Required value: name or generateName is required" },
        { "/api/v1/namespaces/demo/secrets", """{"metadata":{"name":"Upper"}}""", "metadata.name", "RFC 1123 subdomain" },
        { "/api/v1/namespaces/demo/secrets", """{"metadata":{"generateName":"-a-"}}""", "metadata.name", "RFC 1123 subdomain" },
        { "/api/v1/namespaces/demo/configmaps", $$$"""{"metadata":{"name":"{{{new string('a', 254)}}}"}}""", "metadata.name", "must be no more than 253 bytes" },
        { "/api/v1/namespaces/demo/serviceaccounts", """{"metadata":{"name":"a_b"}}""", "metadata.name", "RFC 1123 subdomain" },
        { "/api/v1/namespaces/demo/secrets", """{"metadata":{"name":"a","labels":{"b c":"d"}}}""", "metadata.labels", "name part must consist of" },
        { "/api/v1/namespaces/demo/secrets", """{"metadata":{"name":"a","labels":{"b":"-d"}}}""", "metadata.labels", "a valid label must be" },
        { "/api/v1/namespaces/demo/secrets", """{"metadata":{"name":"a","labels":{"/b":""}}}""", "metadata.labels", "prefix part must be non-empty" },
        { "/api/v1/namespaces/demo/secrets", """{"metadata":{"name":"a","annotations":{"a/b/c":"d"}}}""", "metadata.annotations", "a qualified name must consist of" },
        { "/api/v1/namespaces/demo/secrets", """{"metadata":{"name":"a"},"data":{"b/c":""}}""", "data[b/c]", "a valid config key must consist of" },
        { "/api/v1/namespaces/demo/secrets", """{"metadata":{"name":"a"},"type":"kubernetes.io/tls","data":{"tls.crt":""}}""", "data[tls.key]", "Required value" },
        { "/apis/coordination.k8s.io/v1/namespaces/demo/leases", """{"metadata":{"name":"a"},"spec":{"leaseDurationSeconds":-1}}""", "spec.leaseDurationSeconds", "must be greater than 0" },
        { "/apis/coordination.k8s.io/v1/namespaces/demo/leases", """{"metadata":{"name":"a"},"spec":{"leaseTransitions":-1}}""", "spec.leaseTransitions", "greater than or equal to 0" },
    };

    public static TheoryData<string, string> RefusedEvents => new()
    {
        { """{"action":""}""", "action: Required value" },
        { Long("action", 129, 'x'), "action: Invalid value: \"\": can have at most 128 characters" },
        { """{"reason":""}""", "reason: Required value" },
        { Long("reason", 65, 'é'), "reason: Invalid value: \"\": can have at most 128 characters" },
        { """{"reportingInstance":""}""", "reportingInstance: Required value" },
        { Long("reportingInstance", 129, 'x'), "reportingInstance: Invalid value: \"\": can have at most 128 characters" },
        { """{"reportingController":"a/b/c"}""", "a qualified name must consist of" },
        { Long("note", 513, 'é'), "message: Invalid value: \"\": can have at most 1024 characters" },
        { """{"type":"Error"}""", "type: Invalid value: \"\": has invalid value: Error" },
        { """{"regarding":{"kind":"Node","name":"a"}}""", "involvedObject.namespace: Invalid value: \"\": does not match event.namespace" },
        { """{"eventTime":null}""", "eventTime: Required value" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task An_invalid_object_is_refused_with_its_field(string path, string body, string field, string fault)
    {
        var answer = await Cluster.SendAsync("POST", path, JsonNode.Parse(body));
        Assert.Equal((422, "Invalid"), (answer.Status, answer.Reason));
        Assert.Contains(fault, answer.Message, StringComparison.Ordinal);
        Assert.Contains(answer.Json["details"]!["causes"]!.AsArray(), cause => (string?)cause!["field"] == field);
    }

    [Theory]
    [MemberData(nameof(RefusedEvents))]
    public async Task An_invalid_event_is_refused_with_its_field(string change, string fault)
    {
        const string Events = "/apis/events.k8s.io/v1/namespaces/demo/events";
        var body = JsonNode.Parse(Event)!;
        foreach (var (name, value) in JsonNode.Parse(change)!.AsObject())
        {
            body[name] = value?.DeepClone();
        }

        var answer = await Cluster.SendAsync("POST", Events, body);
        Assert.Equal(422, answer.Status);
        Assert.Contains(fault, answer.Message, StringComparison.Ordinal);
        Assert.Equal(201, (await Cluster.SendAsync("POST", Events, JsonNode.Parse(Event))).Status);
    }

    [Fact]
    public async Task Sizes_are_limited_to_the_byte()
    {
        const string Secrets = "/api/v1/namespaces/demo/secrets";
        Assert.Equal(201, (await Cluster.SendAsync("POST", Secrets, Secret("a", 1024 * 1024))).Status);
        var data = await Cluster.SendAsync("POST", Secrets, Secret("b", (1024 * 1024) + 1));
        Assert.Equal((422, "Secret \"b\" is invalid: data: Too long: may not be more than 1048576 bytes"), (data.Status, data.Message));

        Assert.Equal(201, (await Cluster.SendAsync("POST", Secrets, Annotated("c", 256 * 1024))).Status);
        var annotations = await Cluster.SendAsync("POST", Secrets, Annotated("d", (256 * 1024) + 1));
        Assert.Equal((422, "Secret \"d\" is invalid: metadata.annotations: Too long: may not be more than 262144 bytes"), (annotations.Status, annotations.Message));
        Assert.Equal("FieldValueTooLong", (string?)annotations.Json["details"]!["causes"]![0]!["reason"]);
        Assert.Throws<StatusException>(() => Cluster.State.PutSecret("demo", "f", [KeyValuePair.Create("a", new byte[(1024 * 1024) + 1])]));
    }

    [Theory]
    [InlineData("""{"metadata":{"name":"a"},"data":{"b":"c"}}""", "secrets", "illegal base64 data")]
    [InlineData("""{"metadata":{"name":"a"},"spec":{"renewTime":"2026-11-28T22:00:00Z"}}""", "leases", "parsing time")]
    public async Task What_cannot_be_decoded_is_a_bad_request(string body, string resource, string fault)
    {
        var group = resource == "leases" ? "apis/coordination.k8s.io" : "api";
        var answer = await Cluster.SendAsync("POST", $"/{group}/v1/namespaces/demo/{resource}", JsonNode.Parse(body));
        Assert.Equal(400, answer.Status);
        Assert.Contains(fault, answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_update_and_a_patch_are_validated_and_what_is_immutable_stays()
    {
        const string Path = "/api/v1/namespaces/demo/secrets/a";
        await Cluster.SendAsync("POST", "/api/v1/namespaces/demo/secrets", JsonNode.Parse("""{"metadata":{"name":"a"}}"""));
        Assert.Equal(422, (await Cluster.SendAsync("PUT", Path, JsonNode.Parse("""{"metadata":{"name":"a","labels":{"b":"-"}}}"""))).Status);
        Assert.Equal(422, (await Cluster.SendAsync("PATCH", Path, JsonNode.Parse("""{"metadata":{"labels":{"b":"-"}}}"""), contentType: "application/merge-patch+json")).Status);
        var type = await Cluster.SendAsync("PUT", Path, JsonNode.Parse("""{"metadata":{"name":"a"},"type":"other"}"""));
        Assert.Equal("Secret \"a\" is invalid: type: Invalid value: \"other\": field is immutable", type.Message);
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

    [Theory]
    [InlineData("/openid/v1/jwks", "application/jwk-set+json", 200)]
    [InlineData("/openid/v1/jwks", "application/json, */*;q=0.1", 200)]
    [InlineData("/openid/v1/jwks", "text/html", 406)]
    [InlineData("/.well-known/openid-configuration", "application/json", 200)]
    [InlineData("/.well-known/openid-configuration", "application/jwk-set+json", 406)]
    public async Task The_issuers_documents_are_served_in_their_own_form_alone(string path, string accept, int status) =>
        Assert.Equal(status, (await Cluster.GetAsync(path, accept: accept)).Status);

    private static string Long(string name, int length, char character) => new JsonObject { [name] = new string(character, length) }.ToJsonString();

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
