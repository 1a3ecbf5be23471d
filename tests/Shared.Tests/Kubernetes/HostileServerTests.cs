using ClusterTrust.Hosting;
using ClusterTrust.Kubernetes;
using ClusterTrust.Kubernetes.Leases;
using ClusterTrust.Sandbox.Hostile;
using ClusterTrust.Sandbox.Soaking;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterTrust.Shared.Tests.Kubernetes;

/// <summary>Whatever an API server answers: what was asked for, or a <see cref="KubernetesException"/> with a sentence. Nothing else is thrown.</summary>
public sealed class HostileServerTests : ClusterTest
{
    private const string Slice = """{"kind":"EndpointSlice","metadata":{"name":"kubernetes"},"addressType":"IPv4","endpoints":[{"addresses":["10.0.0.4","fd00::4"],"conditions":{"ready":true}}],"ports":[{"name":"https","port":6443,"protocol":"TCP"}]}""";

    private KubernetesConnection _connection = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _connection = Cluster.InPod("an-opaque-token-4711").Open(new KubernetesOptions { Attempts = 1 });
    }

    [Fact]
    public async Task Hostile_EndpointSlices_name_addresses_or_nothing()
    {
        foreach (var seed in Soak.Inputs(400))
        {
            Answer(200, new HostileJson(seed).Damage(Slice));

            await AssertFaultOrAnswerAsync(async () => Assert.All(await _connection.ApiServersAsync(CancellationToken.None), static address => Assert.NotEqual(UriHostNameType.Dns, address.HostNameType)));
        }
    }

    [Fact]
    public async Task Hostile_leases_and_tokens_are_faults_or_read()
    {
        var leases = new LeaseLock(_connection, NullLogger<LeaseLock>.Instance);
        foreach (var seed in Soak.Inputs(200))
        {
            Answer(200, new HostileJson(seed).Damage(Recording.Number("16").Body));
            await AssertFaultOrAnswerAsync(async () =>
            {
                await using var held = (await leases.TryAcquireAsync("demo", "certsync", "pod-b", TimeSpan.FromSeconds(60), CancellationToken.None)).Held;
            });
            Answer(200, new HostileJson(seed).Damage(Recording.Number("21").Body));
            await AssertFaultOrAnswerAsync(async () => await _connection.CreateTokenAsync("demo", "certsync", [], TimeSpan.FromMinutes(10), CancellationToken.None));
        }
    }

    [Fact]
    public async Task Hostile_errors_are_faults()
    {
        foreach (var seed in Soak.Inputs(300))
        {
            var status = new[] { 400, 401, 403, 404, 409, 410, 422, 429, 500, 503 }[seed % 10];
            Answer(status, new HostileJson(seed).Damage("""{"kind":"Status","status":"Failure","message":"leases is forbidden","reason":"Forbidden","details":{"kind":"leases"},"code":403}"""));

            await AssertFaultOrAnswerAsync(async () => await _connection.ApiServersAsync(CancellationToken.None));
        }
    }

    [Fact]
    public async Task A_token_that_the_server_repeats_is_redacted()
    {
        foreach (var status in new[] { 400, 403, 409, 429, 500 })
        {
            Answer(status, """{"kind":"Status","status":"Failure","message":"not with an-opaque-token-4711 nor with eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln"}"""u8.ToArray());

            var fault = await Assert.ThrowsAsync<KubernetesException>(() => _connection.ApiServersAsync(CancellationToken.None));

            Assert.Contains("not with (redacted) nor with (redacted)", fault.Message, StringComparison.Ordinal);
        }
    }

    private void Answer(int status, byte[] body) => Cluster.Server.Instead = async context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(body);
        return true;
    };

    private static async Task AssertFaultOrAnswerAsync(Func<Task> ask)
    {
        try
        {
            await ask();
        }
        catch (JobException fault)
        {
            Assert.DoesNotContain(fault.Message, char.IsControl);
            Assert.InRange(fault.Message.Length, 20, 2000);
        }
    }
}
