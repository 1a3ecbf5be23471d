namespace ClusterTrust.Docs.Tests.Commands;

/// <summary>A page of the documentation: its commands, and the flags and variables that it mentions.</summary>
internal sealed partial class Page
{
    /// <summary>Languages of blocks that hold no commands; in YAML, the <c>run:</c> steps of a workflow are commands.</summary>
    private static readonly HashSet<string> Data = ["text", "yaml", "json"];

    public Page(string name, string text)
    {
        Name = name;
        var blocks = Block().Matches(text);
        foreach (var (language, body) in blocks.Select(static block => (block.Groups["language"].Value, Unindent(block))))
        {
            if (language == "sh")
            {
                Scripts.Add(body);
            }
            else if (language == "yaml")
            {
                Scripts.AddRange(Step().Matches(body).Select(static step => step.Groups["line"].Success ? step.Groups["line"].Value : step.Groups["lines"].Value));
            }
            else if (!Data.Contains(language))
            {
                Faults.Add($"a block in the language '{language}': use sh for commands, or one of {string.Join(", ", Data)}");
            }
        }

        var prose = Block().Replace(text, "");
        Faults.AddRange(Indented().Matches(prose).Select(static match => $"an indented block, which cannot be distinguished from a list: fence it ({match.Value.Trim()})"));
        Inline = [.. Code().Matches(prose).Select(static match => match.Groups["code"].Value.Replace("\\|", "|", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Its path in the repository.</summary>
    public string Name { get; }

    /// <summary>The text of each block of commands, in the order of the page: later ones use variables of earlier ones.</summary>
    public List<string> Scripts { get; } = [];

    /// <summary>Code within sentences: names, values, and some commands.</summary>
    public IReadOnlyList<string> Inline { get; }

    /// <summary>What cannot be checked as it is written.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>Every page with commands. The changelog names commands of earlier versions.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. Directory.GetFiles(Repository.Root, "*.md").Where(static path => Path.GetFileName(path) != "CHANGELOG.md")
            .Concat(new[] { ".github", "docs", "kustomize", "manifests" }.SelectMany(static folder =>
                Directory.GetFiles(Path.Combine(Repository.Root, folder), "*.md", SearchOption.AllDirectories)))
            .Select(static path => Path.GetRelativePath(Repository.Root, path))
            .Order(StringComparer.Ordinal),
    ];

    public static Page Read(string name) => new(name, File.ReadAllText(Path.Combine(Repository.Root, name)));

    /// <summary>A block within a list is as deep as the list.</summary>
    private static string Unindent(Match block) =>
        Regex.Replace(block.Groups["body"].Value, $"^ {{0,{block.Groups["indent"].Length}}}", "", RegexOptions.Multiline);

    [GeneratedRegex(@"^(?<indent> *)```(?<language>\w*)\n(?<body>.*?)^ *```$\n?", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^(?<margin> *)(?:- )?run: (?:\|\n(?<lines>(?:\k<margin>  .*\n|\n)+)|(?<line>.+)$)", RegexOptions.Multiline)]
    private static partial Regex Step();

    [GeneratedRegex(@"(?<=\n\n) {4,}[^ \n-].*")]
    private static partial Regex Indented();

    [GeneratedRegex(@"(?<!`)`(?<code>[^`\n]+)`(?!`)")]
    private static partial Regex Code();
}
