using k8s.Models;
using Microsoft.AspNetCore.Http;

namespace ClusterTrust.CertSync.Tests.Leases;

/// <summary>A test with an API server that keeps Leases, and a clock of its own.</summary>
public abstract class LeaseTest : ClusterTest
{
    private protected static readonly TimeSpan Duration = RunLease.Duration;

    private protected static readonly DateTimeOffset Start = new(2026, 11, 24, 14, 0, 0, TimeSpan.Zero);

    private Action? _beforeWrite;
    private int _changes;

    private protected TimerClock Clock { get; } = new(Start);

    /// <summary>The bodies of the writes, in order.</summary>
    private protected ConcurrentQueue<string> Written { get; } = new();

    private protected KubernetesConnection Connection { get; private set; } = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        Server.State.AddNamespace("demo");
        Server.OnRequest = async context =>
        {
            if (!HttpMethods.IsGet(context.Request.Method))
            {
                context.Request.EnableBuffering();
                Written.Enqueue(await new StreamReader(context.Request.Body).ReadToEndAsync());
                context.Request.Body.Position = 0;
                Interlocked.Exchange(ref _beforeWrite, null)?.Invoke();
            }
        };

        // As a real API server, whatever was written.
        Server.Tamper = static (context, body) => context.Response.StatusCode is 200 or 201 && JsonNode.Parse(body) is JsonObject lease ? WithManagedFields(lease) : body;
        Connection = Connect(attempts: 1, clock: Clock);
    }

    /// <summary>The Lease as stored; null for none.</summary>
    private protected JsonObject? Stored => Server.State.Find(ResourceType.Leases, "demo", "certsync")?.Body;

    private protected string? Holder => (string?)Stored?["spec"]?["holderIdentity"];

    /// <summary>Stores the Lease as another client, in a new version.</summary>
    private protected void Store(DateTimeOffset renewed, string holder = "pod-a", int seconds = 15, int transitions = 0) => Store(new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = "certsync", ["namespace"] = "demo", ["labels"] = new JsonObject { ["app"] = "certsync" } },
        ["spec"] = new JsonObject
        {
            ["holderIdentity"] = holder,
            ["leaseDurationSeconds"] = seconds,
            ["leaseTransitions"] = transitions,
            ["acquireTime"] = "2026-11-24T13:50:31.448209Z",
            ["renewTime"] = renewed.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", null),
        },
    });

    private protected void Store(JsonObject lease)
    {
        lease["metadata"]!["annotations"] = new JsonObject { ["changed"] = $"{++_changes}" };
        Server.State.Put(ResourceType.Leases, lease);
    }

    /// <summary>Runs before the next write is handled.</summary>
    private protected void BeforeWrite(Action act) => _beforeWrite = act;

    private protected RunLease Lease(string holder, KubernetesConnection? connection = null) =>
        new(connection ?? Connection, "demo", "certsync", holder, Clock, NullLogger<RunLease>.Instance);

    /// <summary>Tries once to take the Lease.</summary>
    /// <returns>The Lease, null if another holds it, and what the other wrote.</returns>
    private protected static async Task<(RunLease? Held, V1LeaseSpec? Other)> AcquireAsync(RunLease lease) =>
        await lease.TryAcquireAsync(CancellationToken.None) is { } other ? (null, other) : (lease, null);

    private protected Task<(RunLease? Held, V1LeaseSpec? Other)> AcquireAsync(string holder) => AcquireAsync(Lease(holder));

    private static byte[] WithManagedFields(JsonObject lease)
    {
        lease["metadata"]!["managedFields"] = new JsonArray(new JsonObject { ["manager"] = "unknown", ["operation"] = "Update" });
        return Encoding.UTF8.GetBytes(lease.ToJsonString());
    }
}
