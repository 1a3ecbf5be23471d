using System.Globalization;
using ClusterTrust.Hosting;
using ClusterTrust.Hosting.Output;
using ClusterTrust.Oidc.Rotation;
using ClusterTrust.Text;

namespace ClusterTrust.Oidc.Reporting;

/// <summary>Writes where a rotation stands to standard output: a table and the commands of the next step, or JSON for scripts.</summary>
internal static class RotationReporter
{
    public static void Write(JobRun run, string issuer, RotationFacts facts, RotationStatus status)
    {
        var commands = RotationCommands.For(status);
        if (run.Format == OutputFormat.Json)
        {
            run.Output.Write(ReportJson.Write(new RotateReport(
                issuer,
                ReportJson.Name(status.Stage),
                ReportJson.Name(status.Step),
                status.Message,
                status.Kid,
                Time(status.Until),
                facts.Servers.Select(static server => new RotateServer(server.Server, server.SigningKid, Time(server.StartedAt))),
                status.Keys.Select(key => new RotateKey(
                    key.Key.Kid, key.Key.Alg, key.ServedBy, key.SignedBy, facts.Site.Has(key.Key), Time(key.PublicSince), Report(key.ToSign), Report(key.ToRemove))),
                new Dictionary<string, IReadOnlyList<string>>(commands))));
            return;
        }

        run.Output.WriteLine($"Issuer {issuer}");
        var table = new TextTable("KEY", "ALG", "API SERVERS", "SIGNS", "PUBLIC SINCE", "SAFE TO SIGN", "SAFE TO REMOVE");
        foreach (var key in status.Keys)
        {
            table.Add(key.Key.Kid, key.Key.Alg, Of(key.ServedBy), Of(key.SignedBy),
                !facts.Site.Has(key.Key) ? "no" : Time(key.PublicSince) ?? "unknown", Short(key.ToSign), Short(key.ToRemove));
        }

        table.WriteTo(run.Output);
        run.Output.WriteLine(status.Message);
        foreach (var (platform, lines) in commands)
        {
            run.Output.WriteLine();
            run.Output.WriteLine($"{platform}:");
            foreach (var line in lines)
            {
                run.Output.WriteLine($"  {line}");
            }
        }

        string Of(int count) => string.Create(CultureInfo.InvariantCulture, $"{count}/{facts.Servers.Count}");
    }

    private static string Short(Verdict verdict) => verdict.IsSafe ? "yes" : verdict.At is { } at ? $"at {Time(at)}" : "no";

    private static RotateVerdict Report(Verdict verdict) => new(verdict.IsSafe, Time(verdict.At), verdict.Reason);

    private static string? Time(DateTimeOffset? time) => time is { } known ? Sentence.Time(known) : null;
}
