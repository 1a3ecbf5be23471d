namespace ClusterTrust.Oidc.Tests.Reporting;

public sealed class ReporterTests : JobTest
{
    private static readonly JsonWebKey Old = RsaKey(0);
    private static readonly JsonWebKey Kept = RsaKey(1);
    private static readonly JsonWebKey New = RsaKey(2);

    [Fact]
    public void A_plan_is_a_table_of_keys_and_files_and_a_commit_is_reported_with_its_id()
    {
        var lines = Plan("plan", OutputFormat.Table, null).Split('\n');
        Assert.Equal($"Issuer {TestIssuer}", lines[0]);
        Assert.Equal(["KEY", "ALG", "STATE"], lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        foreach (var (start, end) in new[] { (Old.Kid, "retained"), (Kept.Kid, "kept"), (New.Kid, "added"), ($"to write: {Layout.JwksPath} (", ")"), ("would commit: Add a key to the issuer", "") })
        {
            Assert.Contains(lines, line => line.StartsWith(start, StringComparison.Ordinal) && line.EndsWith(end, StringComparison.Ordinal));
        }

        var output = Plan("publish", OutputFormat.Table, new CommitResult("0123abcd", "main"));
        Assert.Contains($"written: {Layout.JwksPath} (", output, StringComparison.Ordinal);
        Assert.Contains("published commit 0123abcd on main: Add a key", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Scripts_get_the_same_as_JSON()
    {
        var json = JsonNode.Parse(Plan("publish", OutputFormat.Json, new CommitResult("0123abcd", "main")))!;
        Assert.Equal((TestIssuer, "0123abcd", "main"), ((string?)json["issuer"], (string?)json["commit"], (string?)json["branch"]));
        Assert.True((bool)json["changed"]!);
        Assert.Equal("added", (string?)json["keys"]!.AsArray().Single(key => (string?)key!["kid"] == New.Kid)!["state"]);
        Assert.Contains(Layout.JwksPath, json["files"]!.AsArray().Select(file => (string?)file));
        Assert.Empty(json["warnings"]!.AsArray());
    }

    [Theory]
    [InlineData(CheckResult.Ok, ExitCode.Done, "matches the cluster")]
    [InlineData(CheckResult.Warning, ExitCode.Done, "matches the cluster")]
    [InlineData(CheckResult.Stale, ExitCode.Failed, "is still served as it was earlier")]
    [InlineData(CheckResult.Unreachable, ExitCode.Failed, "could not be checked")]
    [InlineData(CheckResult.Fault, ExitCode.Failed, "does not match the cluster")]
    [InlineData(CheckResult.Unexpected, ExitCode.Refused, "does not match the cluster")]
    public void The_gravest_check_decides_how_a_verification_ends(CheckResult result, ExitCode exit, string summary)
    {
        var report = new VerificationReport(TestIssuer, [new Check("key set", CheckResult.Ok, "fine"), new Check("token", result, "what was seen")]);
        var ended = VerificationReporter.Write(Run("verify"), report);
        Assert.Equal((exit, $"the issuer {TestIssuer} {summary}"), (ended.ExitCode, ended.Message));
        var table = Output;
        Assert.Contains("what was seen", table, StringComparison.Ordinal);
        VerificationReporter.Write(Run("verify", format: OutputFormat.Json), report);
        Assert.Equal("what was seen", (string?)JsonNode.Parse(Output[table.Length..])!["checks"]![1]!["message"]);
    }

    private string Plan(string command, OutputFormat format, CommitResult? commit)
    {
        var first = SitePlan.Between(PublishedSite.Empty, Served(Old, Kept), Layout, new SitePlanOptions(), Start);
        var plan = SitePlan.Between(PublishedSite.Empty.With(first.Files), Served(Kept, New), Layout, new SitePlanOptions(), Start);
        PlanReporter.Write(Run(command, format: format), plan, Layout, commit);
        return Output;
    }
}
