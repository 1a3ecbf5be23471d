namespace ClusterTrust.EndToEnd.Tests.Hostile;

/// <summary>Runs a job where every file it writes and every byte of memory it takes is seen.</summary>
internal static class Confined
{
    /// <summary>
    /// Runs a job to its end as a process that is held to its bounds: memory, time, and nothing left or written outside of its temporary
    /// folder. What MSAL learns of an authority, it remembers for its whole process; so the tests' own never meets a hostile one.
    /// </summary>
    public static async Task<Output> RunAsync(SandboxCluster cluster, string job, IEnumerable<string> arguments)
    {
        await using var runner = cluster.Job(job);
        // Deep enough for names such as ../../../x to stay where they are looked for.
        runner.WorkingDirectory = Directory.CreateDirectory(Path.Combine(runner.Home, "a", "b", "c", "work")).FullName;
        runner.Environment["TMPDIR"] = Directory.CreateDirectory(Path.Combine(runner.Home, "a", "b", "c", "tmp")).FullName;
        runner.Environment["DOTNET_EnableDiagnostics"] = "0"; // sockets in the temporary folder
        var before = Content(runner.Home);

        var output = await runner.Start(arguments).WaitWithinLimitAsync(job);

        Assert.Equal(before, Content(runner.Home));
        return output;
    }

    private static string[] Content(string folder) =>
        [.. Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
