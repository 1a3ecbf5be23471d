namespace ClusterTrust.Oidc.Tests.Repository;

/// <summary>Readings of a repository, and commits to it, as a run makes them.</summary>
internal static class TestRepository
{
    public static readonly SiteLayout Layout = SiteLayout.For("https://issuer.example", "owner/repository");

    public static readonly (string Path, string Text) Jwks = ("openid/v1/jwks", "{}\n");

    public static CommitRequest Request(params (string Path, string Text)[] files) => new(
        [.. files.Select(static file => new SiteFile(file.Path, Encoding.UTF8.GetBytes(file.Text)))],
        "Add a key",
        "Added:\n- kid-ü\n",
        new CommitIdentity("Jörg Test", "ci@example.com", new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.FromHours(2))));

    public static Task<RepositorySnapshot> ReadAsync(this ISiteRepository repository) => repository.ReadAsync(Layout, default);

    public static Task<CommitResult> CommitAsync(this ISiteRepository repository, RepositorySnapshot snapshot, params (string Path, string Text)[] files) =>
        repository.CommitAsync(snapshot, Request(files), default);

    /// <summary>Commits on what the branch holds now.</summary>
    public static async Task<CommitResult> PublishAsync(this ISiteRepository repository, CommitRequest request) =>
        await repository.CommitAsync(await repository.ReadAsync(), request, default);

    public static string? Text(this PublishedSite site, string path) => site.Find(path) is { } content ? Encoding.UTF8.GetString(content.Span) : null;
}
