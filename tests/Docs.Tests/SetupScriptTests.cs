namespace ClusterTrust.Docs.Tests;

/// <summary>scripts/setup.sh on a machine without any tools: it has a package for every tool that it requires. Rules for every script.</summary>
public sealed partial class SetupScriptTests
{
    [Fact]
    public void Every_tool_that_is_needed_has_a_package()
    {
        var script = File.ReadAllText(Path.Combine(Repository.Root, "scripts", "setup.sh"));
        var packages = Package().Matches(Table().Match(script).Value).Select(static match => match.Groups[1].Value).ToHashSet();
        var needed = Loop().Matches(script).SelectMany(static match => match.Groups[1].Value.Split(' '))
            .Concat(Need().Matches(script).Select(static match => match.Groups[1].Value)).ToHashSet();
        Assert.InRange(needed.Count, 10, 100);
        Assert.Empty(needed.Except(packages));
    }

    /// <summary>Under pipefail, a program that ends before it has read everything makes the one before it fail with SIGPIPE occasionally.</summary>
    [Fact]
    public void No_program_in_a_pipe_ends_before_its_input()
    {
        var scripts = Directory.GetFiles(Path.Combine(Repository.Root, "scripts")).Append(Path.Combine(Repository.Root, ".ci", "run")).ToArray();
        Assert.InRange(scripts.Length, 10, 100);
        Assert.DoesNotContain(scripts, static path => EarlyEnd().IsMatch(File.ReadAllText(path)));
        Assert.All(
            new[] { "a | grep -Fxq b", "a \\\n  | head -n 1", "a | sed '/b/q'", "a | sed -n '3{p;q}'", "a | awk '/b/ { exit }'", "a | grep -m1 b" },
            static line => Assert.Matches(EarlyEnd(), line));
    }

    [GeneratedRegex(@"\|\s*(grep [^|\n]*-\w*(q|m)|head\b|sed [^|\n]*[/;0-9$ {]q\b|awk [^|]*\bexit\b)")]
    private static partial Regex EarlyEnd();

    [GeneratedRegex(@"declare -A package=\([^)]*\)")]
    private static partial Regex Table();

    [GeneratedRegex(@"\[([a-z-]+)\]=")]
    private static partial Regex Package();

    [GeneratedRegex("for tool in ([^;]+);")]
    private static partial Regex Loop();

    [GeneratedRegex(@"^\s*need ([a-z-]+)$", RegexOptions.Multiline)]
    private static partial Regex Need();
}
