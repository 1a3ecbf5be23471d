namespace ClusterTrust.Sandbox.Telemetry;

/// <summary>
/// Receives OTLP, over gRPC by <c>@grpc/grpc-js</c> and over HTTP, decoded by OpenTelemetry's own definitions from npm
/// (<c>tests/tools/otlp-receiver</c>). Dispose ends it.
/// </summary>
public sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly BinaryRunner _node;
    private RunningProcess _process = null!;

    private OtlpReceiver(string tools) => _node = new BinaryRunner(Tools.Find("node", "nodejs")) { WorkingDirectory = tools };

    public Uri Grpc { get; private set; } = null!;

    public Uri Http { get; private set; } = null!;

    /// <summary>Every value of every metric received: the name, its kind, its attributes, its value.</summary>
    public IReadOnlyList<OtlpPoint> Points() =>
    [
        .. from request in Requests("Metrics")
           from resource in Items(request, "resourceMetrics")
           from scope in Items(resource, "scopeMetrics")
           from metric in Items(scope, "metrics")
           let kind = new[] { "gauge", "sum", "histogram" }.First(name => metric[name] is not null)
           from point in Items(metric[kind]!, "dataPoints")
           select new OtlpPoint(
               metric["name"]!.GetValue<string>(),
               kind,
               Attributes(resource["resource"]!),
               Attributes(point),
               (point["asDouble"] ?? point["asInt"] ?? point["count"])?.GetValue<double>() ?? 0),
    ];

    public IReadOnlyList<OtlpSpan> Spans() =>
    [
        .. from request in Requests("Trace")
           from resource in Items(request, "resourceSpans")
           from scope in Items(resource, "scopeSpans")
           from span in Items(scope, "spans")
           select new OtlpSpan(
               span["name"]!.GetValue<string>(),
               span["traceId"]!.GetValue<string>(),
               span["spanId"]!.GetValue<string>(),
               span["parentSpanId"]?.GetValue<string>() ?? "",
               span["status"]?["code"]?.GetValue<string>() ?? "",
               Attributes(span)),
    ];

    public static async Task<OtlpReceiver> StartAsync() =>
        await new OtlpReceiver(await NpmTools.InstallAsync("otlp-receiver")).StartedAsync(receiver => receiver.RunAsync());

    public IReadOnlyList<JsonNode> Requests(string signal) =>
    [
        .. _process.StandardOutput.Split('\n').Skip(1).Where(static line => line.EndsWith('}')).Select(static line => JsonNode.Parse(line)!)
            .Where(request => request["signal"]!.GetValue<string>() == signal),
    ];

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    private async Task RunAsync()
    {
        _process = _node.Start(["receiver.mjs"]);
        await _process.WaitForOutputAsync("}\n", TimeSpan.FromMinutes(5));
        var ports = JsonNode.Parse(_process.StandardOutput.Split('\n')[0])!;
        Grpc = new Uri($"http://127.0.0.1:{ports["grpc"]}");
        Http = new Uri($"http://127.0.0.1:{ports["http"]}");
    }

    private static IEnumerable<JsonNode> Items(JsonNode node, string name) => (node[name] as JsonArray ?? []).Select(static item => item!);

    private static Dictionary<string, string> Attributes(JsonNode node) => Items(node, "attributes").ToDictionary(
        static attribute => attribute["key"]!.GetValue<string>(),
        static attribute => ((JsonObject)attribute["value"]!).First().Value!.ToString());
}

public sealed record OtlpPoint(
    string Name, string Kind, IReadOnlyDictionary<string, string> Resource, IReadOnlyDictionary<string, string> Attributes, double Value);

/// <summary>One span, as it came over OTLP.</summary>
/// <param name="ParentId">The id of the span around it; empty for the outermost.</param>
public sealed record OtlpSpan(
    string Name, string TraceId, string SpanId, string ParentId, string Status, IReadOnlyDictionary<string, string> Attributes);
