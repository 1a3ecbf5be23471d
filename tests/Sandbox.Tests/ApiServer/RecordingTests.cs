namespace ClusterTrust.Sandbox.Tests.ApiServer;

/// <summary>
/// Holds the server to what a real kube-apiserver 1.36.2 answered to the same requests in the same order: status, headers, and bodies down to
/// the order of properties.
/// </summary>
public sealed class RecordingTests : IAsyncLifetime
{
    private static readonly string[] Headers = ["Content-Type", "Cache-Control", "X-Content-Type-Options"];

    private KubeApiServer Server { get; } = new(CertificateAuthority.OfProcess, new ApiServerOptions { Issuer = "https://someone.github.io" });

    private HttpClient Client { get; } = new(new HostRoutes().CreateHandler(CertificateAuthority.OfProcess));

    public Task InitializeAsync() => Server.StartAsync();

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
    }

    [Fact]
    public async Task Every_request_is_answered_as_recorded()
    {
        var (last, differences) = (new Dictionary<string, string>(), new List<string>());
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "recordings", "kube-apiserver", "exchanges.jsonl")))
        {
            // What the answers before gave: a uid, a version, a continue token.
            var exchange = JsonNode.Parse(last.Aggregate(line, static (text, known) => text.Replace($"<{known.Key}>", known.Value, StringComparison.Ordinal)))!;
            if (exchange["wait"] is not null)
            {
                Server.State.Compact();
            }

            var answer = await SendAsync(exchange);
            var isJson = answer.Headers["Content-Type"].Contains("json", StringComparison.Ordinal);
            var expected = Normalized.Of((int)exchange["status"]!, Headers.Select(name => (string?)exchange["headers"]![name]), exchange["answer"]!);
            var actual = Normalized.Of(answer.Status, Headers.Select(name => answer.Headers.GetValueOrDefault(name)), isJson ? answer.Json : answer.Text);
            if (expected != actual)
            {
                differences.Add($"{exchange["when"]}\n  recorded: {expected}\n  answered: {actual}");
            }

            foreach (var (name, property) in new[] { ("uid", "uid"), ("version", "resourceVersion"), ("continue", "continue") })
            {
                if (isJson && answer.Json["metadata"]?[property] is { } value)
                {
                    last[name] = (string)value!;
                }
            }
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    /// <summary>As a real server does, which the recordings cannot show: one of them is not repeated, and Go's framing is not in them.</summary>
    [Fact]
    public async Task A_write_that_changes_nothing_gives_no_version_and_only_a_short_answer_has_a_length()
    {
        var versions = new[] { "one", "one", "two" }.Select(value => Server.State.PutSecret("default", "long", [KeyValuePair.Create(value, new byte[4096])]).ResourceVersion).ToArray();
        Assert.Equal(versions[0], versions[1]);
        Assert.NotEqual(versions[0], versions[2]);
        Assert.True((await SendAsync(Get("/version"))).Headers.ContainsKey("Content-Length"));
        Assert.False((await SendAsync(Get("/api/v1/namespaces/default/secrets/long"))).Headers.ContainsKey("Content-Length"));
        static JsonObject Get(string path) => new() { ["method"] = "GET", ["path"] = path };
    }

    private Task<Answer> SendAsync(JsonNode exchange) => Answer.ToAsync(
        Client,
        (string)exchange["method"]!,
        new Uri(Server.LoopbackAddress, (string)exchange["path"]!),
        (string?)exchange["identity"] switch
        {
            null => Server.AdminToken,
            "service account" => Server.IssueToken("recorded", "job"),
            "anonymous" => null,
            _ => "not.a.token",
        },
        exchange["body"] is { } body ? JsonText.Bytes(body) : null,
        (string?)exchange["contentType"] ?? "application/json",
        (string?)exchange["accept"] ?? "application/json");
}
