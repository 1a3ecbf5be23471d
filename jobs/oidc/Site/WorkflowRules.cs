using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ClusterTrust.Oidc.Site;

/// <summary>
/// Detects whether a repository's deployment drops dot-folders, the usual reason why a committed <c>.well-known</c> is not served:
/// Jekyll leaves them out, actions/upload-pages-artifact v4 always drops them, later versions unless
/// <c>include-hidden-files</c> is true (its issues 129 and 147).
/// </summary>
internal static partial class WorkflowRules
{
    private const string Upload = "actions/upload-pages-artifact";
    private const string JekyllBuild = "actions/jekyll-build-pages";
    private const int MaximumWarnings = 5;

    // The parser's time for each event grows with the collections that are open; GitHub's own schema needs fewer than ten.
    private const int MaxDepth = 100;

    // A line may be as long as its file, and is read for each step on it.
    private const int MaxComment = 200;

    /// <summary>One sentence for each step to change, of at most five steps.</summary>
    /// <param name="workflows">
    /// The workflows by path, UTF-8. One that is not YAML is ignored: GitHub does not run it either. One that nests more than 100
    /// levels is read up to there.
    /// </param>
    /// <param name="isKeptByJekyll">Whether Jekyll's configuration includes <c>.well-known</c>.</param>
    /// <param name="cancellationToken">Checked before each workflow.</param>
    public static IEnumerable<string> WarningsOf(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> workflows, bool isKeptByJekyll, CancellationToken cancellationToken) =>
        AllOf(workflows, isKeptByJekyll, cancellationToken).Take(MaximumWarnings);

    private static IEnumerable<string> AllOf(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> workflows, bool isKeptByJekyll, CancellationToken cancellationToken)
    {
        foreach (var (path, content) in workflows.OrderBy(workflow => workflow.Key, StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var text = Encoding.UTF8.GetString(content.Span);
            var lines = text.Split('\n');
            var steps = StepsOf(text);
            var deploys = steps.Any(static step => IsAction(TextOf(step, "uses"), Upload) || IsAction(TextOf(step, "uses"), JekyllBuild));
            foreach (var step in deploys ? steps : [])
            {
                var number = (int)(step.GetValueOrDefault("uses") ?? step["run"]).Start.Line;
                var line = lines[Math.Clamp(number - 1, 0, lines.Length - 1)];
                if (WarningOf(step, line, isKeptByJekyll) is { } warning)
                {
                    yield return $"The workflow {Sanitizer.Sanitize(path)} deploys without dot-folders, so .well-known will not be served: line {number} is '{Sanitizer.Sanitize(line.Trim())}'; {warning}.";
                }
            }
        }
    }

    private static string? WarningOf(Dictionary<string, Scalar> step, string line, bool isKeptByJekyll)
    {
        var uses = TextOf(step, "uses");
        return (IsAction(uses, Upload) ? MajorOf(uses, line) : null) switch
        {
            _ when !isKeptByJekyll && (IsAction(uses, JekyllBuild) || JekyllCommand().IsMatch(TextOf(step, "run"))) =>
                "Jekyll leaves dot-folders out, whatever the upload includes: upload the repository itself in a step without Jekyll, or add 'include: [.well-known]' to _config.yml",
            4 => "change it to 'uses: actions/upload-pages-artifact@v5' and add 'include-hidden-files: true' under its 'with:'",
            > 4 when !TextOf(step, "with include-hidden-files").Equals("true", StringComparison.OrdinalIgnoreCase) => "add 'include-hidden-files: true' under its 'with:'",
            _ => null,
        };
    }

    private static string TextOf(Dictionary<string, Scalar> step, string name) => step.GetValueOrDefault(name)?.Value ?? "";

    private static bool IsAction(string uses, string action) =>
        uses.Length > action.Length && uses[action.Length] == '@' && uses.StartsWith(action, StringComparison.OrdinalIgnoreCase);

    /// <summary>The major version in use; for a pinned commit, the one in the comment on its line.</summary>
    private static int? MajorOf(string uses, string line)
    {
        var match = Version().Match(uses[(uses.IndexOf('@', StringComparison.Ordinal) + 1)..]);
        match = match.Success ? match : VersionComment().Match(line[Math.Max(0, line.Length - MaxComment)..]);
        return match.Success && int.TryParse(match.Groups["major"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var major) ? major : null;
    }

    /// <summary>The members of every mapping that has <c>uses</c> or <c>run</c>, in block or flow style; those of <c>with</c> as <c>with NAME</c>.</summary>
    private static List<Dictionary<string, Scalar>> StepsOf(string yaml)
    {
        var steps = new List<Dictionary<string, Scalar>>();
        var open = new Stack<Node>();
        try
        {
            // Events instead of a document: aliases are not expanded, and no depth of nesting overflows the stack.
            for (var parser = new Parser(new StringReader(yaml)); open.Count <= MaxDepth && parser.MoveNext();)
            {
                open.TryPeek(out var parent);
                switch (parser.Current)
                {
                    case Scalar or AnchorAlias:
                        parent?.Add(parser.Current as Scalar);
                        break;
                    case SequenceStart:
                        parent?.Add(null);
                        open.Push(new Node(null, ""));
                        break;
                    case MappingStart:
                        open.Push(parent?.Add(null) == "with" && parent.Prefix.Length == 0 ? new Node(parent.Members, "with ") : new Node([], ""));
                        break;
                    case SequenceEnd or MappingEnd:
                        if (open.Pop() is { Prefix: "", Members: { } members } && (members.ContainsKey("uses") || members.ContainsKey("run")))
                        {
                            steps.Add(members);
                        }

                        break;
                }
            }
        }
        catch (Exception fault) when (fault is YamlException or ArgumentException or InvalidOperationException)
        {
            // The library throws the latter two for invalid tags, and for document ends without a document.
            // The steps before the fault are used: they only cause warnings.
        }

        return steps;
    }

    /// <summary>A sequence or mapping that is being read.</summary>
    /// <param name="Members">Receives the scalar members; null in a sequence.</param>
    /// <param name="Prefix">Precedes their names.</param>
    private sealed record Node(Dictionary<string, Scalar>? Members, string Prefix)
    {
        private string? _key;

        /// <summary>Adds the next child, which in a mapping is a key and a value by turns; null for one that is no scalar.</summary>
        /// <returns>The key whose value the child is, or null.</returns>
        public string? Add(Scalar? child)
        {
            var key = _key;
            _key = Members is not null && key is null ? child?.Value ?? "" : null;
            if (key is not null && child is not null)
            {
                Members![Prefix + key] = child;
            }

            return key;
        }
    }

    [GeneratedRegex(@"^v(?<major>\d{1,4})(\.|$)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Version();

    [GeneratedRegex(@"#\s*v?(?<major>\d{1,4})(\.\d+)*\s*$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex VersionComment();

    [GeneratedRegex(@"\bjekyll\s+(build|b)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex JekyllCommand();
}
