namespace ClusterTrust.Sandbox.Processes;

/// <summary>Finds the programs that the sandbox runs.</summary>
public static class Tools
{
    // An ordinary user's PATH lacks the sbin folders, where Debian keeps sshd.
    private static readonly string[] AlwaysSearched = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin"];

    /// <summary>The absolute path of a program on PATH or in a system folder.</summary>
    public static string Find(string name, string debianPackage) =>
        TryFind(name) ?? throw new MissingToolException(name, debianPackage);

    /// <summary>The absolute path of a program, or null; what <c>scripts/setup.sh</c> put into <c>artifacts/tools/bin</c> goes first.</summary>
    public static string? TryFind(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Prepend(Path.Combine(Binaries.RepositoryRoot(AppContext.BaseDirectory), "artifacts", "tools", "bin"))
            .Concat(AlwaysSearched)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
}

/// <summary>A program that the sandbox runs is not installed; the message names it and the Debian package that brings it.</summary>
public sealed class MissingToolException(string tool, string debianPackage)
    : Exception($"The sandbox needs '{tool}', which is not on this machine: install the Debian package {debianPackage} (apt-get install {debianPackage}).");

/// <summary>Prometheus' own checker: <c>scripts/setup.sh test</c> takes it out of Debian's package.</summary>
public static class Promtool
{
    public static async Task<Output> RunAsync(IEnumerable<string> arguments, string input = "")
    {
        await using var runner = new BinaryRunner(Tools.Find("promtool", "prometheus"));
        return await runner.RunAsync(arguments, input: System.Text.Encoding.UTF8.GetBytes(input));
    }
}
