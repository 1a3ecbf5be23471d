using k8s.Models;

namespace ClusterTrust.Shared.Tests.Kubernetes;

public sealed class EventRecorderTests : ClusterTest
{
    private const string Event = """
        {"apiVersion":"events.k8s.io/v1","kind":"Event","reportingController":"certsync","reportingInstance":"certsync-abc","action":"Import","reason":"Imported",
         "regarding":{"apiVersion":"v1","kind":"Secret","namespace":"team-0","name":"app-0-tls"},"note":"imported","type":"Normal"}
        """;

    private readonly ListLogger<EventRecorder> _log = new();

    public EventRecorderTests() => Cluster.Server.State.AddNamespace("team-0");

    [Fact]
    public async Task An_Event_is_written_under_a_name_of_its_own()
    {
        await RecordAsync(Recorder(), "imported");
        Assert.Equal(201, Assert.Single(Cluster.Server.Requests).Status);
        var sent = JsonNode.Parse(Assert.Single(Cluster.Bodies))!;
        Assert.Matches("^app-0-tls\\.[0-9a-f]{20}$", (string?)sent["metadata"]!["name"]);
        Assert.Matches("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z$", (string?)sent["eventTime"]);
        sent.AsObject().Remove("metadata");
        sent.AsObject().Remove("eventTime");
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Event), sent), sent.ToJsonString());
    }

    [Fact]
    public async Task The_same_Event_is_written_once_a_run_and_another_note_is_another_Event()
    {
        var events = Recorder();
        await RecordAsync(events, "imported");
        await RecordAsync(events, "imported");
        await RecordAsync(events, "imported again");
        Assert.Equal(2, Cluster.Server.Requests.Count);
    }

    [Fact]
    public async Task A_long_note_is_cut_to_1024_bytes_between_two_characters()
    {
        await RecordAsync(Recorder(), "x" + string.Concat(Enumerable.Repeat("🔑", 400)));
        var note = (string)JsonNode.Parse(Assert.Single(Cluster.Bodies))!["note"]!;
        Assert.Equal(1021, Encoding.UTF8.GetByteCount(note));
        Assert.DoesNotContain('\uFFFD', note);
    }

    [Theory]
    [InlineData(500, 1)]
    [InlineData(409, 1)]
    [InlineData(401, 2)]
    [InlineData(429, 1)]
    public async Task A_fault_of_the_server_fails_nothing_and_is_not_retried(int status, int requests)
    {
        Cluster.Server.Faults.Next(new Fault.Status(status, RetryAfterSeconds: 20), 9);
        var events = Recorder();
        await RecordAsync(events, "imported");
        Assert.Equal(requests, Cluster.Server.Requests.Count);
        await Cluster.Server.StopAsync();
        await RecordAsync(events, "imported again");
    }

    [Theory]
    [InlineData(403), InlineData(404), InlineData(422)]
    public async Task A_namespace_that_refuses_an_Event_gets_no_further_one_and_is_named_in_one_warning(int status)
    {
        Cluster.Server.Faults.Next(new Fault.Status(status), 1000);
        var events = Recorder();
        for (var i = 0; i < 100; i++)
        {
            await RecordAsync(events, $"note {i}");
            await RecordAsync(events, $"note {i}", "team-1");
        }

        Assert.Equal(["team-0", "team-1"], Cluster.Server.Requests.Select(static request => request.Path.Split('/')[5]));
        var warning = Assert.Single(_log.Entries, IsWarning);
        Assert.Contains("Events in namespace team-0 are not written", warning, StringComparison.Ordinal);
        Assert.Contains($"{status}", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_three_faults_in_a_row_no_Event_is_sent_and_one_that_is_written_restarts_the_count()
    {
        var events = Recorder();
        for (var i = 0; i < 20; i++)
        {
            if (i is 0 or 1 or 3 or 4 or 5)
            {
                Cluster.Server.Faults.Next(new Fault.Status(503), 1);
            }

            await RecordAsync(events, $"note {i}");
        }

        Assert.Equal([503, 503, 201, 503, 503, 503], Cluster.Server.Requests.Select(static request => request.Status));
        Assert.Single(_log.Entries, IsWarning);
    }

    [Fact]
    public void The_name_of_an_Event_is_a_subdomain_of_at_most_253_characters()
    {
        Assert.Equal("sub.web.0f", EventRecorder.NameOf("sub.web", "0f"));
        Assert.Equal(new string('a', 248) + ".0f", EventRecorder.NameOf(new string('a', 248) + "-.-.", "0f"));
        Assert.Equal(253, EventRecorder.NameOf(new string('a', 253), "0123456789abcdef0123").Length);
    }

    private static bool IsWarning(string entry) => entry.StartsWith("Warning", StringComparison.Ordinal);

    internal static V1ObjectReference Secret(string ns, string name) => new() { ApiVersion = "v1", Kind = "Secret", NamespaceProperty = ns, Name = name };

    private static Task RecordAsync(EventRecorder events, string note, string ns = "team-0") =>
        events.RecordAsync(Secret(ns, "app-0-tls"), isWarning: false, "Imported", "Import", note, CancellationToken.None);

    private EventRecorder Recorder() => new(Cluster.InPod().Open(clock: TimeProvider.System), "certsync", "certsync-abc", _log);
}
