namespace ClusterTrust.Sandbox.Processes;

/// <summary>Locates the built jobs in the repository's <c>artifacts</c> folder.</summary>
public static class Binaries
{
    /// <summary>
    /// The absolute path of <c>artifacts/NAME/NAME</c> in the repository that this assembly was built in, or of <c>NAME/NAME</c> in the
    /// folder that the environment variable <c>CLUSTERTRUST_BINARIES</c> names.
    /// </summary>
    public static string Find(string name)
    {
        var path = Path.Combine(
            Environment.GetEnvironmentVariable("CLUSTERTRUST_BINARIES") ?? Path.Combine(RepositoryRoot(AppContext.BaseDirectory), "artifacts"), name, name);
        return File.Exists(path)
            ? path
            : throw new FileNotFoundException($"The binary {path} does not exist: run 'make build' in the repository first.", path);
    }

    internal static bool IsJob(string fileName) => Path.GetFileName(fileName) is "oidc" or "certsync";

    /// <summary>The nearest folder upwards that contains Jobs.sln.</summary>
    public static string RepositoryRoot(string from)
    {
        for (var folder = new DirectoryInfo(from); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Jobs.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No folder from {from} upwards contains Jobs.sln: the binaries are looked for in a repository's artifacts folder, built by 'make build'.");
    }
}
