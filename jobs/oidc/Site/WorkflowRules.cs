using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ClusterTrust.Oidc.Site;

/// <summary>
/// Tells whether a repository's deployment drops dot-folders, which is nearly always why a committed <c>.well-known</c> is not served:
/// actions/upload-pages-artifact v4 drops them with no way back, later ones unless told otherwise (its issues 129 and 147).
/// </summary>
public static partial class WorkflowRules
{
    /// <summary>One sentence for each line that has to change.</summary>
    /// <param name="workflows">The workflows by path, UTF-8.</param>
    public static IEnumerable<string> WarningsOf(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> workflows)
    {
        foreach (var (path, content) in workflows.OrderBy(workflow => workflow.Key, StringComparer.Ordinal))
        {
            var lines = Encoding.UTF8.GetString(content.Span).Split('\n');
            for (var i = 0; i < lines.Length; i++)
            {
                if (MajorOf(lines[i]) is { } major && (major == 4 || (major > 4 && !KeepsHiddenFiles(lines, i))))
                {
                    var change = major == 4 ? "change it to 'uses: actions/upload-pages-artifact@v5' and add" : "add";
                    yield return string.Create(CultureInfo.InvariantCulture,
                        $"The workflow {path} deploys without dot-folders, so .well-known will not be served: line {i + 1} is '{lines[i].Trim()}'; {change} 'include-hidden-files: true' under its 'with:'.");
                }
            }
        }
    }

    /// <summary>The major version in use; of a pinned commit, what its comment says.</summary>
    private static int? MajorOf(string line)
    {
        var match = UsesLine().Match(line);
        return match.Success && int.TryParse(match.Groups["major"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var major) ? major : null;
    }

    /// <summary>Whether the step that begins around a line says so; a step ends where a line is a new item at its level or further out.</summary>
    private static bool KeepsHiddenFiles(string[] lines, int at)
    {
        var start = at;
        while (start > 0 && !lines[start].TrimStart().StartsWith("- ", StringComparison.Ordinal))
        {
            start--;
        }

        var level = IndentOf(lines[start]);
        for (var i = start; i < lines.Length && (i == start || lines[i].Trim().Length == 0 || IndentOf(lines[i]) > level); i++)
        {
            if (KeepsLine().IsMatch(lines[i]))
            {
                return true;
            }
        }

        return false;
    }

    private static int IndentOf(string line) => line.Length - line.TrimStart().Length;

    [GeneratedRegex(@"^\s*(-\s+)?uses:\s*['""]?actions/upload-pages-artifact@(v(?<major>\d+)|[0-9a-f]{40}['""]?\s+#\s*v?(?<major>\d+))", RegexOptions.CultureInvariant)]
    private static partial Regex UsesLine();

    [GeneratedRegex(@"^\s*(-\s+)?(with:\s*\{.*?)?include-hidden-files:\s*['""]?true\b", RegexOptions.CultureInvariant)]
    private static partial Regex KeepsLine();
}
