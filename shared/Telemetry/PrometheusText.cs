using System.Globalization;
using System.Text;

namespace ClusterTrust.Telemetry;

/// <summary>Writes metrics in Prometheus' text exposition format, version 0.0.4.</summary>
public static class PrometheusText
{
    /// <summary>The format's media type.</summary>
    public const string MediaType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Writes samples; those of one name must follow one another.</summary>
    public static string Write(IEnumerable<MetricSample> samples)
    {
        var text = new StringBuilder();
        string? last = null;
        foreach (var sample in samples)
        {
            if (sample.Name != last)
            {
                text.Append("# HELP ").Append(sample.Name).Append(' ').Append(Escape(sample.Help, quoted: false)).Append('\n')
                    .Append("# TYPE ").Append(sample.Name).Append(sample.IsCounter ? " counter\n" : " gauge\n");
                last = sample.Name;
            }

            text.Append(sample.Name);
            if (sample.Labels.Count > 0)
            {
                text.Append('{').AppendJoin(',', sample.Labels.Select(static label => $"{label.Key}=\"{Escape(label.Value, quoted: true)}\"")).Append('}');
            }

            text.Append(' ').Append(sample.Value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
        }

        return text.ToString();
    }

    private static string Escape(string text, bool quoted)
    {
        text = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return quoted ? text.Replace("\"", "\\\"", StringComparison.Ordinal) : text;
    }
}
