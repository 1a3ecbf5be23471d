using System.Globalization;
using System.Text;
using System.Text.Json;
using ClusterTrust.Hosting;
using ClusterTrust.Hosting.Output;
using ClusterTrust.Oidc.Issuer;
using ClusterTrust.Oidc.Rotation;

namespace ClusterTrust.Oidc.Reporting;

/// <summary>Writes where a rotation stands to standard output: a table and the commands of the next step, or JSON for scripts.</summary>
/// <param name="run">The run at hand.</param>
internal sealed class RotationReporter(JobRun run)
{
    /// <summary>Writes it.</summary>
    public void Write(string issuer, RotationFacts facts, RotationStatus status)
    {
        if (run.Format == OutputFormat.Json)
        {
            run.Output.Write(Json(issuer, facts, status));
            return;
        }

        run.Output.WriteLine($"Issuer {issuer}");
        var table = new TextTable("KEY", "ALG", "API SERVERS", "SIGNS", "PUBLIC SINCE", "SAFE TO SIGN", "SAFE TO REMOVE");
        foreach (var key in status.Keys)
        {
            table.Add(key.Key.Kid, key.Key.Alg, Of(key.ServedBy), Of(key.SignedBy),
                !facts.Site.Has(key.Key) ? "no" : key.PublicSince is { } since ? Time(since) : "unknown", Short(key.ToSign), Short(key.ToRemove));
        }

        table.WriteTo(run.Output);
        run.Output.WriteLine(status.Message);
        foreach (var (platform, commands) in RotationCommands.For(status))
        {
            run.Output.WriteLine();
            run.Output.WriteLine($"{platform}:");
            foreach (var command in commands)
            {
                run.Output.WriteLine($"  {command}");
            }
        }

        string Of(int count) => string.Create(CultureInfo.InvariantCulture, $"{count}/{facts.Servers.Count}");
    }

    private static string Short(Verdict verdict) => verdict.IsSafe ? "yes" : verdict.At is { } at ? $"at {Time(at)}" : "no";

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Name<T>(T value) where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    private static string Json(string issuer, RotationFacts facts, RotationStatus status) => Encoding.UTF8.GetString(CanonicalJson.Write(writer =>
    {
        writer.WriteString("issuer", issuer);
        writer.WriteString("stage", Name(status.Stage));
        writer.WriteString("step", Name(status.Step));
        writer.WriteString("message", status.Message);
        Optional("kid", status.Kid);
        Optional("until", status.Until is { } until ? Time(until) : null);
        writer.WriteStartArray("apiServers");
        foreach (var server in facts.Servers)
        {
            writer.WriteStartObject();
            writer.WriteString("server", server.Server);
            writer.WriteString("signingKid", server.SigningKid);
            Optional("startedAt", server.StartedAt is { } started ? Time(started) : null);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("keys");
        foreach (var key in status.Keys)
        {
            writer.WriteStartObject();
            writer.WriteString("kid", key.Key.Kid);
            writer.WriteString("alg", key.Key.Alg);
            writer.WriteNumber("servedBy", key.ServedBy);
            writer.WriteNumber("signedBy", key.SignedBy);
            writer.WriteBoolean("public", facts.Site.Has(key.Key));
            Optional("publicSince", key.PublicSince is { } since ? Time(since) : null);
            WriteVerdict("safeToSign", key.ToSign);
            WriteVerdict("safeToRemove", key.ToRemove);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartObject("commands");
        foreach (var (platform, commands) in RotationCommands.For(status))
        {
            writer.WriteStartArray(platform);
            foreach (var command in commands)
            {
                writer.WriteStringValue(command);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();

        void WriteVerdict(string name, Verdict verdict)
        {
            writer.WriteStartObject(name);
            writer.WriteBoolean("safe", verdict.IsSafe);
            Optional("at", verdict.At is { } at ? Time(at) : null);
            writer.WriteString("reason", verdict.Reason);
            writer.WriteEndObject();
        }

        void Optional(string name, string? value)
        {
            if (value is not null)
            {
                writer.WriteString(name, value);
            }
        }
    }));
}
