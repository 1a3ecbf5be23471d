using System.Text.Json;
using ClusterTrust.Oidc.Issuer;

namespace ClusterTrust.Oidc.Site;

/// <summary>The current content of the repository at the paths of a <see cref="SiteLayout"/>.</summary>
internal sealed record PublishedSite(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Files)
{
    private const long MaxFileMiB = 16;

    public static PublishedSite Empty { get; } = new(new Dictionary<string, ReadOnlyMemory<byte>>());

    /// <summary>
    /// Paths that cannot be written safely because they, or a folder on the way, are something else; the value says what, as in
    /// <c>a symbolic link</c>, <c>a submodule</c>, <c>a folder</c>.
    /// </summary>
    public IReadOnlyDictionary<string, string> Obstacles { get; init; } = new Dictionary<string, string>();

    // A plain null would be converted to an empty memory, through byte[].
    public ReadOnlyMemory<byte>? Find(string path) =>
        Files.TryGetValue(path, out var content) ? content : default(ReadOnlyMemory<byte>?);

    /// <summary>The obstacle that a file larger than 16 MiB is; null for a smaller one, and for one of unknown size.</summary>
    public static string? SizeObstacle(long? bytes) => bytes > MaxFileMiB * 1024 * 1024 ? $"a file of more than {MaxFileMiB} MiB" : null;
}

/// <param name="Path">Relative to the repository's root, with slashes.</param>
internal sealed record SiteFile(string Path, ReadOnlyMemory<byte> Content);

/// <summary>The published files, parsed as far as possible.</summary>
/// <param name="Keys">The valid keys; null if the key set is missing or invalid.</param>
/// <param name="Unreadable">The paths of invalid files, and the reason as a clause that follows the path.</param>
internal sealed record PublishedDocuments(
    DiscoveryDocument? Discovery, JsonWebKeySet? Keys, PublishedState? State, IReadOnlyDictionary<string, string> Unreadable)
{
    /// <summary>The invalid entries of the key set, one sentence each.</summary>
    public IReadOnlyList<string> KeyFaults { get; private init; } = [];

    /// <summary>The invalid entries that are keys without a kid.</summary>
    public IReadOnlyList<JsonWebKey> KeysWithoutKid { get; private init; } = [];

    public static PublishedDocuments Read(PublishedSite site, SiteLayout layout)
    {
        var unreadable = new Dictionary<string, string>();
        var faults = new List<string>();
        var withoutKid = new List<JsonWebKey>();
        return new PublishedDocuments(
            Open(layout.DiscoveryPath, bytes => Parse(layout.DiscoveryPath, bytes, (root, findings) => IssuerRules.ReadDiscovery(root, layout.DiscoveryPath, findings))),
            Open(layout.JwksPath, bytes => Parse(layout.JwksPath, bytes, (root, findings) => KeySetRules.ReadPublished(root, layout.JwksPath, findings, faults, withoutKid))),
            Open(layout.StatePath, bytes => (PublishedState.Parse(bytes), (string?)"it is not a state file of a known schema")),
            unreadable)
        {
            KeyFaults = faults,
            KeysWithoutKid = withoutKid,
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
                unreadable.Add(path, fault ?? "is invalid");
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
