using System.Globalization;

namespace ClusterTrust.EndToEnd.Tests.Faults;

/// <summary>What a run has left behind while a fault lasted.</summary>
public enum Left
{
    Nothing,
    WholeItems,
    Everything,
}

/// <summary>What one fault of one server does to a run of one job.</summary>
/// <param name="Job">The command that runs.</param>
/// <param name="Server">The server that fails.</param>
/// <param name="Fault">The fault, one of <see cref="FaultKinds.Names"/>.</param>
/// <param name="Once">The exit code when a single request fails, or the server is down for a second; null where a single occurrence is not meaningful.</param>
/// <param name="Lasting">The exit code while the fault persists.</param>
/// <param name="Message">A part of the message then.</param>
/// <param name="Left">What the run has changed then.</param>
public sealed record FaultRow(string Job, string Server, string Fault, int? Once, int Lasting, string Message, Left Left)
{
    public override string ToString() => $"{Job} × {Server} × {Fault}";
}

/// <summary>The fault matrix. <c>make docs</c> writes it into <c>docs/reliability.md</c>.</summary>
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

    /// <summary>The rows, by job and server.</summary>
    public static IReadOnlyList<FaultRow> Rows { get; } =
    [
        .. OfApiServer("certsync", Left.WholeItems, new("404", 0, 1, "was not found (404)"), new("not JSON", 1, 1, "is not the JSON of a Kubernetes API server"), new("other JSON", 1, 1, "is not the Lease")),
        .. Of("certsync", Entra,
            new(FaultKinds.DownAtStart, 0, 1, "login.microsoftonline.com cannot be reached"),
            new(FaultKinds.DownMidRun, 0, 1, "login.microsoftonline.com cannot be reached"),
            new(FaultKinds.Slow, 0, 1, "login.microsoftonline.com cannot be reached"),
            new("reset", 0, 1, "login.microsoftonline.com cannot be reached"),
            new("truncated body", 0, 1, "login.microsoftonline.com cannot be reached"),
            new("401", 1, 1, "Entra ID answered AADSTS"),
            new("403", 1, 1, "Entra ID answered AADSTS"),
            new("404", 1, 1, "Entra ID answered AADSTS"),
            new("409", 1, 1, "Entra ID answered AADSTS"),
            new("410", 1, 1, "Entra ID answered AADSTS"),
            new("429", 0, 1, "Entra ID answered AADSTS"),
            new("429 with Retry-After", 0, 1, "Entra ID answered AADSTS"),
            new("500", 0, 1, "Entra ID answered AADSTS"),
            new("503", 0, 1, "Entra ID answered AADSTS"),
            new("not JSON", 1, 1, "login.microsoftonline.com returned no token"),
            new("other JSON", 1, 1, "login.microsoftonline.com returned no token"),
            new(FaultKinds.UnknownCa, null, 1, "its TLS certificate is not trusted or not currently valid"),
            new(FaultKinds.Expired, null, 1, "its TLS certificate is not trusted or not currently valid")),
        .. OfVault("certsync", Left.WholeItems),
        .. OfVault("certsync verify", Left.Nothing),
        .. OfApiServer("oidc publish", Left.Nothing, new("404", 2, 2, "was answered with 404"), new("not JSON", 3, 3, "is HTML or XML, not JSON"), new("other JSON", 3, 3, "has no issuer that is a string")),
        .. Of("oidc publish", Git,
            new(FaultKinds.DownAtStart, 0, 1, "refused the connection to github.com"),
            new(FaultKinds.DownMidRun, 0, 1, "github.com"),
            new(FaultKinds.Slow, 0, 1, "sent nothing for 15 s"),
            new("reset", 0, 1, "github.com:443 cannot be reached"),
            new("truncated body", 0, 1, "github.com"),
            new("401", 2, 2, "refused the token (401)"),
            new("403", 2, 2, "The token may not read the repository"),
            new("404", 2, 2, "There is no repository"),
            new("409", 2, 2, "answered 409: correct the address"),
            new("410", 2, 2, "answered 410: correct the address"),
            new("429", 0, 1, "answered 429: try again later"),
            new("429 with Retry-After", 0, 1, "answered 429: try again later"),
            new("500", 0, 1, "answered 500: try again later"),
            new("503", 0, 1, "answered 503: try again later"),
            new("not JSON", 2, 2, "is not in the Git protocol"),
            new("other JSON", 2, 2, "is not in the Git protocol"),
            new(FaultKinds.UnknownCa, null, 2, "The certificate of github.com is not trusted"),
            new(FaultKinds.Expired, null, 2, "The certificate of github.com is not trusted")),
        .. Of("oidc publish", GitHub,
            new(FaultKinds.DownAtStart, 0, 1, "https://api.github.com/ cannot be reached"),
            new(FaultKinds.DownMidRun, 0, 1, "https://api.github.com/ cannot be reached"),
            new(FaultKinds.Slow, 0, 1, "did not answer within 15 seconds"),
            new("reset", 0, 1, "https://api.github.com/ cannot be reached"),
            new("truncated body", 0, 1, "https://api.github.com/ cannot be reached"),
            new("401", 2, 2, "GitHub does not accept the token"),
            new("403", 2, 2, "The token may not write to"),
            new("404", 2, 2, "There is no repository"),
            new("409", 2, 2, "GitHub refused the request"),
            new("410", 2, 2, "GitHub refused the request"),
            new("429", 0, 1, "GitHub's rate limit is used up"),
            new("429 with Retry-After", 0, 1, "GitHub's rate limit is used up"),
            new("500", 0, 1, "still answers 500"),
            new("503", 0, 1, "still answers 503"),
            new("not JSON", 0, 1, "is not GitHub's API"),
            new("other JSON", 0, 1, "is not GitHub's API"),
            new(FaultKinds.UnknownCa, null, 2, "presents a certificate that is not trusted"),
            new(FaultKinds.Expired, null, 2, "presents a certificate that is not trusted")),
        .. OfPublicUrl("oidc publish"),
        .. OfPublicUrl("oidc verify"),
    ];

    /// <summary>The table of the page.</summary>
    public static string Table { get; } = "| Job | Server | Fault | Once | Lasting | Says | Left behind |\n|---|---|---|---|---|---|---|\n" + string.Concat(Rows.Select(
        static row => string.Create(CultureInfo.InvariantCulture, $"| {row.Job} | {row.Server} | {row.Fault} | {row.Once?.ToString(CultureInfo.InvariantCulture) ?? "–"} | {row.Lasting} | {row.Message} | {Words(row.Left)} |\n")));

    private static IEnumerable<FaultRow> Of(string job, string server, params Outcome[] outcomes) =>
        outcomes.Select(outcome => new FaultRow(job, server, outcome.Fault, outcome.Once, outcome.Lasting, outcome.Message, outcome.Left));

    private static IEnumerable<FaultRow> OfApiServer(string job, Left midRun, Outcome notFound, Outcome notJson, Outcome otherJson) => Of(job, ApiServer,
            new(FaultKinds.DownAtStart, 0, 1, "refused the connection: check that it is running"),
            new(FaultKinds.DownMidRun, 0, 1, "refused the connection", midRun),
            new(FaultKinds.Slow, 0, 1, "in time: check its load and the network"),
            new("reset", 0, 1, "was interrupted during GET"),
            new("truncated body", 0, 1, "was interrupted during"),
            new("401", 1, 1, "rejected the credentials"),
            new("403", 2, 2, "is forbidden (403)"),
            notFound,
            new("409", 1, 1, "conflicts with another change (409)"),
            new("410", 1, 1, "asks for a version that has expired (410)"),
            new("429", 0, 1, "was throttled (429)"),
            new("429 with Retry-After", 0, 1, "was throttled (429)"),
            new("500", 0, 1, "failed on the server (500)"),
            new("503", 0, 1, "failed on the server (503)"),
            notJson,
            otherJson,
            new(FaultKinds.UnknownCa, null, 2, "was not issued by a trusted CA"),
            new(FaultKinds.Expired, null, 1, "is not valid now"));

    private static IEnumerable<FaultRow> OfVault(string job, Left midRun) => Of(job, KeyVault,
            new(FaultKinds.DownAtStart, 0, 1, "the proxy of HTTPS_PROXY did not open a tunnel"),
            new(FaultKinds.DownMidRun, 0, 1, "cannot be reached at", midRun),
            new(FaultKinds.Slow, 0, 1, "the request timed out"),
            new("reset", 0, 1, "cannot be reached at"),
            new("truncated body", 0, 1, "cannot be reached at"),
            new("401", 0, 1, "it rejected the token"),
            new("403", 1, 1, "it is forbidden"),
            new("404", 1, 1, "check the vault's address"),
            new("409", 1, 1, "there is a conflict"),
            new("410", 1, 1, "it rejected the request with status 410"),
            new("429", 0, 1, "it still throttled the requests"),
            new("429 with Retry-After", 0, 1, "it still throttled the requests"),
            new("500", 0, 1, "the service failed with status 500"),
            new("503", 0, 1, "the service failed with status 503"),
            new("not JSON", 1, 1, "is not Key Vault's; check the vault's address"),
            new("other JSON", 1, 1, "is not Key Vault's; check the vault's address"),
            new(FaultKinds.UnknownCa, null, 1, "its TLS certificate is not trusted or not currently valid"),
            new(FaultKinds.Expired, null, 1, "its TLS certificate is not trusted or not currently valid"));

    /// <summary>A publication has committed before it looks at the URL; it fails only if the answer is wrong, and not if there is none. A verification always fails.</summary>
    private static IEnumerable<FaultRow> OfPublicUrl(string job)
    {
        Outcome[] ofPublication =
        [
            new(FaultKinds.DownAtStart, 0, 0, "The proxy refused the connection to example.github.io"),
            new(FaultKinds.DownMidRun, 0, 0, "example.github.io"),
            new(FaultKinds.Slow, 0, 0, "did not answer within 15 seconds"),
            new("reset", 0, 0, "cannot be reached"),
            new("truncated body", 0, 0, "example.github.io"),
            new("401", 0, 1, "was answered with 401 and not 200"),
            new("403", 0, 1, "was answered with 403 and not 200"),
            new("404", 0, 1, "was not found (404)"),
            new("409", 0, 1, "was answered with 409 and not 200"),
            new("410", 0, 1, "was answered with 410 and not 200"),
            new("429", 0, 0, "was answered with 429; try again later"),
            new("429 with Retry-After", 0, 0, "was answered with 429; try again later"),
            new("500", 0, 0, "was answered with 500; try again later"),
            new("503", 0, 0, "was answered with 503; try again later"),
            new("not JSON", 0, 1, "is HTML or XML, not JSON"),
            new("other JSON", 0, 1, "has no issuer that is a string"),
            new(FaultKinds.UnknownCa, null, 0, "whose CA is not trusted"),
            new(FaultKinds.Expired, null, 1, "presents a TLS certificate that is valid from"),
        ];
        return Of(job, PublicUrl, [.. ofPublication.Select(one => job == "oidc publish"
            ? one with { Left = Left.Everything }
            : one with { Once = one.Once is null ? null : 1, Lasting = 1 })]);
    }

    private static string Words(Left left) => left switch
    {
        Left.Nothing => "nothing",
        Left.WholeItems => "whole items",
        _ => "everything",
    };

    private sealed record Outcome(string Fault, int? Once, int Lasting, string Message, Left Left = Left.Nothing);
}
