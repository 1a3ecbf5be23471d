namespace ClusterTrust.Oidc.Tests;

internal static class CommittedSite
{
    /// <summary>The site after a plan was committed.</summary>
    public static PublishedSite With(this PublishedSite site, IEnumerable<SiteFile> written)
    {
        var files = new Dictionary<string, ReadOnlyMemory<byte>>(site.Files);
        foreach (var file in written)
        {
            files[file.Path] = file.Content;
        }

        return site with { Files = files };
    }
}
