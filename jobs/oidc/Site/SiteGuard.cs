namespace ClusterTrust.Oidc.Site;

/// <summary>A reason not to publish (exit code 3), one sentence.</summary>
/// <param name="IsFinal">Whether <c>--accept-new-keys</c> does not accept it.</param>
internal sealed record Refusal(string Message, bool IsFinal = false);

/// <summary>The situations in which a person must decide before anything is published.</summary>
internal static class SiteGuard
{
    public static IEnumerable<Refusal> RefusalsOf(PublishedSite site, PublishedDocuments published, CheckedIssuer issuer, SiteLayout layout, SitePlanOptions options) =>
        [.. AboutTheRepository(site, layout, options).Select(static sentence => new Refusal(sentence, IsFinal: true)), .. AboutTheKeys(published, issuer, layout, options)];

    /// <summary>Files that cannot be written, or would not be served.</summary>
    private static IEnumerable<string> AboutTheRepository(PublishedSite site, SiteLayout layout, SitePlanOptions options)
    {
        foreach (var path in layout.WrittenPaths.Where(path => site.Obstacles.ContainsKey(path) && (options.StatusPage || path != layout.StatusPagePath)))
        {
            yield return $"The path {path} cannot be written in the repository because it leads through {site.Obstacles[path]}: remove that from the repository.";
        }

        if (site.Find(SiteLayout.NoJekyllPath) is null && site.JekyllPath is { } jekyll && !site.IsKeptByJekyll)
        {
            var kind = site.Obstacles.TryGetValue(jekyll, out var obstacle) ? $" ({obstacle})" : "";
            yield return $"The repository has a {jekyll}{kind}, so Jekyll builds its site and leaves out .well-known; a file {SiteLayout.NoJekyllPath} "
                + $"would keep it, but end that build for the whole site: add '{(jekyll.EndsWith(".toml", StringComparison.Ordinal) ? "include = [\".well-known\"]" : "include: [.well-known]")}' to a file {jekyll}, or, if nothing there needs Jekyll, commit an empty file {SiteLayout.NoJekyllPath}.";
        }
    }

    /// <summary>The new documents have no key in common with the published ones, or these name another key set, or a key is to be dropped that would be published again.</summary>
    private static IEnumerable<Refusal> AboutTheKeys(PublishedDocuments published, CheckedIssuer issuer, SiteLayout layout, SitePlanOptions options)
    {
        const string Investigate = "check the repository's last commits and who can push";
        var (expected, found, entries) = (issuer.Discovery, published.Discovery, published.Entries);
        var served = issuer.Keys.Keys;
        var dropped = served.FirstOrDefault(key => published.State?.DroppedAt(key.Kid) is not null);
        var replaced = served.FirstOrDefault(key => published.Keys is { } keys && keys.TryGet(key.Kid, out var other) && other.Thumbprint != key.Thumbprint);
        var incomplete = (entries?.Incomplete ?? []).Where(key => served.Any(known => known.Thumbprint == key.Thumbprint)).ToArray();
        var invalid = string.Join(" ", (entries?.Faults ?? []).Take(KeySetEntries.MaximumNamed)).TrimEnd('.');
        Refusal?[] refusals =
        [
            // Less strict readers may accept it.
            .. published.Unreadable.Where(file => file.Key != layout.StatePath).Select(file => new Refusal(
                $"The published {(file.Key == layout.JwksPath ? "key set" : "discovery document")} {file.Key} is invalid "
                + $"({file.Value.TrimEnd('.')}): inspect it and the commit that changed it, then run once with --accept-new-keys to replace it.")),
            found is not null && found.Issuer != expected.Issuer ? new(
                $"Another issuer is published at {layout.DiscoveryPath}, '{Sanitizer.Sanitize(found.Issuer)}' ({IssuerUrl.Difference(expected.Issuer, found.Issuer)}): "
                + "to replace it, run once with --accept-new-keys.") : null,
            // The API server's own is in documents that were copied from it before this job published them.
            found is not null && found.JwksUri != expected.JwksUri && found.JwksUri != issuer.ServedJwksUri ? new(
                $"The published {layout.DiscoveryPath} has the jwks_uri '{Sanitizer.Sanitize(found.JwksUri)}' and not '{expected.JwksUri}' "
                + $"({IssuerUrl.Difference(expected.JwksUri, found.JwksUri)}), so clouds take the keys from there: {Investigate}; to replace it, run once with --accept-new-keys.") : null,
            dropped is not null ? new(
                $"The API server serves the key '{Sanitizer.Sanitize(dropped.Kid)}', which --drop-key removed at {Sentence.Time(published.State!.DroppedAt(dropped.Kid)!.Value)}: "
                + "remove it from --service-account-key-file on every API server; to publish it again, run once with --accept-new-keys.") : null,
            replaced is not null ? new($"The kid '{Sanitizer.Sanitize(replaced.Kid)}' is published with another key: to replace it, run once with --accept-new-keys.") : null,
            entries is not null && incomplete.Length == 0 && !served.Any(key => entries.Keys.Contains(key.Kid)) ? new(
                $"The API server shares no key with the {entries.Keys.Keys.Count} published in {layout.JwksPath}: either this is another cluster, or it was rebuilt. "
                + $"To replace the published keys, run once with --accept-new-keys.{(invalid.Length > 0 ? $" Invalid entries: {invalid}." : "")}") : null,
            // A cloud may accept what this job does not, such as a key of 1,024 bits. Only a key of the cluster without its kid, alg or use,
            // as scripts and guides for IRSA publish it, needs no person.
            entries?.Faults.Count > incomplete.Length ? new(
                $"The published key set {layout.JwksPath} has entries that are invalid and not the cluster's: {invalid}: {Investigate}; "
                + "to remove the entries, run once with --accept-new-keys.") : null,
            // If it were removed now, the next run would publish it again, and its tokens would be refused until then.
            options.DropKeys.FirstOrDefault(issuer.Keys.Contains) is { } kid ? new(
                $"The key '{Sanitizer.Sanitize(kid)}' is still served by the API server and would be published again: remove it from "
                + "--service-account-key-file and --service-account-signing-key-file on every API server, then run again.", IsFinal: true) : null,
        ];
        return refusals.OfType<Refusal>();
    }

    /// <exception cref="JobException">A document is so large that the next run could not read it (exit code 3).</exception>
    public static void RequireReadable(IEnumerable<SiteFile> files, SiteLayout layout)
    {
        if (files.FirstOrDefault(file => file.Path != layout.StatusPagePath && file.Content.Length > StrictJson.MaxBytes) is { } file)
        {
            throw new JobException(
                $"The file {file.Path} to publish has {file.Content.Length} bytes, and only {StrictJson.MaxBytes} are read again by the next run and by 'oidc verify': "
                + (file.Path == layout.StatePath
                    ? $"delete {file.Path} from the repository, keep the kids of dropped keys in --drop-key, and run again."
                    : "remove keys that no longer sign from --service-account-key-file on every API server, or shorten --retain-removed-keys."),
                ExitCode.Refused);
        }
    }
}
