using System.Collections.Concurrent;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.Sandbox.Git;

/// <summary>The repositories of a sandbox by their names <c>owner/repository</c>: what the SSH and the HTTPS server serve, and nothing else.</summary>
public sealed class GitRepositories : IDisposable
{
    private readonly TemporaryFolder root = new("clustertrust-git-");
    private readonly ConcurrentDictionary<string, GitRepository> repositories = new(StringComparer.Ordinal);

    /// <summary>The folder that holds <c>owner/repository.git</c> for each repository (GIT_PROJECT_ROOT).</summary>
    public string Root => root.Path;

    public IReadOnlyCollection<string> Names => [.. repositories.Keys];

    /// <exception cref="KeyNotFoundException">There is none of that name.</exception>
    public GitRepository this[string name] => repositories[name];

    /// <summary>Creates an empty repository and serves it.</summary>
    /// <param name="name"><c>owner/repository</c>, without <c>.git</c>.</param>
    /// <exception cref="MissingToolException">git is not installed.</exception>
    public async Task<GitRepository> CreateAsync(string name, CancellationToken cancellation = default) =>
        repositories[name] = await GitRepository.CreateAsync(root, $"{name}.git", cancellation);

    public void Dispose()
    {
        foreach (var repository in repositories.Values)
        {
            repository.Dispose();
        }

        root.Dispose();
    }
}
