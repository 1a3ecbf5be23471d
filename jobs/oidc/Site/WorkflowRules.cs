using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ClusterTrust.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ClusterTrust.Oidc.Site;

/// <summary>
/// Finds out whether a repository's deployment drops dot-folders, the usual reason why a committed <c>.well-known</c> is not served:
/// Jekyll leaves them out, actions/upload-pages-artifact v4 drops them with no way back, later versions unless
/// <c>include-hidden-files</c> says otherwise (its issues 129 and 147).
/// </summary>
internal static partial class WorkflowRules
{
    private const string Upload = "actions/upload-pages-artifact";
    private const string JekyllBuild = "actions/jekyll-build-pages";
    private const int MaxDepth = 20;

    /// <summary>One sentence for each step to change.</summary>
    /// <param name="workflows">The workflows by path, UTF-8. One that is not YAML is ignored: GitHub does not run it either.</param>
    public static IEnumerable<string> WarningsOf(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> workflows)
    {
        foreach (var (path, content) in workflows.OrderBy(workflow => workflow.Key, StringComparer.Ordinal))
        {
            var text = Encoding.UTF8.GetString(content.Span);
            var lines = text.Split('\n');
            var steps = StepsOf(text);
            var deploys = steps.Any(step => IsAction(step.Uses, Upload) || IsAction(step.Uses, JekyllBuild));
            foreach (var step in deploys ? steps : [])
            {
                var line = lines[Math.Clamp(step.Line - 1, 0, lines.Length - 1)];
                if (WarningOf(step, line) is { } warning)
                {
                    yield return string.Create(CultureInfo.InvariantCulture,
                        $"The workflow {path} deploys without dot-folders, so .well-known will not be served: line {step.Line} is '{Sanitizer.Sanitize(line.Trim())}'; {warning}.");
                }
            }
        }
    }

    private static string? WarningOf(Step step, string line)
    {
        if (IsAction(step.Uses, JekyllBuild) || JekyllCommand().IsMatch(step.Run))
        {
            return "Jekyll leaves dot-folders out, whatever the upload includes: upload the repository itself in a step without Jekyll, or add 'include: [.well-known]' to _config.yml";
        }

        if (!IsAction(step.Uses, Upload) || MajorOf(step.Uses, line) is not { } major)
        {
            return null;
        }

        return major switch
        {
            4 => "change it to 'uses: actions/upload-pages-artifact@v5' and add 'include-hidden-files: true' under its 'with:'",
            > 4 when !step.IncludesHiddenFiles => "add 'include-hidden-files: true' under its 'with:'",
            _ => null,
        };
    }

    private static bool IsAction(string uses, string action) =>
        uses.Length > action.Length && uses[action.Length] == '@' && uses.StartsWith(action, StringComparison.OrdinalIgnoreCase);

    /// <summary>The major version in use; for a pinned commit, the one in the comment on its line.</summary>
    private static int? MajorOf(string uses, string line)
    {
        var match = Version().Match(uses[(uses.IndexOf('@', StringComparison.Ordinal) + 1)..]);
        match = match.Success ? match : VersionComment().Match(line);
        return match.Success && int.TryParse(match.Groups["major"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var major) ? major : null;
    }

    /// <summary>Every mapping that has a member <c>uses</c> or <c>run</c>, in block or flow style.</summary>
    private static List<Step> StepsOf(string yaml)
    {
        var steps = new List<Step>();
        try
        {
            // Events instead of a document: aliases are not expanded.
            var parser = new Parser(new StringReader(yaml));
            while (parser.MoveNext() && parser.Current is StreamStart or DocumentStart or DocumentEnd)
            {
            }

            Read(parser, new Step(), null, steps, 0);
        }
        catch (YamlException)
        {
            // The steps before the fault count: they only cause warnings.
        }

        return steps;
    }

    /// <summary>Reads one node.</summary>
    /// <param name="outer">The mapping that it is a member of.</param>
    /// <param name="name">Its key there; null in a sequence.</param>
    private static void Read(Parser parser, Step outer, string? name, List<Step> steps, int depth)
    {
        if (depth == MaxDepth)
        {
            throw new YamlException("The workflow is nested too deeply.");
        }

        if (parser.TryConsume<Scalar>(out var scalar))
        {
            outer.Set(name, scalar);
        }
        else if (parser.TryConsume<SequenceStart>(out _))
        {
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                Read(parser, outer, null, steps, depth + 1);
            }
        }
        else if (parser.TryConsume<MappingStart>(out _))
        {
            var step = name == "with" ? outer : new Step();
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                var key = parser.TryConsume<Scalar>(out var text) ? text.Value : null;
                if (key is null)
                {
                    parser.SkipThisAndNestedEvents();
                }

                Read(parser, step, name == "with" ? "with " + key : key, steps, depth + 1);
            }

            if (name != "with" && step.HasAction)
            {
                steps.Add(step);
            }
        }
        else
        {
            parser.SkipThisAndNestedEvents();
        }
    }

    /// <summary>The members of a mapping that may be a step.</summary>
    private sealed class Step
    {
        public string Uses { get; private set; } = "";

        public string Run { get; private set; } = "";

        public int Line { get; private set; }

        public bool IncludesHiddenFiles { get; private set; }

        public bool HasAction => Uses.Length > 0 || Run.Length > 0;

        public void Set(string? name, Scalar value)
        {
            switch (name)
            {
                case "uses":
                    (Uses, Line) = (value.Value, (int)value.Start.Line);
                    break;
                case "run":
                    (Run, Line) = (value.Value, (int)value.Start.Line);
                    break;
                case "with include-hidden-files":
                    IncludesHiddenFiles = value.Value.Equals("true", StringComparison.OrdinalIgnoreCase);
                    break;
            }
        }
    }

    [GeneratedRegex(@"^v(?<major>\d{1,4})(\.|$)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Version();

    [GeneratedRegex(@"#\s*v?(?<major>\d{1,4})(\.\d+)*\s*$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex VersionComment();

    [GeneratedRegex(@"\bjekyll\s+(build|b)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex JekyllCommand();
}
