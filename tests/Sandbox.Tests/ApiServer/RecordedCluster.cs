using System.Text.Json.Nodes;
using ClusterTrust.Sandbox.ApiServer;

namespace ClusterTrust.Sandbox.Tests.ApiServer;

/// <summary>A cluster with the contents of the recorded one: 1,000 TLS Secrets over 20 namespaces and 500 others behind them.</summary>
public sealed class RecordedCluster : IAsyncLifetime
{
    private Cluster? cluster;

    internal Cluster Cluster => cluster!;

    public async Task InitializeAsync()
    {
        cluster = await Cluster.StartAsync(new ApiServerOptions());
        var state = cluster.State;
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
