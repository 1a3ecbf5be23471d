using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.Sandbox.Tests.ApiServer;

public sealed class FaultTests
{
    [Theory]
    [InlineData(429, "TooManyRequests", "storage is (re)initializing")]
    [InlineData(500, "InternalError", "Internal error occurred: etcdserver: leader changed")]
    [InlineData(503, "ServiceUnavailable", "the server is currently unable to handle the request")]
    [InlineData(504, "Timeout", "Timeout: request did not complete within the allotted timeout")]
    public async Task A_fault_is_worded_as_a_Status(int code, string reason, string message)
    {
        await using var cluster = await Cluster.StartAsync();
        cluster.Server.Faults.Next(new Fault.Status(code, RetryAfterSeconds: 3));
        var answer = await cluster.GetAsync("/api/v1/secrets");
        Assert.Equal((code, reason, message, code), (answer.Status, answer.Reason, answer.Message, (int)answer.Json["code"]!));
        Assert.Equal(("application/json", "3"), (answer.Headers["Content-Type"], answer.Headers["Retry-After"]));
        Assert.Equal(200, (await cluster.GetAsync("/api/v1/secrets")).Status);
    }
}
