using System.Text;
using System.Text.Json.Nodes;
using ClusterTrust.Kubernetes.Events;
using ClusterTrust.Sandbox.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterTrust.Shared.Tests.Kubernetes;

public sealed class EventRecorderTests
{
    private static readonly ObjectReference Secret = ObjectReference.Secret("team-0", "app-0-tls");

    [Fact]
    public async Task An_event_is_written_as_recorded_under_a_name_of_its_own()
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.InPod().Server.Knows("20");
        using var connection = cluster.Open(clock: TimeProvider.System);
        var events = new EventRecorder(connection, "certsync", "certsync-abc", NullLogger<EventRecorder>.Instance);

        await RecordAsync(events, "imported");

        Assert.Equal(201, Assert.Single(cluster.Server.Requests).Status);
        var sent = JsonNode.Parse(Assert.Single(cluster.Server.Bodies))!;
        var recorded = JsonNode.Parse(Recording.Number("20").RequestBody.GetRawText())!;
        Assert.Matches("^certsync\\.[0-9a-f]{20}$", (string?)sent["metadata"]!["name"]);
        Assert.Matches("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z$", (string?)sent["eventTime"]);
        foreach (var changing in new[] { "metadata", "eventTime" })
        {
            sent.AsObject().Remove(changing);
            recorded.AsObject().Remove(changing);
        }

        Assert.True(JsonNode.DeepEquals(recorded, sent), sent.ToJsonString());
    }

    [Fact]
    public async Task The_same_event_is_written_once_a_run_and_another_note_is_another_event()
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.InPod().Server.Knows("20");
        using var connection = cluster.Open(clock: TimeProvider.System);
        var events = new EventRecorder(connection, "certsync", "certsync-abc", NullLogger<EventRecorder>.Instance);

        await RecordAsync(events, "imported");
        await RecordAsync(events, "imported");
        await RecordAsync(events, "imported again");

        Assert.Equal(2, cluster.Server.Requests.Count);
    }

    [Fact]
    public async Task A_long_note_is_cut_to_what_the_server_takes()
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.InPod().Server.Knows("20");
        using var connection = cluster.Open(clock: TimeProvider.System);
        var events = new EventRecorder(connection, "certsync", "certsync-abc", NullLogger<EventRecorder>.Instance);

        await RecordAsync(events, "x" + string.Concat(Enumerable.Repeat("🔑", 400)));

        var note = (string)JsonNode.Parse(Assert.Single(cluster.Server.Bodies))!["note"]!;
        Assert.Equal(1021, Encoding.UTF8.GetByteCount(note));
        Assert.DoesNotContain('\uFFFD', note);
    }

    [Theory]
    [InlineData(500, 1)]
    [InlineData(409, 1)]
    [InlineData(401, 2)]
    [InlineData(429, 1)]
    public async Task A_fault_of_the_server_fails_nothing_and_is_not_waited_for(int status, int requests)
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.InPod().Server.Faults.Next(new Fault.Status(status, RetryAfterSeconds: 20), 9);
        using var connection = cluster.Open(clock: TimeProvider.System);
        var events = new EventRecorder(connection, "certsync", "certsync-abc", NullLogger<EventRecorder>.Instance);

        await RecordAsync(events, "imported");

        Assert.Equal(requests, cluster.Server.Requests.Count);
    }

    [Fact]
    public async Task A_server_that_is_gone_fails_nothing()
    {
        await using var cluster = await TestCluster.StartAsync();
        using var connection = cluster.InPod().Open(clock: TimeProvider.System);
        var events = new EventRecorder(connection, "certsync", "certsync-abc", NullLogger<EventRecorder>.Instance);
        await cluster.Server.StopAsync();

        await RecordAsync(events, "imported");
    }

    [Fact]
    public async Task After_a_403_no_further_event_is_tried()
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.InPod().Server.Faults.Next(new Fault.Status(403), 9);
        using var connection = cluster.Open(clock: TimeProvider.System);
        var events = new EventRecorder(connection, "certsync", "certsync-abc", NullLogger<EventRecorder>.Instance);

        await RecordAsync(events, "one");
        await RecordAsync(events, "two");

        Assert.Single(cluster.Server.Requests);
    }

    private static Task RecordAsync(EventRecorder events, string note) =>
        events.RecordAsync(Secret, EventType.Normal, "Imported", "Import", note, CancellationToken.None);
}
