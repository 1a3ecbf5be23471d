namespace ClusterTrust.Oidc.Site;

/// <summary>What the repository holds now at the paths of a <see cref="SiteLayout"/>.</summary>
/// <param name="Files">The content of those paths that are regular files.</param>
public sealed record PublishedSite(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Files)
{
    /// <summary>A repository with none of the files.</summary>
    public static PublishedSite Empty { get; } = new(new Dictionary<string, ReadOnlyMemory<byte>>());

    /// <summary>
    /// Paths that cannot be written safely because they, or a folder on the way, are something else; the value says what, as in
    /// <c>a symbolic link</c>, <c>a submodule</c>, <c>a folder</c>.
    /// </summary>
    public IReadOnlyDictionary<string, string> Obstacles { get; init; } = new Dictionary<string, string>();

    /// <summary>The content of a file, or null when there is none.</summary>
    // A bare null would become an empty memory here, by the conversion from byte[].
    public ReadOnlyMemory<byte>? Find(string path) =>
        Files.TryGetValue(path, out var content) ? content : default(ReadOnlyMemory<byte>?);

    /// <summary>The site after a plan was committed.</summary>
    public PublishedSite With(IEnumerable<SiteFile> written)
    {
        var files = new Dictionary<string, ReadOnlyMemory<byte>>(Files);
        foreach (var file in written)
        {
            files[file.Path] = file.Content;
        }

        return this with { Files = files };
    }
}
