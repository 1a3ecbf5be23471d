namespace ClusterTrust.Oidc.Tests.Jobs;

/// <summary>A repository in memory.</summary>
internal sealed class FakeRepository : ISiteRepository
{
    private int _tip;

    public PublishedSite Site { get; set; } = PublishedSite.Empty;

    public Dictionary<string, ReadOnlyMemory<byte>> Workflows { get; } = [];

    public List<CommitRequest> Commits { get; } = [];

    public int Races { get; set; }

    /// <summary>Runs within a commit, before it lands; its token is cancelled when the run may take no longer.</summary>
    public Func<CancellationToken, Task> OnCommit { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Where a text was introduced; null throws.</summary>
    public CommitReference? Introduction { get; set; } = new("0123abcd", IsExact: true);

    public int Reads { get; private set; }

    public Action OnRead { get; set; } = static () => { };

    public Task<RepositorySnapshot> ReadAsync(SiteLayout layout, CancellationToken cancellationToken)
    {
        OnRead();
        cancellationToken.ThrowIfCancellationRequested();
        Reads++;
        return Task.FromResult(new RepositorySnapshot("main", Site.Files.Count == 0 ? null : Sha, Site) { Workflows = Workflows });
    }

    public Task<CommitReference> FindIntroductionAsync(RepositorySnapshot snapshot, string path, string text, CancellationToken cancellationToken) =>
        Introduction is { } found ? Task.FromResult(found) : throw new JobException("The history cannot be read.");

    public async Task<CommitResult> CommitAsync(RepositorySnapshot snapshot, CommitRequest request, CancellationToken cancellationToken)
    {
        await OnCommit(cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        if (Races-- > 0)
        {
            throw new RacedException("Someone else was first: try again.");
        }

        Commits.Add(request);
        Site = Site.With(request.Files);
        _tip++;
        return new CommitResult(Sha, "main");
    }

    public void Dispose()
    {
    }

    private string Sha => $"{_tip:x8}";
}
