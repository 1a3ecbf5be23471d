using System.Text.RegularExpressions;

namespace ClusterTrust.Docs.Tests;

/// <summary>What a newcomer sees first: the README's beginning, and the index of the documentation.</summary>
public sealed partial class FirstScreenTests
{
    /// <summary>About two screens of a terminal, or one of a browser.</summary>
    private const int Lines = 50;

    [Fact]
    public void The_README_begins_with_what_it_is_the_picture_who_needs_it_the_install_and_what_it_does_not_do()
    {
        var screen = string.Join('\n', File.ReadLines(Path.Combine(Repository.Root, "README.md")).Take(Lines));
        var previous = 0;
        foreach (var part in new[] { "without a long-lived cloud secret", "```text\nAPI server", "**Who needs it**", "\n## Install\n", "```sh\nmake configure\n", "\n### What it does not do\n\n- " })
        {
            var at = screen.IndexOf(part, previous, StringComparison.Ordinal);
            Assert.True(at >= 0, $"The first {Lines} lines have no '{part}', or not in its place.");
            previous = at;
        }

        Assert.InRange(Install().Match(screen).Groups["commands"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length, 1, 5);
    }

    [Fact]
    public void The_index_links_every_page()
    {
        var folder = Path.Combine(Repository.Root, "docs");
        var index = File.ReadAllText(Path.Combine(folder, "README.md"));
        Assert.Contains("| I want to … | Read |", index, StringComparison.Ordinal);
        Assert.All(
            Directory.GetFiles(folder, "*.md").Select(static page => Path.GetFileName(page)).Where(static page => page != "README.md"),
            page => Assert.Contains($"]({page}", index, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"\n## Install\n.*?```sh\n(?<commands>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Install();
}
