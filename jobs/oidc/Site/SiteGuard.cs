using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Issuer;
using ClusterTrust.Text;

namespace ClusterTrust.Oidc.Site;

/// <summary>The situations in which a person must decide before anything is published.</summary>
internal static class SiteGuard
{
    /// <exception cref="JobException">A path of the layout that may be written is no regular file (exit code 3).</exception>
    public static void RequireRegularFiles(PublishedSite site, SiteLayout layout, SitePlanOptions options)
    {
        if (layout.WrittenPaths.FirstOrDefault(written => site.Obstacles.ContainsKey(written) && (options.StatusPage || written != layout.StatusPagePath)) is { } path)
        {
            throw Refused($"The path {path} cannot be written in the repository because it leads through {site.Obstacles[path]}: remove that from the repository.");
        }
    }

    /// <exception cref="JobException">Jekyll builds the site without dot-folders, and <c>.nojekyll</c> would end that for all of it (exit code 3).</exception>
    public static void RequireNoJekyll(PublishedSite site)
    {
        if (site.Find(SiteLayout.NoJekyllPath) is null && site.Find(SiteLayout.JekyllPath) is not null && !site.IsKeptByJekyll)
        {
            throw Refused($"The repository has a {SiteLayout.JekyllPath}, so Jekyll builds its site and leaves out .well-known; a file {SiteLayout.NoJekyllPath} would keep it, but end that build for the whole site: "
                + $"add 'include: [.well-known]' to {SiteLayout.JekyllPath}, or, if nothing there needs Jekyll, commit an empty file {SiteLayout.NoJekyllPath}.");
        }
    }

    /// <summary>The refusals if nothing ties the new documents to the published ones, or if these name keys elsewhere (exit code 3); none if they belong together.</summary>
    public static IEnumerable<JobException> DoubtsOf(PublishedDocuments published, CheckedIssuer issuer, SiteLayout layout)
    {
        // Less strict readers may accept it.
        foreach (var (path, reason) in published.Unreadable.Where(file => file.Key != layout.StatePath))
        {
            yield return Refused($"The published {(path == layout.JwksPath ? "key set" : "discovery document")} {path} is invalid ({reason.TrimEnd('.')}): inspect it and the commit that changed it, then run once with --accept-new-keys to replace it.");
        }

        if (published.Discovery is { } discovery && discovery.Issuer != issuer.Issuer)
        {
            yield return Refused($"Another issuer is published at {layout.DiscoveryPath}, '{Sanitizer.Sanitize(discovery.Issuer)}' "
                + $"({IssuerUrl.Difference(issuer.Issuer, discovery.Issuer)}): to replace it, run once with --accept-new-keys.");
        }

        // The API server's own is in documents that were copied from it before this job published them.
        if (published.Discovery?.JwksUri is { } uri && uri != issuer.Discovery.JwksUri && uri != issuer.ServedJwksUri)
        {
            yield return Refused($"The published {layout.DiscoveryPath} has the jwks_uri '{Sanitizer.Sanitize(uri)}' and not '{issuer.Discovery.JwksUri}' "
                + $"({IssuerUrl.Difference(issuer.Discovery.JwksUri, uri)}), so clouds take the keys from there: check the repository's last commits and who can push; to replace it, run once with --accept-new-keys.");
        }

        var served = issuer.Keys.Keys;
        if (served.FirstOrDefault(key => published.State?.DroppedAt(key.Kid) is not null) is { } dropped)
        {
            yield return Refused($"The API server serves the key '{Sanitizer.Sanitize(dropped.Kid)}', which --drop-key removed at {Sentence.Time(published.State!.DroppedAt(dropped.Kid)!.Value)}: remove it from "
                + "--service-account-key-file on every API server; to publish it again, run once with --accept-new-keys.");
        }

        if (published.Entries is not { Keys: var keys } entries)
        {
            yield break;
        }

        if (served.FirstOrDefault(key => keys.TryGet(key.Kid, out var other) && other.Thumbprint != key.Thumbprint) is { } replaced)
        {
            yield return Refused($"The kid '{Sanitizer.Sanitize(replaced.Kid)}' is published with another key: to replace it, run once with --accept-new-keys.");
        }

        var incomplete = entries.Incomplete.Select(static key => key.Thumbprint).ToHashSet(StringComparer.Ordinal);
        if (!served.Any(key => keys.Contains(key.Kid) || incomplete.Contains(key.Thumbprint)))
        {
            yield return Refused($"The API server shares no key with the {keys.Keys.Count} published in {layout.JwksPath}: either this is another cluster, or it was rebuilt. "
                + "To replace the published keys, run once with --accept-new-keys."
                + (entries.Faults.Count > 0 ? $" Invalid entries: {string.Join(" ", entries.Faults.Take(KeySetEntries.MostNamed))}" : ""));
        }

        // A cloud may accept what this job does not, such as a key of 1,024 bits. Only a key of the cluster without its kid, alg or use, as scripts and guides for IRSA publish it, needs no person.
        if (entries.Faults.Count > entries.Incomplete.Count(key => served.Any(known => known.Thumbprint == key.Thumbprint)))
        {
            yield return Refused($"The published key set {layout.JwksPath} has entries that are invalid and not the cluster's: {string.Join(" ", entries.Faults.Take(KeySetEntries.MostNamed)).TrimEnd('.')}: "
                + "check the repository's last commits and who can push; to remove the entries, run once with --accept-new-keys.");
        }
    }

    /// <exception cref="JobException">A key to drop is still served (exit code 3).</exception>
    public static void RequireDroppable(IEnumerable<string> kids, JsonWebKeySet served)
    {
        if (kids.FirstOrDefault(served.Contains) is { } kid)
        {
            // If it were removed now, the next run would publish it again, and its tokens would be refused until then.
            throw Refused($"The key '{Sanitizer.Sanitize(kid)}' is still served by the API server and would be published again: remove it from "
                + "--service-account-key-file and --service-account-signing-key-file on every API server, then run again.");
        }
    }

    /// <exception cref="JobException">A document is so large that the next run could not read it (exit code 3).</exception>
    public static void RequireReadable(IEnumerable<SiteFile> files, SiteLayout layout)
    {
        if (files.FirstOrDefault(file => file.Path != layout.StatusPagePath && file.Content.Length > StrictJson.MaxBytes) is { } file)
        {
            throw Refused($"The file {file.Path} to publish has {file.Content.Length} bytes, and only {StrictJson.MaxBytes} are read again by the next run and by 'oidc verify': "
                + (file.Path == layout.StatePath
                    ? $"delete {file.Path} from the repository, keep the kids of dropped keys in --drop-key, and run again."
                    : "remove keys that sign no longer from --service-account-key-file on every API server, or shorten --retain-removed-keys."));
        }
    }

    private static JobException Refused(string message) => new(message, ExitCode.Refused);
}
