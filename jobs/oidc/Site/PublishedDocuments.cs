using ClusterTrust.Oidc.Issuer;

namespace ClusterTrust.Oidc.Site;

/// <summary>The published files, understood as far as they can be.</summary>
/// <param name="Discovery">Null when it is absent or unreadable.</param>
/// <param name="Keys">Null when it is absent or unreadable.</param>
/// <param name="State">Null when it is absent or unreadable.</param>
/// <param name="Unreadable">The paths of those that are there but cannot be understood.</param>
internal sealed record PublishedDocuments(
    DiscoveryDocument? Discovery, JsonWebKeySet? Keys, PublishedState? State, IReadOnlyList<string> Unreadable)
{
    public static PublishedDocuments Read(PublishedSite site, SiteLayout layout)
    {
        var unreadable = new List<string>();
        return new PublishedDocuments(
            Open(layout.DiscoveryPath, bytes => Parse(bytes, (root, findings) => DiscoveryRules.ReadMembers(root, layout.DiscoveryPath, findings))),
            Open(layout.JwksPath, bytes => Parse(bytes, (root, findings) => KeySetRules.Read(root, layout.JwksPath, findings))),
            Open(layout.StatePath, PublishedState.Parse),
            unreadable);

        T? Open<T>(string path, Func<ReadOnlyMemory<byte>, T?> read) where T : class
        {
            if (site.Find(path) is not { } bytes)
            {
                return null;
            }

            var understood = read(bytes);
            if (understood is null)
            {
                unreadable.Add(path);
            }

            return understood;
        }
    }

    private static T? Parse<T>(ReadOnlyMemory<byte> bytes, Func<System.Text.Json.JsonElement, FindingsCollector, T?> read) where T : class
    {
        if (!StrictJson.TryParse(bytes, out var json, out _))
        {
            return null;
        }

        using (json)
        {
            return read(json.RootElement, new FindingsCollector());
        }
    }
}
