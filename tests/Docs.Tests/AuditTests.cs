using System.Globalization;

namespace ClusterTrust.Docs.Tests;

/// <summary>docs/audit.md names types, files and tests; its rows change with the code.</summary>
public sealed partial class AuditTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "audit.md"));

    private static readonly (string Type, string Path)[] Rows =
        [.. Row().Matches(Page).Select(static match => (match.Groups["type"].Value, match.Groups["path"].Value))];

    [Fact]
    public void Every_type_is_in_the_file_that_the_page_names()
    {
        Assert.InRange(Rows.Length, 20, 80);
        Assert.DoesNotContain(Rows, static row =>
            !File.Exists(Full(row.Path)) || !Regex.IsMatch(File.ReadAllText(Full(row.Path)), $@"\b(class|record|struct|interface|enum) {row.Type}\b"));
    }

    [Theory]
    [InlineData("audit.md"), InlineData("security.md"), InlineData("reliability.md"), InlineData("compatibility.md")]
    public void Every_test_that_a_page_names_exists(string page)
    {
        var tests = Test().Matches(File.ReadAllText(Full($"docs/{page}"))).Select(static match => (Type: match.Groups["type"].Value, Method: match.Groups["method"].Value)).ToArray();
        var sources = Directory.GetFiles(Path.Combine(Repository.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .ToLookup(static path => Path.GetFileNameWithoutExtension(path), File.ReadAllText);
        Assert.InRange(tests.Length, 1, 100);
        Assert.DoesNotContain(tests, test => !sources[test.Type].Any(source => Regex.IsMatch(source, test.Method.Length == 0 ? "" : $@" {test.Method.Replace("…", @"\w+", StringComparison.Ordinal)}\(")));
    }

    /// <summary>Code that reads, creates or uses a private key must be on the page: new code requires a new row.</summary>
    [Fact]
    public void Every_file_that_touches_a_private_key_is_on_the_page()
    {
        var touching = new[] { "jobs", "shared" }
            .SelectMany(static folder => Directory.GetFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories))
            .Where(static path => !path.Split(Path.DirectorySeparatorChar).Any(static part => part is "bin" or "obj"))
            .Where(static path => PrivateKey().IsMatch(File.ReadAllText(path)))
            .Select(static path => Path.GetRelativePath(Repository.Root, path).Replace(Path.DirectorySeparatorChar, '/'));
        Assert.Empty(touching.Except(Rows.Select(static row => row.Path)));
    }

    /// <summary>A reader with little time reads the first list: it is short, and the tables explain the other types.</summary>
    [Fact]
    public void The_first_list_has_fewer_lines_than_the_page_promises()
    {
        var parts = Page.Split("\n## ");
        var first = parts.Single(static part => part.StartsWith("Read these first\n", StringComparison.Ordinal));
        var promised = int.Parse(Promise().Match(first).Groups["lines"].Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
        var paths = Row().Matches(first).Select(static match => match.Groups["path"].Value).ToArray();
        Assert.InRange(paths.Length, 5, 12);
        Assert.InRange(paths.Sum(static path => File.ReadLines(Full(path)).Count()), 1, promised - 1);
        Assert.Empty(paths.Except(parts.Where(part => part != first).SelectMany(static part => Row().Matches(part)).Select(static match => match.Groups["path"].Value)));
    }

    private static string Full(string path) => Path.Combine(Repository.Root, path);

    [GeneratedRegex(@"\[`?(?<type>\w+)`?\]\(\.\./(?<path>(?:jobs|shared)/[\w./]+\.cs)\)")]
    private static partial Regex Row();

    [GeneratedRegex(@"^Fewer than (?<lines>[\d,]+) lines", RegexOptions.Multiline)]
    private static partial Regex Promise();

    /// <summary>A type, or a method of it, whose name may be cut with an ellipsis.</summary>
    [GeneratedRegex(@"`(?<type>\w+Tests)(?:\.(?<method>\w+…?))?`")]
    private static partial Regex Test();

    [GeneratedRegex(@"ImportFromPem|ImportFromEncryptedPem|ImportPkcs8|ImportECPrivateKey|ImportRSAPrivateKey|ImportEncryptedPkcs8|ExportPkcs8|\.SignData\(|\.SignHash\(|Pkcs12Builder|PgpSecretKey|PgpPrivateKey|new PrivateKeyFile|CopyWithPrivateKey")]
    private static partial Regex PrivateKey();
}
