using System.Text.RegularExpressions;

namespace ClusterTrust.Docs.Tests;

public sealed partial class LinkTests
{
    public static TheoryData<string> Pages => [.. Directory.GetFiles(Repository.Root, "*.md", SearchOption.TopDirectoryOnly)
        .Concat(new[] { "docs", "kustomize", "manifests" }.Select(folder => Path.Combine(Repository.Root, folder)).Where(Directory.Exists)
            .SelectMany(static folder => Directory.GetFiles(folder, "*.md", SearchOption.AllDirectories)))
        .Select(static page => Path.GetRelativePath(Repository.Root, page))];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_link_to_a_file_leads_to_one(string page)
    {
        var folder = Path.GetDirectoryName(Path.Combine(Repository.Root, page))!;
        var dead = Link().Matches(File.ReadAllText(Path.Combine(Repository.Root, page)))
            .Select(static match => match.Groups["target"].Value)
            .Where(static target => !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith('#'))
            .Select(static target => target.Split('#')[0])
            .Where(target => !Path.Exists(Path.Combine(folder, target)));

        Assert.Empty(dead);
    }

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.CultureInvariant)]
    private static partial Regex Link();
}
