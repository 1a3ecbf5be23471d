using System.Text.Json.Nodes;
using ClusterTrust.Oidc.Rotation;

namespace ClusterTrust.Oidc.Reporting;

/// <summary>Writes the status of a rotation, and the commands of the next step.</summary>
internal static class RotationReporter
{
    public static void Write(JobRun run, string issuer, RotationFacts facts, RotationStatus status)
    {
        var commands = RotationCommands.For(status);
        var table = new TextTable("KEY", "ALG", "API SERVERS", "SIGNS", "PUBLIC SINCE", "SAFE TO SIGN", "SAFE TO REMOVE");
        foreach (var key in status.Keys)
        {
            table.Add(
                key.Key.Kid, key.Key.Alg, $"{key.ServedBy}/{facts.Servers.Count}", $"{key.SignedBy}/{facts.Servers.Count}",
                !facts.Site.Has(key.Key) ? "no" : Time(key.PublicSince) ?? "unknown", Short(key.ToSign), Short(key.ToRemove));
        }

        Report.Write(
            run,
            issuer,
            Json.Of(
                ("stage", Json.NameOf(status.Stage)),
                ("step", Json.NameOf(status.Step)),
                ("message", status.Message),
                ("kid", status.Kid),
                ("until", Time(status.Until)),
                ("apiServers", Json.ArrayOf(facts.Servers, static server => Json.Of(
                    ("server", server.Server), ("signingKid", server.SigningKid), ("startedAt", Time(server.StartedAt))))),
                ("keys", Json.ArrayOf(status.Keys, key => Json.Of(
                    ("kid", key.Key.Kid), ("alg", key.Key.Alg), ("servedBy", key.ServedBy), ("signedBy", key.SignedBy), ("public", facts.Site.Has(key.Key)),
                    ("publicSince", Time(key.PublicSince)), ("safeToSign", Write(key.ToSign)), ("safeToRemove", Write(key.ToRemove))))),
                ("commands", Json.Of(commands.Select(static of => (of.Key, (JsonNode?)Json.ArrayOf(of.Value)))))),
            table,
            [status.Message, .. commands.SelectMany(static of => (string[])["", $"{of.Key}:", .. of.Value.Select(static line => $"  {line}")])]);
    }

    private static string Short(SafetyCheck check) => check.IsSafe ? "yes" : check.At is { } at ? $"at {Time(at)}" : "no";

    private static JsonObject Write(SafetyCheck check) => Json.Of(("safe", check.IsSafe), ("at", Time(check.At)), ("reason", check.Reason));

    private static string? Time(DateTimeOffset? time) => time is { } known ? Sentence.Time(known) : null;
}
