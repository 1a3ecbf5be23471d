namespace ClusterTrust.Shared.Tests.Hosting;

public sealed class TerminationMessageTests
{
    // Everything that is longer in JSON than in memory: quotes, control characters, surrogates both paired and alone.
    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.String[Gen.Char["aB \"\\\n\t\0é–\u2028\uE000\uD83D\uDE00"], 0, 1500],
        Gen.String[Gen.Char, 0, 1500],
        Gen.String[Gen.Char.AlphaNumeric, 0, 40]);

    private static readonly Gen<JobResult> Results = Gen.Select(
        Text,
        Gen.Select(Gen.String[Gen.Char.AlphaNumeric, 1, 20], Gen.Int, KeyValuePair.Create).Array[0, 20],
        Gen.Select(Text, Text, (item, reason) => new JobFailure(item, reason)).Array[0, 30],
        (message, counts, failures) => new JobResult(ExitCode.Failed, message) { Counts = counts, Failures = failures });

    [Fact]
    public void A_summary_of_any_texts_is_one_line_of_JSON_that_fits() => Results.Sample(
        static result =>
        {
            var bytes = Write(result);
            using var json = JsonDocument.Parse(bytes);
            var root = json.RootElement;
            var shown = root.TryGetProperty("failures", out var failures) ? failures.GetArrayLength() : 0;
            var more = root.TryGetProperty("moreFailures", out var omitted) ? omitted.GetInt32() : 0;
            return bytes.Length <= 4096
                && !bytes.Contains((byte)'\n')
                && root.GetProperty("exitCode").GetInt32() == 1
                && shown + more == result.Failures.Count;
        },
        iter: 100);

    [Fact]
    public void Texts_that_fit_are_kept_whole()
    {
        var bytes = Write(new(ExitCode.Failed, "2 created") { Counts = [new("created", 2)], Failures = [new("a/b", "it's “gone”")] });
        Assert.Equal(
            """{"job":"certsync","command":"sync","runId":"0123456789ab","exitCode":1,"seconds":1.5,"message":"2 created","counts":{"created":2},"failures":[{"item":"a/b","reason":"it's “gone”"}]}""",
            System.Text.Encoding.UTF8.GetString(bytes));
    }

    [Fact]
    public void As_many_failures_are_listed_as_fit()
    {
        var failures = Enumerable.Range(0, 1000).Select(i => new JobFailure($"namespace/secret-{i}", "access denied by the vault"));
        var bytes = Write(new(ExitCode.Failed, "all failed") { Failures = [.. failures] });
        using var json = JsonDocument.Parse(bytes);
        Assert.InRange(bytes.Length, 4000, 4096);
        Assert.Equal(1000 - json.RootElement.GetProperty("failures").GetArrayLength(), json.RootElement.GetProperty("moreFailures").GetInt32());
    }

    private static byte[] Write(JobResult result) => TerminationMessage.Write(
        new()
        {
            Job = "certsync",
            Command = "sync",
            RunId = "0123456789ab",
            Output = TextWriter.Null,
        },
        result,
        TimeSpan.FromSeconds(1.5));
}
