using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.EndToEnd.Tests.Hostile;

/// <summary>Runs a job where every file it writes and every byte of memory it takes is seen.</summary>
internal static class Confined
{
    /// <summary>
    /// Runs a job for what it answers. With the native binaries (<c>PUBLISHED=1</c>) it is confined too; otherwise it runs in the process
    /// of the tests, of which neither the memory nor the temporary folder is the job's alone.
    /// </summary>
    public static async Task<Output> AnswerAsync(SandboxCluster cluster, string job, string[] arguments)
    {
        if (BinaryRunner.InProcess is null)
        {
            return await RunAsync(cluster, job, arguments);
        }

        await using var runner = cluster.Job(job);
        return await runner.RunAsync(arguments);
    }

    /// <summary>Runs it to its end, and holds it to its bounds: memory, time, and nothing left or written outside of its temporary folder.</summary>
    /// <param name="cluster">The sandbox.</param>
    /// <param name="job"><c>oidc</c> or <c>certsync</c>.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables besides those that lead to the sandbox.</param>
    public static async Task<Output> RunAsync(
        SandboxCluster cluster, string job, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        await using var runner = cluster.Job(job);
        // Deep enough for names such as ../../../x to stay where they are looked for.
        var work = Directory.CreateDirectory(Path.Combine(runner.Home, "a", "b", "c", "work")).FullName;
        var temporary = Directory.CreateDirectory(Path.Combine(runner.Home, "a", "b", "c", "tmp")).FullName;
        runner.WorkingDirectory = work;
        runner.Environment["TMPDIR"] = temporary;
        runner.Environment["DOTNET_EnableDiagnostics"] = "0"; // sockets in the temporary folder
        var before = Content(runner.Home);

        var process = runner.Start(arguments, environment);
        var peak = PeakMemory.OfAsync(process);
        var output = await process.WaitAsync();

        Assert.Equal(before, Content(runner.Home));
        Assert.True(await peak < PeakMemory.MostMebibytes, $"The run took {await peak} MiB. {output}");
        return output;
    }

    private static string[] Content(string folder) =>
        [.. Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
