namespace ClusterTrust.EndToEnd.Tests.Faults;

/// <summary>The faults by the names they have in the matrix.</summary>
internal static class FaultKinds
{
    public const string DownAtStart = "down at start";
    public const string DownMidRun = "down in the middle";
    public const string Slow = "slow beyond the timeout";
    public const string UnknownCa = "TLS of an unknown CA";
    public const string Expired = "expired certificate";

    /// <summary>Faults that an answer can show.</summary>
    public static IReadOnlyDictionary<string, Fault> Answers { get; } = new Dictionary<string, Fault>
    {
        [Slow] = new Fault.Latency(TimeSpan.FromMinutes(1)),
        ["reset"] = new Fault.Reset(),
        ["truncated body"] = new Fault.Truncate(),
        ["401"] = new Fault.Status(401),
        ["403"] = new Fault.Status(403),
        ["404"] = new Fault.Status(404),
        ["409"] = new Fault.Status(409),
        ["410"] = new Fault.Status(410),
        ["429"] = Fault.TooManyRequests(),
        ["429 with Retry-After"] = Fault.TooManyRequests(1),
        ["500"] = new Fault.Status(500),
        ["503"] = Fault.Unavailable(),
        ["not JSON"] = new Fault.Status(200, Body: "<html><body>Welcome to the network</body></html>", ContentType: "text/html"),
        ["other JSON"] = new Fault.Status(200, Body: """{"welcome":["to","the","network"]}"""),
    };

    public static IReadOnlyList<string> Names { get; } = [DownAtStart, DownMidRun, .. Answers.Keys, UnknownCa, Expired];
}
