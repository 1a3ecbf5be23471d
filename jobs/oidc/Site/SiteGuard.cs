using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Issuer;
using ClusterTrust.Text;

namespace ClusterTrust.Oidc.Site;

/// <summary>The situations in which a person must decide before anything is published.</summary>
internal static class SiteGuard
{
    private const int MostFaults = 5;

    /// <exception cref="JobException">A path of the layout is no regular file (exit code 3).</exception>
    public static void RequireRegularFiles(PublishedSite site, SiteLayout layout)
    {
        foreach (var path in layout.WrittenPaths.Where(site.Obstacles.ContainsKey))
        {
            throw Refused($"The path {path} cannot be written in the repository because it leads through {site.Obstacles[path]}: remove that from the repository.");
        }
    }

    /// <exception cref="JobException">Nothing ties the new documents to the published ones (exit code 3).</exception>
    public static void RequireSameCluster(PublishedDocuments published, CheckedIssuer issuer, SiteLayout layout)
    {
        if (published.Unreadable.TryGetValue(layout.JwksPath, out var reason))
        {
            throw Refused($"The published key set {layout.JwksPath} is invalid, so its keys cannot be kept ({reason.TrimEnd('.')}): inspect it, then run once with --accept-new-keys to replace it.");
        }

        if (published.Discovery is { } discovery && discovery.Issuer != issuer.Issuer)
        {
            throw Refused($"Another issuer is published at {layout.DiscoveryPath}, '{Sanitizer.Sanitize(discovery.Issuer)}' "
                + $"({IssuerUrl.Difference(issuer.Issuer, discovery.Issuer)}): to replace it, run once with --accept-new-keys.");
        }

        foreach (var key in issuer.Keys.Keys)
        {
            if (published.State?.DroppedAt(key.Kid) is { } at)
            {
                throw Refused($"The API server serves the key '{Sanitizer.Sanitize(key.Kid)}', which --drop-key removed at {PublishedState.Format(at)}: remove it from "
                    + "--service-account-key-file on every API server; to publish it again, run once with --accept-new-keys.");
            }
        }

        if (published.Keys is not { } keys)
        {
            return;
        }

        foreach (var key in issuer.Keys.Keys)
        {
            if (keys.TryGet(key.Kid, out var other) && other.Thumbprint != key.Thumbprint)
            {
                throw Refused($"The kid '{Sanitizer.Sanitize(key.Kid)}' is published with another key: to replace it, run once with --accept-new-keys.");
            }
        }

        var withoutKid = published.KeysWithoutKid.Select(key => key.Thumbprint).ToHashSet(StringComparer.Ordinal);
        if (!issuer.Keys.Keys.Any(key => keys.Contains(key.Kid) || withoutKid.Contains(key.Thumbprint)))
        {
            throw Refused($"The API server shares no key with the {keys.Keys.Count} published in {layout.JwksPath}: either this is another cluster, or it was rebuilt. "
                + "To replace the published keys, run once with --accept-new-keys."
                + (published.KeyFaults.Count > 0 ? $" Invalid entries: {string.Join(" ", published.KeyFaults.Take(MostFaults))}" : ""));
        }
    }

    /// <exception cref="JobException">A key to drop is still served (exit code 3).</exception>
    public static void RequireDroppable(IEnumerable<string> kids, JsonWebKeySet served)
    {
        foreach (var kid in kids)
        {
            if (served.Contains(kid))
            {
                // If it were removed now, the next run would publish it again, and its tokens would be refused until then.
                throw Refused($"The key '{Sanitizer.Sanitize(kid)}' is still served by the API server and would be published again: remove it from "
                    + "--service-account-key-file and --service-account-signing-key-file on every API server, then run again.");
            }
        }
    }

    private static JobException Refused(string message) => new(message, ExitCode.Refused);
}
