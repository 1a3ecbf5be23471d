namespace ClusterTrust.Docs.Tests;

/// <summary>scripts/setup.sh on a machine that has nothing yet: for everything it looks for, it knows the package.</summary>
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

    [GeneratedRegex(@"declare -A package=\([^)]*\)")]
    private static partial Regex Table();

    [GeneratedRegex(@"\[([a-z-]+)\]=")]
    private static partial Regex Package();

    [GeneratedRegex("for tool in ([^;]+);")]
    private static partial Regex Loop();

    [GeneratedRegex(@"^\s*need ([a-z-]+)$", RegexOptions.Multiline)]
    private static partial Regex Need();
}
