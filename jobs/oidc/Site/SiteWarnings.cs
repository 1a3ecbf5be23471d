namespace ClusterTrust.Oidc.Site;

/// <summary>Warnings about the repository, besides the plan: one sentence each.</summary>
internal static class SiteWarnings
{
    private const int MaximumRead = 1024;

    public static IEnumerable<string> Of(PublishedSite current, PublishedDocuments published, SiteLayout layout, KeyRetention retention, bool isSealed, SitePlanOptions options)
    {
        var faults = published.Entries?.Faults ?? [];
        var state = published.State ?? PublishedState.Empty;
        var isStateReadable = !published.Unreadable.ContainsKey(layout.StatePath);
        string[] others = published.Discovery is not { } discovery ? []
            : [.. discovery.SigningAlgorithms.Where(KeyRules.NeedsNoPrivateKey), .. discovery.OtherMembers.Length > 0 ? (string[])[discovery.OtherMembers] : []];
        string?[] warnings =
        [
            CustomDomainWarning(current, layout),
            isStateReadable ? null : $"The state file {layout.StatePath} is invalid and is replaced; its keys count as first seen now.",
            others.Length == 0 ? null
                : $"The published {layout.DiscoveryPath} has algorithms or members that oidc never writes ({Sanitizer.Sanitize(string.Join(", ", others))}) and is replaced: "
                    + "check the repository's last commits and who can push, unless you wrote it.",
            .. faults.Take(KeySetEntries.MaximumNamed).Select(static fault => $"{fault.TrimEnd('.')}; this entry is no longer published."),
            faults.Count - KeySetEntries.MaximumNamed is > 0 and var more ? $"{more} more entries of {layout.JwksPath} are invalid and no longer published." : null,
            .. ForEach(retention.Readded, kid =>
                $"The dropped key {kid} is in {layout.JwksPath} again and is removed: someone added it again, or the branch was reset to an earlier commit; "
                + "check who can write to the repository, and protect the branch from force-pushes."),
            .. ForEach(retention.Lost, kid =>
                $"The key {kid}, whose retention is not over by the state file, is no longer in {layout.JwksPath}: someone removed it, and clouds refuse the tokens that it signed; "
                + $"check who can write to the repository, and to keep the key, restore {layout.JwksPath} and {layout.StatePath} from the commit before."),
            .. ForEach(options.DropKeys.Where(kid => published.Keys?.Contains(kid) != true && state.DroppedAt(kid) is null && state.Keys.All(key => key.Kid != kid)), kid =>
                $"The key {kid} to drop (--drop-key) is not in {layout.JwksPath}: if it is compromised, check the spelling of its kid."),
            published.State is null || isSealed ? null
                : $"The seal of the state file {layout.StatePath} is missing or invalid, and the file is sealed again: check the repository's last commits, unless the private key that seals it is new.",
            isStateReadable && published.Keys?.Keys.Any(key => retention.Keys.Contains(key.Kid) && state.Find(key) is null) == true
                ? $"The state file {layout.StatePath} is missing or does not list some published keys; those count as first seen now." : null,
        ];
        return warnings.OfType<string>();

        static IEnumerable<string> ForEach(IEnumerable<string> kids, Func<string, string> sentence) =>
            kids.Take(KeySetEntries.MaximumNamed).Select(kid => sentence($"'{Sanitizer.Sanitize(kid)}'"));
    }

    /// <summary>The file <c>CNAME</c> at the root moves the whole site to the host it names: a sentence when that is not the issuer's, else null.</summary>
    private static string? CustomDomainWarning(PublishedSite site, SiteLayout layout)
    {
        var issuerHost = new Uri(layout.Issuer).IdnHost;
        if (site.Obstacles.TryGetValue(SiteLayout.CustomDomainPath, out var obstacle))
        {
            return $"The path {SiteLayout.CustomDomainPath} in the repository is {obstacle}, so the host that serves the site is unknown: replace it with a file that contains {issuerHost}, or remove it.";
        }

        if (site.Find(SiteLayout.CustomDomainPath) is not { } content)
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(content.Span[..Math.Min(content.Length, MaximumRead)]).TrimStart('\uFEFF');
        var host = text.Split('\n').Select(static line => line.Trim()).FirstOrDefault(static line => line.Length > 0);
        return host is null || host.Equals(issuerHost, StringComparison.OrdinalIgnoreCase)
            ? null
            : $"The file {SiteLayout.CustomDomainPath} in the repository moves the site to '{Sanitizer.Sanitize(host)}', so {issuerHost} redirects there, which clouds do not follow: remove the file "
                + "(Pages settings, custom domain), or make that host the issuer.";
    }
}
