namespace ClusterTrust.Docs.Tests;

/// <summary>The folder with Jobs.sln.</summary>
internal static class Repository
{
    public static string Root { get; } = Binaries.RepositoryRoot(AppContext.BaseDirectory);

    /// <summary>Fails when a file is not what the code makes it; with <c>UPDATE_DOCS=1</c> writes it.</summary>
    public static void AssertUpToDate(string path, string text)
    {
        var file = Path.Combine(Root, path);
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
        {
            File.WriteAllText(file, text);
        }

        Assert.True(File.ReadAllText(file) == text, $"{path} is out of date: run 'make docs'.");
    }

    /// <summary>The same for a part of a page, between the lines <c>&lt;!-- made by make docs --&gt;</c> and <c>&lt;!-- end --&gt;</c>.</summary>
    public static void AssertPartUpToDate(string path, string part)
    {
        const string begin = "<!-- made by make docs -->\n";
        var page = File.ReadAllText(Path.Combine(Root, path));
        var start = page.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        AssertUpToDate(path, page[..start] + part + page[page.IndexOf("<!-- end -->\n", start, StringComparison.Ordinal)..]);
    }
}
