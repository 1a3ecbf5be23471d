using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.EndToEnd.Tests;

/// <summary>Tables of pages that are written from the tests' own rows.</summary>
internal static class PageTable
{
    /// <summary>Fails when a page does not have a table between the lines <c>&lt;!-- made by COMMAND --&gt;</c> and <c>&lt;!-- end --&gt;</c>; with <c>UPDATE_DOCS=1</c> writes it.</summary>
    /// <param name="page">The file in <c>docs/</c>.</param>
    /// <param name="command">The command that writes the table.</param>
    /// <param name="table">The table.</param>
    public static void AssertUpToDate(string page, string command, string table)
    {
        var path = Path.Combine(Binaries.RepositoryRoot(AppContext.BaseDirectory), "docs", page);
        var text = File.ReadAllText(path);
        var (begin, end) = ($"<!-- made by {command} -->\n", "<!-- end -->\n");
        var start = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        var rest = text[text.IndexOf(end, start, StringComparison.Ordinal)..];
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
        {
            File.WriteAllText(path, text = text[..start] + table + rest);
        }

        Assert.True(text == text[..start] + table + rest, $"The table of docs/{page} is out of date: run '{command}'.");
    }
}
