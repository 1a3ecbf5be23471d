using ClusterTrust.Hosting.Output;
namespace ClusterTrust.CertSync.Tests.Job;

public sealed class ReportJsonTests
{
    /// <summary>As a whole, the report about 10,000 Secrets with long names takes more memory than a run may.</summary>
    [Fact]
    public void A_report_is_written_while_its_lines_are_read()
    {
        const string sentence = "ü€😀";
        using var output = new StringWriter();
        var written = 0;

        ReportJson.Write(output, [], "actions", Lines(), []);

        Assert.True(written > output.ToString().Length / 2);
        Assert.EndsWith("}\n", output.ToString(), StringComparison.Ordinal);
        using var report = JsonDocument.Parse(output.ToString());
        Assert.Equal(Enumerable.Repeat(sentence, 5001), report.RootElement.GetProperty("actions").EnumerateArray().Select(static line => line.GetProperty("message").GetString()));

        IEnumerable<System.Text.Json.Nodes.JsonObject> Lines()
        {
            var line = Json.Of(("message", sentence), ("name", null));
            for (var count = 0; count < 5000; count++)
            {
                yield return line;
            }

            written = output.GetStringBuilder().Length;
            yield return line;
        }
    }
}
