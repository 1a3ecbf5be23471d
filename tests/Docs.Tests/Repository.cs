using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.Docs.Tests;

/// <summary>The folder with Jobs.sln.</summary>
internal static class Repository
{
    public static string Root { get; } = Binaries.RepositoryRoot(AppContext.BaseDirectory);

    /// <summary>Fails when a file is not what the code makes it; with <c>UPDATE_DOCS=1</c> writes it.</summary>
    /// <param name="path">Its path in the repository.</param>
    /// <param name="text">What the code makes it.</param>
    public static void AssertUpToDate(string path, string text)
    {
        var file = Path.Combine(Root, path);
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
        {
            File.WriteAllText(file, text);
        }

        Assert.True(File.ReadAllText(file) == text, $"{path} is out of date: run 'make docs'.");
    }
}
