namespace ClusterTrust.Sandbox.Git;

/// <summary>The repositories of a sandbox by their names <c>owner/repository</c>: what the SSH and the HTTPS server serve, and nothing else.</summary>
public sealed class GitRepositories : IDisposable
{
    private readonly TemporaryFolder _root = new("clustertrust-git-");
    private readonly BinaryRunner _git = GitProgram.Runner();
    private readonly ConcurrentDictionary<string, GitRepository> _repositories = new(StringComparer.Ordinal);

    /// <summary>The folder that holds <c>owner/repository.git</c> for each repository (GIT_PROJECT_ROOT).</summary>
    public string Root => _root.Path;

    public IReadOnlyCollection<string> Names => [.. _repositories.Keys];

    public GitRepository this[string name] => _repositories[name];

    public async Task<GitRepository> CreateAsync(string name) => _repositories[name] = await GitRepository.CreateAsync(_root, $"{name}.git", _git);

    public void Dispose()
    {
        _git.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _root.Dispose();
    }
}
