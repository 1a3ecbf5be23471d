using System.Text.Json.Nodes;
using ClusterTrust.Sandbox.ApiServer;

namespace ClusterTrust.Sandbox.Tests.ApiServer;

/// <summary>Holds the server to what a real kube-apiserver 1.36.2 answered: status, headers, and bodies down to the order of properties.</summary>
public sealed class RecordingTests(RecordedCluster recorded) : IClassFixture<RecordedCluster>
{
    /// <summary>Those that only make sense one after the other, or with rights of their own, have tests of their own below.</summary>
    private static readonly string[] Apart =
        ["03-discovery-anonymous", "16-lease-create", "17-lease-create-exists", "18-lease-update", "19-lease-update-conflict", "26-list-continue-expired"];

    public static TheoryData<string> Independent => [.. Recording.Names.Except(Apart)];

    [Theory]
    [MemberData(nameof(Independent))]
    public async Task Answers_as_recorded(string name)
    {
        var recording = Recording.Read(name);
        AssertSame(recording, await ReplayAsync(recorded.Cluster, recording));
    }

    [Fact]
    public void Every_recording_is_replayed() => Assert.Equal(35, Recording.Names.Count());

    [Fact]
    public async Task Answers_as_recorded_when_a_binding_lets_anonymous_read_the_issuer()
    {
        await using var cluster = await Cluster.StartAsync(new ApiServerOptions());
        var recording = Recording.Read("03-discovery-anonymous");
        cluster.Server.Rbac.Grant(Subject.Group("system:unauthenticated"), null, PolicyRule.ForPaths([recording.Path], "get"));
        AssertSame(recording, await ReplayAsync(cluster, recording));
    }

    [Fact]
    public async Task Answers_as_recorded_when_a_continue_token_outlived_a_compaction()
    {
        await using var cluster = await Cluster.StartAsync();
        cluster.State.PutSecret("team-0", "app-0-tls", []);
        cluster.State.PutSecret("team-0", "app-100-tls", []);
        var recording = Recording.Read("26-list-continue-expired");
        AssertSame(recording, await ReplayAsync(cluster, recording));
    }

    [Fact]
    public async Task Answers_as_recorded_over_the_life_of_a_lease()
    {
        await using var cluster = await Cluster.StartAsync();
        cluster.State.AddNamespace("demo");
        var create = Recording.Read("16-lease-create");
        var created = await ReplayAsync(cluster, create);
        AssertSame(create, created);

        var again = Recording.Read("17-lease-create-exists");
        AssertSame(again, await ReplayAsync(cluster, again));

        foreach (var name in new[] { "18-lease-update", "19-lease-update-conflict" })
        {
            var update = Recording.Read(name);
            var metadata = update.RequestBody!["metadata"]!;
            foreach (var property in new[] { "uid", "resourceVersion" })
            {
                metadata[property] = created.Json["metadata"]![property]!.DeepClone();
            }

            AssertSame(update, await ReplayAsync(cluster, update));
        }
    }

    private static async Task<Answer> ReplayAsync(Cluster cluster, Recording recording)
    {
        var token = recording.Identity switch
        {
            "anonymous" => "",
            "service account" when recording.Status == 401 => "not.a.token",
            "service account" => cluster.Server.IssueToken("demo", "job"),
            _ => cluster.Server.AdminToken,
        };
        var path = recording.Path;
        if (path.Contains("continue=ey", StringComparison.Ordinal))
        {
            // The recorded token names a revision of another cluster: move it to one that a list here has just begun at.
            var begun = await cluster.GetAsync("/api/v1/secrets?limit=1");
            path = ContinueTokens.MoveTo(path, ContinueTokens.RevisionOf(begun.Continue!));
            if (recording.Status == 410)
            {
                cluster.State.Compact();
            }
        }

        return await cluster.SendAsync(recording.Method, path, recording.RequestBody, token, recording.Accepts);
    }

    private static void AssertSame(Recording recording, Answer answer)
    {
        Assert.Equal(recording.Status, answer.Status);
        foreach (var (name, value) in recording.Headers)
        {
            Assert.Equal(value, answer.Headers.GetValueOrDefault(name));
        }

        var isText = recording.Headers["content-type"].StartsWith("text/", StringComparison.Ordinal);
        Assert.Equal(Normalized.Of(recording.Body), Normalized.Of(isText ? JsonValue.Create(answer.Text) : answer.Json));
    }
}

/// <summary>A cluster with the contents of the recorded one: 1,000 TLS Secrets over 20 namespaces and 500 others behind them.</summary>
public sealed class RecordedCluster : IAsyncLifetime
{
    private Cluster? _cluster;

    internal Cluster Cluster => _cluster!;

    public async Task InitializeAsync()
    {
        _cluster = await Cluster.StartAsync(new ApiServerOptions());
        var state = _cluster.State;
        state.AddServiceAccount("demo", "job");
        for (var i = 0; i < 1000; i++)
        {
            state.PutSecret($"team-{i % 20}", $"app-{i}-tls", [KeyValuePair.Create("tls.crt", "leaf"u8.ToArray())]);
        }

        for (var i = 0; i < 500; i++)
        {
            state.PutSecret($"team-{i % 20}", $"config-{i}", [KeyValuePair.Create("value", "1"u8.ToArray())], type: "Opaque");
        }

        foreach (var item in new[] { "07-list-page-1", "08-list-page-2" }.SelectMany(static name => Recording.Read(name).Body["items"]!.AsArray()))
        {
            state.Put(ResourceType.Secrets, (JsonObject)item!);
        }
    }

    public async Task DisposeAsync() => await Cluster.DisposeAsync();
}
