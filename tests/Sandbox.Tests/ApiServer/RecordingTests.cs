namespace ClusterTrust.Sandbox.Tests.ApiServer;

/// <summary>
/// Holds the server to what a real kube-apiserver 1.36.2 answered to the same requests in the same order: status, headers, and bodies down to
/// the order of properties.
/// </summary>
public sealed class RecordingTests
{
    private static readonly string[] Headers = ["Content-Type", "Cache-Control", "X-Content-Type-Options"];

    [Fact]
    public async Task Every_request_is_answered_as_recorded()
    {
        await using var cluster = await Cluster.StartAsync(new ApiServerOptions { Issuer = "https://someone.github.io" });
        var (last, differences) = (new Dictionary<string, string>(), new List<string>());
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "recordings", "kube-apiserver", "exchanges.jsonl")))
        {
            // What the answers before gave: a uid, a version, a continue token.
            var exchange = JsonNode.Parse(last.Aggregate(line, static (text, known) => text.Replace($"<{known.Key}>", known.Value, StringComparison.Ordinal)))!;
            if (exchange["wait"] is not null)
            {
                cluster.Server.State.Compact();
            }

            var answer = await cluster.SendAsync(
                (string)exchange["method"]!,
                (string)exchange["path"]!,
                exchange["body"] is { } body ? JsonText.Bytes(body) : null,
                TokenOf(cluster, (string?)exchange["identity"]),
                (string?)exchange["accept"] ?? "application/json",
                (string?)exchange["contentType"] ?? "application/json");
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

    private static string TokenOf(Cluster cluster, string? identity) => identity switch
    {
        null => cluster.Server.AdminToken,
        "service account" => cluster.Server.IssueToken("recorded", "job"),
        "anonymous" => "",
        _ => "not.a.token",
    };
}
