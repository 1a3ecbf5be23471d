namespace ClusterTrust.EndToEnd.Tests.Faults;

/// <summary>What one fault of one server does to a run of one job.</summary>
/// <param name="Fault">One of <see cref="FaultKinds.Names"/>.</param>
/// <param name="Once">The exit code when a single request fails, or the server is down for a second; null where a single occurrence is not meaningful.</param>
/// <param name="Lasting">The exit code while the fault persists.</param>
/// <param name="Message">A part of the message then.</param>
/// <param name="Left">What the run has changed then: <see cref="FaultMatrix.Nothing"/>, <see cref="FaultMatrix.WholeItems"/> or <see cref="FaultMatrix.Everything"/>.</param>
public sealed record FaultRow(string Job, string Server, string Fault, int? Once, int Lasting, string Message, string Left)
{
    public override string ToString() => $"{Job} × {Server} × {Fault}";
}

/// <summary>The fault matrix. <c>make docs</c> writes it into <c>docs/reliability.md</c>.</summary>
internal static class FaultMatrix
{
    public const string Nothing = "nothing";
    public const string WholeItems = "whole items";
    public const string Everything = "everything";
    public const string ApiServer = "API server";
    public const string Entra = "Entra ID";
    public const string KeyVault = "Key Vault";
    public const string Git = "Git over HTTPS";
    public const string GitHub = "GitHub API";
    public const string PublicUrl = "public URL";

    /// <summary>Which job connects to which server.</summary>
    public static IReadOnlyList<(string Job, string Server)> Pairs { get; } =
    [
        ("certsync", ApiServer), ("certsync", Entra), ("certsync", KeyVault), ("certsync verify", KeyVault),
        ("oidc publish", ApiServer), ("oidc publish", Git), ("oidc publish", GitHub), ("oidc publish", PublicUrl),
        ("oidc verify", PublicUrl),
    ];

    public static IReadOnlyList<FaultRow> Rows { get; } =
    [
        .. OfApiServer("certsync", WholeItems, new(0, 1, "was not found (404)", "404"), new(1, 1, "is not the JSON of a Kubernetes API server", "not JSON"), new(1, 1, "is not the Lease", "other JSON")),
        .. Of("certsync", Entra,
            new(0, 1, "login.microsoftonline.com cannot be reached", FaultKinds.DownAtStart, FaultKinds.DownMidRun, FaultKinds.Slow, "reset", "truncated body"),
            new(1, 1, "Entra ID answered AADSTS", "401", "403", "404", "409", "410"),
            new(0, 1, "Entra ID answered AADSTS", "429", "429 with Retry-After", "500", "503"),
            new(1, 1, "login.microsoftonline.com returned no token", "not JSON", "other JSON"),
            new(null, 1, "it presents a certificate that is not trusted", FaultKinds.UnknownCa),
            new(null, 1, "it presents a certificate that is not currently valid", FaultKinds.Expired)),
        .. OfVault("certsync", WholeItems),
        .. OfVault("certsync verify", Nothing),
        .. OfApiServer("oidc publish", Nothing, new(2, 2, "was answered with 404", "404"), new(3, 3, "is HTML or XML, not JSON", "not JSON"), new(3, 3, "has no issuer that is a string", "other JSON")),
        .. Of("oidc publish", Git,
            new(0, 1, "refused the connection to github.com", FaultKinds.DownAtStart),
            new(0, 1, "github.com", FaultKinds.DownMidRun, "truncated body"),
            new(0, 1, "sent nothing for 15 s", FaultKinds.Slow),
            new(0, 1, "github.com:443 cannot be reached", "reset"),
            new(2, 2, "refused the token (401)", "401"),
            new(2, 2, "The token may not read the repository", "403"),
            new(2, 2, "There is no repository", "404"),
            new(2, 2, "answered STATUS: correct the address", "409", "410"),
            new(0, 1, "answered STATUS: try again later", "429", "429 with Retry-After", "500", "503"),
            new(2, 2, "is not in the Git protocol", "not JSON", "other JSON"),
            new(null, 2, "The server github.com presents a certificate that is not trusted", FaultKinds.UnknownCa),
            new(null, 2, "The server github.com presents a certificate that is not currently valid", FaultKinds.Expired)),
        .. Of("oidc publish", GitHub,
            new(0, 1, "https://api.github.com/ cannot be reached", FaultKinds.DownAtStart, FaultKinds.DownMidRun, "reset", "truncated body"),
            new(0, 1, "did not answer within 15 seconds", FaultKinds.Slow),
            new(2, 2, "GitHub does not accept the token", "401"),
            new(2, 2, "The token may not write to", "403"),
            new(2, 2, "There is no repository", "404"),
            new(2, 2, "GitHub refused the request", "409", "410"),
            new(0, 1, "GitHub's rate limit is used up", "429", "429 with Retry-After"),
            new(0, 1, "still answers STATUS", "500", "503"),
            new(0, 1, "is not from GitHub's API", "not JSON", "other JSON"),
            new(null, 2, "presents a certificate that is not trusted", FaultKinds.UnknownCa),
            new(null, 2, "presents a certificate that is not currently valid", FaultKinds.Expired)),
        .. OfPublicUrl("oidc publish"),
        .. OfPublicUrl("oidc verify"),
    ];

    public static string Table { get; } = "| Job | Server | Fault | Once | Lasting | Message | Left behind |\n|---|---|---|---|---|---|---|\n" + string.Concat(Rows.Select(
        static row => string.Create(CultureInfo.InvariantCulture, $"| {row.Job} | {row.Server} | {row.Fault} | {row.Once?.ToString(CultureInfo.InvariantCulture) ?? "–"} | {row.Lasting} | {row.Message} | {row.Left} |\n")));

    /// <summary>The rows of a job and a server in the order of the faults, one for each fault of each outcome.</summary>
    private static IEnumerable<FaultRow> Of(string job, string server, params Outcome[] outcomes) =>
        from fault in FaultKinds.Names
        from outcome in outcomes
        where outcome.Faults.Contains(fault)
        select new FaultRow(job, server, fault, outcome.Once, outcome.Lasting, outcome.Message.Replace("STATUS", fault.Split(' ')[0], StringComparison.Ordinal), outcome.Left);

    private static IEnumerable<FaultRow> OfApiServer(string job, string midRun, params Outcome[] ofJob) => Of(job, ApiServer,
        [
            new(0, 1, "refused the connection: check that it is running", FaultKinds.DownAtStart),
            new(0, 1, "refused the connection", FaultKinds.DownMidRun) { Left = midRun },
            new(0, 1, "in time: check its load and the network", FaultKinds.Slow),
            new(0, 1, "was interrupted during GET", "reset"),
            new(0, 1, "was interrupted during", "truncated body"),
            new(1, 1, "rejected the credentials", "401"),
            new(2, 2, "is forbidden (403)", "403"),
            new(1, 1, "conflicts with another change (409)", "409"),
            new(1, 1, "requests a version that has expired (410)", "410"),
            new(0, 1, "was throttled (429)", "429", "429 with Retry-After"),
            new(0, 1, "failed on the server (STATUS)", "500", "503"),
            new(null, 2, "presents a certificate that is not trusted", FaultKinds.UnknownCa),
            new(null, 1, "presents a certificate that is not currently valid", FaultKinds.Expired),
            .. ofJob,
        ]);

    private static IEnumerable<FaultRow> OfVault(string job, string midRun) => Of(job, KeyVault,
            new(0, 1, "the proxy of HTTPS_PROXY did not open a tunnel", FaultKinds.DownAtStart),
            new(0, 1, "cannot be reached at", FaultKinds.DownMidRun) { Left = midRun },
            new(0, 1, "the request timed out", FaultKinds.Slow),
            new(0, 1, "cannot be reached at", "reset", "truncated body"),
            new(0, 1, "it rejected the token", "401"),
            new(1, 1, "it is forbidden", "403"),
            new(1, 1, "check the vault's address", "404"),
            new(1, 1, "there is a conflict", "409"),
            new(1, 1, "it rejected the request with status 410", "410"),
            new(0, 1, "it still throttled the requests", "429", "429 with Retry-After"),
            new(0, 1, "the service failed with status STATUS", "500", "503"),
            new(1, 1, "is not Key Vault's; check the vault's address", "not JSON", "other JSON"),
            new(null, 1, "it presents a certificate that is not trusted", FaultKinds.UnknownCa),
            new(null, 1, "it presents a certificate that is not currently valid", FaultKinds.Expired));

    /// <summary>A publication has committed before it checks the URL; it fails only if the response is wrong, and not if there is none. A verification always fails.</summary>
    private static IEnumerable<FaultRow> OfPublicUrl(string job)
    {
        Outcome[] ofPublication =
        [
            new(0, 0, "The proxy refused the connection to example.github.io", FaultKinds.DownAtStart),
            new(0, 0, "example.github.io", FaultKinds.DownMidRun, "truncated body"),
            new(0, 0, "did not answer within 15 seconds", FaultKinds.Slow),
            new(0, 0, "cannot be reached", "reset"),
            new(0, 1, "was answered with STATUS and not 200", "401", "403", "409", "410"),
            new(0, 1, "was not found (404)", "404"),
            new(0, 0, "was answered with STATUS; try again later", "429", "429 with Retry-After", "500", "503"),
            new(0, 1, "is HTML or XML, not JSON", "not JSON"),
            new(0, 1, "has no issuer that is a string", "other JSON"),
            new(null, 0, "presents a certificate that is not trusted", FaultKinds.UnknownCa),
            new(null, 1, "presents a certificate that is not currently valid", FaultKinds.Expired),
        ];
        return Of(job, PublicUrl, [.. ofPublication.Select(one => job == "oidc publish"
            ? one with { Left = Everything }
            : one with { Once = one.Once is null ? null : 1, Lasting = 1 })]);
    }

    /// <summary>What some faults do alike; <c>STATUS</c> in the message is the status that is answered.</summary>
    private sealed record Outcome(int? Once, int Lasting, string Message, params string[] Faults)
    {
        public string Left { get; init; } = Nothing;
    }
}
