namespace ClusterTrust.EndToEnd.Tests.Faults;

/// <summary>What one fault of one server does to a run of one job.</summary>
/// <param name="Fault">One of <see cref="FaultKinds.Names"/>.</param>
/// <param name="Once">The exit code when a single request fails, or the server is down for a second; null where a single occurrence is not meaningful.</param>
/// <param name="Lasting">The exit code while the fault persists.</param>
/// <param name="Message">A part of the message then.</param>
/// <param name="Left">What the run has changed then: <c>nothing</c>, <c>whole items</c> or <c>everything</c>.</param>
public sealed record FaultRow(string Job, string Server, string Fault, int? Once, int Lasting, string Message, string Left)
{
    public override string ToString() => $"{Job} × {Server} × {Fault}";
}

/// <summary>The fault matrix of <c>docs/reliability.md</c>.</summary>
internal static class FaultMatrix
{
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

    /// <summary>The rows of the page.</summary>
    public static IReadOnlyList<FaultRow> Rows { get; } =
    [
        .. Repository.TableOf("docs/reliability.md", "| Job | Server | Fault |").Select(static cells => new FaultRow(
            cells[0], cells[1], cells[2], cells[3] == "–" ? null : int.Parse(cells[3], CultureInfo.InvariantCulture), int.Parse(cells[4], CultureInfo.InvariantCulture), cells[5], cells[6])),
    ];
}
