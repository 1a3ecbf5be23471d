namespace ClusterTrust.Oidc.Site;

/// <summary>The paths of one issuer's files in a repository. All paths are relative to the repository's root and use slashes.</summary>
/// <param name="Folder">The folder of this issuer, empty for the repository's root; several clusters share a repository by a folder each.</param>
internal sealed record SiteLayout(string Issuer, string Folder)
{
    public string DiscoveryPath => In(IssuerUrl.DiscoveryPath);

    public string JwksPath => In(IssuerUrl.JwksPath);

    /// <summary>When each key was first and last seen (<see cref="PublishedState"/>).</summary>
    public string StatePath => In(IssuerUrl.StatePath);

    public string StatusPagePath => In("/index.html");

    /// <summary>The file that prevents GitHub Pages from dropping dot-folders; it applies at the repository's root only.</summary>
    public static string NoJekyllPath => ".nojekyll";

    /// <summary>The file that sets a custom domain for a Pages site; it applies at the repository's root only, and is only read.</summary>
    public static string CustomDomainPath => "CNAME";

    /// <summary>The configurations of a site that Jekyll builds, of which it reads the first; they apply at the repository's root only, and are only read.</summary>
    public static IReadOnlyList<string> JekyllPaths => ["_config.yml", "_config.yaml", "_config.toml"];

    public IReadOnlyList<string> WrittenPaths => [DiscoveryPath, JwksPath, StatePath, StatusPagePath, NoJekyllPath];

    public IReadOnlyList<string> Paths => [.. WrittenPaths, CustomDomainPath, .. JekyllPaths];

    /// <summary>Derives the layout from the issuer's path and from where the repository is served.</summary>
    /// <param name="repository">
    /// The repository's address. It distinguishes a project page (<c>https://OWNER.github.io/REPO</c>, served under <c>/REPO</c>) from the
    /// owner's own (<c>OWNER.github.io</c>, served at the root). An issuer on any other host is a custom domain, served at the root; not if its path begins with the repository's name.
    /// </param>
    /// <param name="siteUrl">The URL that serves the repository's root, if it cannot be derived.</param>
    /// <exception cref="JobException">The issuer is invalid, or not served from this repository (exit code 2).</exception>
    public static SiteLayout For(string issuer, string repository, string? siteUrl = null)
    {
        if (IssuerUrl.FaultOf(issuer) is { } fault)
        {
            throw Usage($"The issuer '{issuer}' {fault}.");
        }

        // With the host in lower case and without the default port; nothing else of a valid issuer changes.
        var root = new Uri(siteUrl ?? SiteOf(issuer, RepositoryAddress.Parse(repository))).AbsoluteUri.TrimEnd('/');
        var bare = new Uri(issuer).AbsoluteUri.TrimEnd('/');
        return bare == root || bare.StartsWith(root + "/", StringComparison.Ordinal)
            ? new SiteLayout(issuer, bare[root.Length..].TrimStart('/'))
            : throw Usage($"The issuer '{issuer}' is not below the site URL '{siteUrl}', so the repository cannot serve it: correct --issuer or --site-url.");
    }

    /// <summary>The URL at which the repository's root is served.</summary>
    private static string SiteOf(string issuer, RepositoryAddress repository)
    {
        const string Remedy = "correct --issuer or --repository, or set --site-url to the URL that serves the repository's root";
        var site = string.Join('/', issuer.Split('/')[..3]);
        var (host, path, name) = (new Uri(issuer).Host, IssuerUrl.PathOf(issuer), repository.Name);
        var segment = path.Split('/')[0];
        var isNamed = segment.Length > 0 && name.Equals(segment, StringComparison.OrdinalIgnoreCase);
        if (!host.EndsWith(".github.io", StringComparison.OrdinalIgnoreCase))
        {
            // The domain may be the repository's own, or that of all sites of its owner (GitLab, Codeberg, a custom domain of OWNER.github.io).
            return !isNamed ? site
                : throw Usage($"The path of the issuer '{issuer}' begins with the name of the repository, so the folder of its documents is not known: set --site-url to '{site}/{segment}' "
                    + $"if that is the URL of the repository's root, or to '{site}' if the folder is {path}.");
        }

        if (repository.IsOnGitHub && repository.Owner is { } owner && !host.Equals(owner + ".github.io", StringComparison.OrdinalIgnoreCase))
        {
            throw Usage($"The issuer '{issuer}' is on {host}, but the repository {owner}/{name} is served on {owner.ToLowerInvariant()}.github.io: {Remedy}.");
        }

        // On other hosts (a mirror, for example) the name proves nothing, and a project page is likely.
        return name.Equals(host, StringComparison.OrdinalIgnoreCase) ? site
            : !repository.IsOnGitHub || isNamed ? $"{site}/{segment}"
            : throw Usage($"The issuer '{issuer}' is not below https://{host}/{name}, where GitHub Pages serves the repository {name}: {Remedy}.");
    }

    private static JobException Usage(string message) => new(message, ExitCode.Usage);

    private string In(string path) => Folder.Length == 0 ? path[1..] : Folder + path;
}
