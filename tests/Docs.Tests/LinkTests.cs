namespace ClusterTrust.Docs.Tests;

public sealed partial class LinkTests
{
    public static TheoryData<string> Pages => [.. Page.Names, "CHANGELOG.md"];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_link_within_the_repository_leads_to_a_file_and_its_heading(string page)
    {
        var file = Path.Combine(Repository.Root, page);
        var dead = Link().Matches(File.ReadAllText(file))
            .Select(static match => match.Groups["target"].Value)
            .Where(static target => !target.Contains("://", StringComparison.Ordinal))
            .Where(target => target.Split('#') is [var path, .. var anchor]
                && Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, path.Length > 0 ? path : file)) is var linked
                && (!Path.Exists(linked) || (anchor is [var name] && !AnchorsOf(linked).Contains(name))));
        Assert.Empty(dead);
    }

    [Fact]
    public void The_index_links_every_page()
    {
        var folder = Path.Combine(Repository.Root, "docs");
        var index = File.ReadAllText(Path.Combine(folder, "README.md"));
        Assert.All(
            Directory.GetFiles(folder, "*.md").Select(static page => Path.GetFileName(page)).Where(static page => page != "README.md"),
            page => Assert.Contains($"]({page}", index, StringComparison.Ordinal));
    }

    /// <summary>As GitHub generates them: lower case, without punctuation, hyphens for blanks.</summary>
    private static HashSet<string> AnchorsOf(string path) =>
        [.. Heading().Matches(File.ReadAllText(path)).Select(static match => Punctuation().Replace(match.Groups["title"].Value.ToLowerInvariant(), "").Replace(' ', '-'))];

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.CultureInvariant)]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (?<title>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex Punctuation();
}
