namespace ClusterTrust.Oidc.Tests.Repository;

/// <summary>Reads and commits of a repository as in a run.</summary>
internal static class TestRepository
{
    public const string Committer = "ci@example.com";

    public static readonly SiteLayout Layout = SiteLayout.For("https://issuer.example", "owner/repository");

    public static readonly (string Path, string Text) Jwks = ("openid/v1/jwks", "{}\n");

    public static CommitRequest Request(params (string Path, string Text)[] files) => new(
        [.. files.Select(static file => new SiteFile(file.Path, Encoding.UTF8.GetBytes(file.Text)))],
        "Add a key\n\nAdded:\n- kid-ü\n",
        new CommitIdentity("Jörg Test", Committer, new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.FromHours(2))));

    public static Task<RepositorySnapshot> ReadAsync(this ISiteRepository repository) => repository.ReadAsync(Layout, default);

    public static Task<CommitResult> CommitAsync(this ISiteRepository repository, RepositorySnapshot snapshot, params (string Path, string Text)[] files) =>
        repository.CommitAsync(snapshot, Request(files), default);

    /// <summary>Commits on top of the current branch.</summary>
    public static async Task<CommitResult> PublishAsync(this ISiteRepository repository, CommitRequest request) =>
        await repository.CommitAsync(await repository.ReadAsync(), request, default);

    /// <summary>Commits, signed, to a repository of its own; the caller verifies each commit with the real git.</summary>
    /// <param name="verify">Given the repository's path and the commit.</param>
    public static async Task CommitSignedAsync(ICommitSigner signer, Action<string, string> verify, int commits = 1)
    {
        using var repositories = new GitRepositories();
        var git = await repositories.CreateAsync("owner/signed");
        using var site = new GitSiteRepository(new GitRepositoryOptions { Url = "file://" + git.Path });
        for (var i = 0; i < commits; i++)
        {
            verify(git.Path, (await site.PublishAsync(Request((Jwks.Path, $"{i}")) with { Signer = signer })).Sha);
        }
    }

    public static string? Text(this PublishedSite site, string path) => site.Find(path) is { } content ? Encoding.UTF8.GetString(content.Span) : null;

    /// <summary>The site after these files were committed.</summary>
    public static PublishedSite With(this PublishedSite site, params IEnumerable<SiteFile> written) => site with
    {
        Files = written.Select(static file => KeyValuePair.Create(file.Path, file.Content)).Concat(site.Files).DistinctBy(static file => file.Key).ToDictionary(),
    };
}
