using System.Text.Json;
using ClusterTrust.Oidc.Issuer;

namespace ClusterTrust.Oidc.Site;

/// <summary>What the repository holds now at the paths of a <see cref="SiteLayout"/>.</summary>
internal sealed record PublishedSite(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Files)
{
    public static PublishedSite Empty { get; } = new(new Dictionary<string, ReadOnlyMemory<byte>>());

    /// <summary>
    /// Paths that cannot be written safely because they, or a folder on the way, are something else; the value says what, as in
    /// <c>a symbolic link</c>, <c>a submodule</c>, <c>a folder</c>.
    /// </summary>
    public IReadOnlyDictionary<string, string> Obstacles { get; init; } = new Dictionary<string, string>();

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

/// <param name="Path">Relative to the repository's root, with slashes.</param>
internal sealed record SiteFile(string Path, ReadOnlyMemory<byte> Content);

/// <summary>The published files, understood as far as they can be.</summary>
/// <param name="Keys">The keys that are understood; null when the key set is absent or unreadable.</param>
/// <param name="Unreadable">The paths of those that are there but cannot be understood, and why as a clause that follows the path.</param>
internal sealed record PublishedDocuments(
    DiscoveryDocument? Discovery, JsonWebKeySet? Keys, PublishedState? State, IReadOnlyDictionary<string, string> Unreadable)
{
    /// <summary>The entries of the key set that are not understood, a sentence each.</summary>
    public IReadOnlyList<string> KeyFaults { get; private init; } = [];

    /// <summary>Those of them that are keys without a kid.</summary>
    public IReadOnlyList<JsonWebKey> NamelessKeys { get; private init; } = [];

    public static PublishedDocuments Read(PublishedSite site, SiteLayout layout)
    {
        var unreadable = new Dictionary<string, string>();
        var faults = new List<string>();
        var nameless = new List<JsonWebKey>();
        return new PublishedDocuments(
            Open(layout.DiscoveryPath, bytes => Parse(layout.DiscoveryPath, bytes, (root, findings) => IssuerRules.ReadDiscovery(root, layout.DiscoveryPath, findings))),
            Open(layout.JwksPath, bytes => Parse(layout.JwksPath, bytes, (root, findings) => KeySetRules.ReadPublished(root, layout.JwksPath, findings, faults, nameless))),
            Open(layout.StatePath, bytes => (PublishedState.Parse(bytes), (string?)"it is not a state file of a known schema")),
            unreadable)
        {
            KeyFaults = faults,
            NamelessKeys = nameless,
        };

        T? Open<T>(string path, Func<ReadOnlyMemory<byte>, (T? Document, string? Fault)> read) where T : class
        {
            if (site.Find(path) is not { } bytes)
            {
                return null;
            }

            var (document, fault) = read(bytes);
            if (document is null)
            {
                unreadable.Add(path, fault ?? "is not understood");
            }

            return document;
        }
    }

    private static (T? Document, string? Fault) Parse<T>(string path, ReadOnlyMemory<byte> bytes, Func<JsonElement, IssuerFindings, T?> read) where T : class
    {
        if (!StrictJson.TryParse(bytes, out var json, out var malformed))
        {
            return (null, $"{path} {malformed}");
        }

        using (json)
        {
            var findings = new IssuerFindings();
            return (read(json.RootElement, findings), findings.Refusals.FirstOrDefault()?.Message);
        }
    }
}
