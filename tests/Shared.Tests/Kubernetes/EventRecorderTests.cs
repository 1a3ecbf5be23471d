using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ClusterTrust.Kubernetes.Events;
using ClusterTrust.Sandbox.Servers;
using CsCheck;
using Microsoft.Extensions.Logging;
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
        Assert.Matches("^app-0-tls\\.[0-9a-f]{20}$", (string?)sent["metadata"]!["name"]);
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

    [Theory]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(422)]
    public async Task A_namespace_that_refuses_an_event_is_asked_once_and_named_in_one_warning(int status)
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.InPod().Server.Faults.Next(new Fault.Status(status), 1000);
        using var connection = cluster.Open(clock: TimeProvider.System);
        var log = new LogLines();
        var events = new EventRecorder(connection, "certsync", "certsync-abc", log);

        for (var i = 0; i < 100; i++)
        {
            await RecordAsync(events, $"note {i}");
            await RecordAsync(events, $"note {i}", ObjectReference.Secret("team-1", "app-1-tls"));
        }

        Assert.Equal(["team-0", "team-1"], cluster.Server.Requests.Select(static request => request.Path.Split('/')[5]));
        var warning = Assert.Single(log.Lines, static line => line.Level == LogLevel.Warning);
        Assert.StartsWith("Events in namespace team-0 are not written", warning.Text, StringComparison.Ordinal);
        Assert.Contains(status.ToString(CultureInfo.InvariantCulture), warning.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_three_faults_in_a_row_none_is_tried_and_one_that_is_written_begins_the_count_anew()
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.InPod().Server.Knows("20");
        using var connection = cluster.Open(clock: TimeProvider.System);
        var log = new LogLines();
        var events = new EventRecorder(connection, "certsync", "certsync-abc", log);

        for (var i = 0; i < 20; i++)
        {
            if (i is 0 or 1 or 3 or 4 or 5)
            {
                cluster.Server.Faults.Next(new Fault.Status(503), 1);
            }

            await RecordAsync(events, $"note {i}");
        }

        Assert.Equal([503, 503, 201, 503, 503, 503], cluster.Server.Requests.Select(static request => request.Status));
        Assert.Single(log.Lines, static line => line.Level == LogLevel.Warning);
    }

    [Theory]
    [InlineData("web-tls", "web-tls")]
    [InlineData("sub.web", "sub.web")]
    [InlineData("system:node/Web_1", "system-node-web-1")]
    [InlineData("-.a.-", "a")]
    [InlineData("a-.b", "a.b")]
    [InlineData("a..b", "a.b")]
    [InlineData("", "event")]
    [InlineData("日本.", "event")]
    public void An_events_name_is_the_objects_as_far_as_a_name_may_be_so(string name, string stem) =>
        Assert.Equal($"{stem}.0f", EventRecorder.NameOf(name, "0f"));

    [Fact]
    public void An_events_name_is_a_subdomain_of_at_most_253_characters_whatever_the_object_is_called() =>
        Gen.OneOf(Gen.String, Gen.Char["aZ09-./:_é\ud83d"].Array[0, 400].Select(static characters => new string(characters)))
            .Sample(static name => Assert.Matches(
                "^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$", EventRecorder.NameOf(name, "0123456789abcdef0123")));

    [Fact]
    public async Task A_reporter_without_a_name_is_unknown()
    {
        await using var cluster = await TestCluster.StartAsync();
        using var connection = cluster.InPod().Open(clock: TimeProvider.System);
        await RecordAsync(new EventRecorder(connection, "certsync", "", NullLogger<EventRecorder>.Instance), "note");
        Assert.Equal("unknown", (string?)JsonNode.Parse(Assert.Single(cluster.Server.Bodies))!["reportingInstance"]);
    }

    private static Task RecordAsync(EventRecorder events, string note, ObjectReference? regarding = null) =>
        events.RecordAsync(regarding ?? Secret, EventType.Normal, "Imported", "Import", note, CancellationToken.None);

    private sealed class LogLines : ILogger<EventRecorder>
    {
        public List<(LogLevel Level, string Text)> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add((logLevel, formatter(state, exception)));
    }
}
