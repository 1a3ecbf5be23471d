using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace ClusterTrust.Shared.Tests.Kubernetes;

/// <summary>Keeps one Lease as an API server does: created once, replaced only by who read the last version. Worded as recorded.</summary>
internal sealed class LeaseServer
{
    private const string Collection = "/apis/coordination.k8s.io/v1/namespaces/demo/leases";

    private readonly Lock gate = new();
    private int version = 2140;

    public LeaseServer(RecordedApiServer server) => server.First = HandleAsync;

    /// <summary>The lease as stored; null for none.</summary>
    public JsonNode? Lease { get; private set; }

    public string? Holder => (string?)Lease?["spec"]?["holderIdentity"];

    /// <summary>Runs before a write is looked at: another client that is faster.</summary>
    public Action? BeforeWrite { get; set; }

    /// <summary>Someone writes the lease. As on a real API server, every answer then has managedFields, whatever was written.</summary>
    public void Store(JsonNode lease)
    {
        lock (gate)
        {
            Lease = lease.DeepClone();
            Lease["metadata"]!["resourceVersion"] = $"{++version}";
            Lease["metadata"]!["managedFields"] = JsonNode.Parse(Recording.Number("18").Body)!["metadata"]!["managedFields"]!.DeepClone();
        }
    }

    /// <summary>A lease as recorded (16), held by pod-a for 60 s from the given time on.</summary>
    public static JsonNode Recorded(DateTimeOffset renewed, string holder = "pod-a")
    {
        var lease = JsonNode.Parse(Recording.Number("16").Body)!;
        lease["metadata"]!["labels"] = new JsonObject { ["app"] = "certsync" };
        lease["spec"]!["holderIdentity"] = holder;
        lease["spec"]!["renewTime"] = renewed.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", null);
        return lease;
    }

    private async Task<bool> HandleAsync(HttpContext context, string body)
    {
        if (!context.Request.Path.StartsWithSegments(Collection, StringComparison.Ordinal))
        {
            return false;
        }

        if (!HttpMethods.IsGet(context.Request.Method))
        {
            BeforeWrite?.Invoke();
        }

        var (status, answer) = Answer(context.Request.Method, body);
        await RecordedApiServer.AnswerAsync(context, status, answer);
        return true;
    }

    private (int Status, string Body) Answer(string method, string body)
    {
        lock (gate)
        {
            switch (method, Lease)
            {
                case ("POST", null):
                    Store(JsonNode.Parse(body)!);
                    return (201, Lease!.ToJsonString());
                case ("POST", _):
                    return (409, Recording.Number("17").Body);
                case (_, null):
                    return (404, Recording.Number("14").Body);
                case ("GET", var lease):
                    return (200, lease.ToJsonString());
                case ("PUT", var lease) when (string?)JsonNode.Parse(body)!["metadata"]!["resourceVersion"] == (string?)lease["metadata"]!["resourceVersion"]:
                    Store(JsonNode.Parse(body)!);
                    return (200, Lease!.ToJsonString());
                default:
                    return (409, Recording.Number("19").Body);
            }
        }
    }
}
