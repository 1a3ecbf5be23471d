namespace ClusterTrust.Oidc.Site;

/// <summary>The current content of the repository at the paths of a <see cref="SiteLayout"/>.</summary>
internal sealed partial record PublishedSite(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Files)
{
    private const long MaxFileMiB = 16;

    public static PublishedSite Empty { get; } = new(new Dictionary<string, ReadOnlyMemory<byte>>());

    /// <summary>
    /// Paths that cannot be written safely because they, or a folder on the way, are something else; the value states what, such as
    /// <c>a symbolic link</c>, <c>a submodule</c>, <c>a folder</c>.
    /// </summary>
    public IReadOnlyDictionary<string, string> Obstacles { get; init; } = new Dictionary<string, string>();

    /// <summary>The configuration of Jekyll, if it builds the site; it follows symbolic links.</summary>
    public string? JekyllPath => SiteLayout.JekyllPaths.FirstOrDefault(path => Files.ContainsKey(path) || Obstacles.ContainsKey(path));

    /// <summary>Whether Jekyll builds the site and keeps <c>.well-known</c>: its configuration has <c>include: [.well-known]</c>, or the list in lines.</summary>
    public bool IsKeptByJekyll => JekyllPath is { } path && Files.TryGetValue(path, out var file) && Encoding.UTF8.GetString(file.Span[..Math.Min(file.Length, StrictJson.MaxBytes)]) is var text
        // In TOML, what follows the name of a table belongs to it.
        && WellKnown().IsMatch(path.EndsWith(".toml", StringComparison.Ordinal) ? $"\n{text}".Split("\n[")[0] : text);

    // A plain null would be converted to an empty memory, through byte[].
    public ReadOnlyMemory<byte>? Find(string path) =>
        Files.TryGetValue(path, out var content) ? content : default(ReadOnlyMemory<byte>?);

    // The key, and the lines of its value, which are indented or begin with a dash or a bracket; without comments. A file in the folder does not keep the folder.
    [GeneratedRegex(@"^include[ \t]*[:=][^#\n]*((#[^\n]*)?\n([-\] \t\r][^#\n]*)?)*\.well-known[/*]?([""',\]\s]|$)", RegexOptions.CultureInvariant | RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex WellKnown();

    /// <summary>The obstacle that a file larger than 16 MiB is; null for a smaller one, and for one of unknown size.</summary>
    public static string? SizeObstacle(long? bytes) => bytes > MaxFileMiB * 1024 * 1024 ? $"a file of more than {MaxFileMiB} MiB" : null;
}

/// <param name="Path">Relative to the repository's root, with slashes.</param>
internal sealed record SiteFile(string Path, ReadOnlyMemory<byte> Content);

/// <summary>The published files, parsed as far as possible.</summary>
/// <param name="Entries">The entries of the key set; null if it is missing or invalid as a whole.</param>
/// <param name="Unreadable">The paths of invalid files, and the reason as a clause.</param>
internal sealed record PublishedDocuments(
    DiscoveryDocument? Discovery, KeySetEntries? Entries, PublishedState? State, IReadOnlyDictionary<string, string> Unreadable)
{
    /// <summary>The valid keys; null if the key set is missing or invalid.</summary>
    public JsonWebKeySet? Keys => Entries?.Keys;

    public static PublishedDocuments Read(PublishedSite site, SiteLayout layout)
    {
        var unreadable = new Dictionary<string, string>();
        return new PublishedDocuments(
            Read(layout.DiscoveryPath, IssuerRules.ReadDiscovery),
            Read(layout.JwksPath, KeySetRules.ReadEntries),
            Read(layout.StatePath, static (root, _, _) => PublishedState.Read(root)),
            unreadable);

        T? Read<T>(string path, Func<JsonElement, string, IssuerFindings, T?> read) where T : class
        {
            if (site.Find(path) is not { } bytes)
            {
                return null;
            }

            var findings = new IssuerFindings();
            T? document = null;
            var fault = StrictJson.Read(bytes, root => document = read(root, path, findings));
            if (document is null)
            {
                unreadable.Add(path, fault is null ? findings.Refusals.Select(static refusal => refusal.Message).FirstOrDefault("it is not a state file of a known schema") : $"{path} {fault}");
            }

            return document;
        }
    }
}
