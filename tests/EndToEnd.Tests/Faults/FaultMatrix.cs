using System.Globalization;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.EndToEnd.Tests.Faults;

/// <summary>What must come of each fault: the table of <c>docs/reliability.md</c>, which is the only place where it stands.</summary>
internal static class FaultMatrix
{
    public const string ApiServer = "API server";
    public const string Entra = "Entra ID";
    public const string KeyVault = "Key Vault";
    public const string Git = "Git over HTTPS";
    public const string GitHub = "GitHub API";
    public const string PublicUrl = "public URL";

    /// <summary>Which job speaks to which server.</summary>
    public static IReadOnlyList<(string Job, string Server)> Pairs { get; } =
    [
        ("certsync", ApiServer), ("certsync", Entra), ("certsync", KeyVault),
        ("oidc publish", ApiServer), ("oidc publish", Git), ("oidc publish", GitHub), ("oidc publish", PublicUrl),
        ("oidc verify", PublicUrl),
    ];

    /// <summary>The rows.</summary>
    public static IReadOnlyList<FaultRow> Rows { get; } =
    [
        .. File.ReadLines(Path.Combine(Binaries.RepositoryRoot(AppContext.BaseDirectory), "docs", "reliability.md"))
            .Where(static line => Pairs.Any(pair => line.StartsWith($"| {pair.Job} | {pair.Server} | ", StringComparison.Ordinal)))
            .Select(Read),
    ];

    private static FaultRow Read(string line)
    {
        var cells = line.Trim().Trim('|').Split('|', StringSplitOptions.TrimEntries);
        return new FaultRow(
            cells[0], cells[1], cells[2],
            cells[3] == "–" ? null : int.Parse(cells[3], CultureInfo.InvariantCulture),
            int.Parse(cells[4], CultureInfo.InvariantCulture),
            cells[5],
            cells[6]);
    }
}
