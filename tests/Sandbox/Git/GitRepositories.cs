using System.Collections.Concurrent;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.Sandbox.Git;

/// <summary>The repositories of a sandbox by their names <c>owner/repository</c>: what the SSH and the HTTPS server serve, and nothing else.</summary>
public sealed class GitRepositories : IDisposable
{
    private readonly TemporaryFolder root = new("clustertrust-git-root-");
    private readonly ConcurrentDictionary<string, GitRepository> repositories = new(StringComparer.Ordinal);

    /// <summary>A folder in which <c>owner/repository.git</c> leads to each repository (GIT_PROJECT_ROOT).</summary>
    public string Root => root.Path;

    public IReadOnlyCollection<string> Names => [.. repositories.Keys];

    /// <exception cref="KeyNotFoundException">There is none of that name.</exception>
    public GitRepository this[string name] => repositories[name];

    /// <summary>Creates an empty repository, serves it, and removes it on dispose.</summary>
    /// <param name="name"><c>owner/repository</c>, without <c>.git</c>.</param>
    public async Task<GitRepository> CreateAsync(string name, string defaultBranch = "main", CancellationToken cancellation = default)
    {
        var repository = await GitRepository.CreateAsync(defaultBranch, cancellation);
        repositories[name] = repository;
        var link = root.Combine($"{name}.git");
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        Directory.CreateSymbolicLink(link, repository.Path);
        return repository;
    }

    public void Dispose()
    {
        foreach (var repository in repositories.Values)
        {
            repository.Dispose();
        }

        root.Dispose();
    }
}
