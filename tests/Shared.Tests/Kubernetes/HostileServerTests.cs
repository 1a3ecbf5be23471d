namespace ClusterTrust.Shared.Tests.Kubernetes;

/// <summary>Whatever an API server returns: the requested object, or a <see cref="KubernetesException"/> with a sentence. Nothing else is thrown.</summary>
public sealed class HostileServerTests : ClusterTest
{
    private KubernetesConnection _connection = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _connection = Cluster.InPod("an-opaque-token-4711").Open(new KubernetesOptions { Attempts = 1 });
    }

    [Fact]
    public async Task Hostile_errors_are_faults()
    {
        foreach (var seed in Soak.Inputs(150))
        {
            var status = new[] { 400, 401, 403, 404, 409, 410, 422, 429, 500, 503 }[seed % 10];
            Answer(status, new HostileJson(seed).Damage("""{"kind":"Status","status":"Failure","message":"leases is forbidden","reason":"Forbidden","details":{"kind":"leases"},"code":403}"""));

            await Assert.AtMostFaultAsync<KubernetesException>(() => _connection.JsonAsync());
        }
    }

    [Fact]
    public async Task A_token_that_the_server_repeats_is_redacted()
    {
        foreach (var status in new[] { 400, 403, 409, 429, 500 })
        {
            Answer(status, """{"kind":"Status","status":"Failure","message":"not with an-opaque-token-4711 nor with eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln"}"""u8.ToArray());

            var fault = await Assert.AtMostFaultAsync<KubernetesException>(() => _connection.JsonAsync());

            Assert.Contains("not with (redacted) nor with (redacted)", fault!.Message, StringComparison.Ordinal);
        }
    }

    private void Answer(int status, byte[] body) => Cluster.Server.Instead = async context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(body);
        return true;
    };
}
