namespace ClusterTrust.Shared.Tests.Kubernetes;

public sealed class JobEventsTests : ClusterTest
{
    [Theory]
    [InlineData(ExitCode.Done, "Normal", "RunDone")]
    [InlineData(ExitCode.Failed, "Warning", "RunFailed")]
    [InlineData(ExitCode.Usage, "Warning", "RunMisconfigured")]
    [InlineData(ExitCode.Refused, "Warning", "RunRefused")]
    [InlineData(ExitCode.ChangesPending, "Normal", "RunDone")]
    [InlineData(ExitCode.Terminated, "Normal", "RunStopped")]
    public async Task The_Job_of_the_run_gets_one_Event_with_the_result(ExitCode code, string type, string reason)
    {
        var connection = Cluster.InPod().Open(clock: TimeProvider.System);
        await using var services = new ServiceCollection()
            .AddSingleton(_ => connection)
            .AddSingleton(_ => new EventRecorder(connection, "clustertrust.dev/certsync", "certsync-now-x1", NullLogger<EventRecorder>.Instance))
            .BuildServiceProvider();
        var events = new JobEvents(
            "certsync-now", "u-1", services, new JobRun { Job = "certsync", Command = "sync", RunId = "0123456789ab", Output = TextWriter.Null });

        await events.RunEndedAsync(new JobResult(code, "2 created\nand more"), CancellationToken.None);
        await events.RunEndedAsync(new JobResult(code, "2 created\nand more"), CancellationToken.None);

        var sent = JsonNode.Parse(Assert.Single(Cluster.Bodies))!;
        var request = Assert.Single(Cluster.Server.Requests);
        Assert.Equal("POST /apis/events.k8s.io/v1/namespaces/demo/events", $"{request.Method} {request.Path}");
        Assert.Equal((type, reason), ((string?)sent["type"], (string?)sent["reason"]));
        Assert.Equal($"sync: 2 created and more (exit code {(int)code}, run 0123456789ab)", (string?)sent["note"]);
        Assert.Equal("""{"apiVersion":"batch/v1","kind":"Job","name":"certsync-now","namespace":"demo","uid":"u-1"}""", sent["regarding"]!.ToJsonString());
    }
}
