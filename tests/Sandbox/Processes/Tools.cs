namespace ClusterTrust.Sandbox.Processes;

public static class Tools
{
    // An ordinary user's PATH lacks the sbin folders, where Debian keeps sshd.
    private static readonly string[] AlwaysSearched = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin"];

    public static string Find(string name, string debianPackage) =>
        TryFind(name) ?? throw new InvalidOperationException($"The sandbox needs '{name}', which is not on this machine: install the Debian package {debianPackage} (apt-get install {debianPackage}).");

    /// <summary>The absolute path of a program, or null; those that <c>scripts/setup.sh</c> installed into <c>artifacts/tools/bin</c> take precedence.</summary>
    public static string? TryFind(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Prepend(Path.Combine(Binaries.RepositoryRoot(AppContext.BaseDirectory), "artifacts", "tools", "bin"))
            .Concat(AlwaysSearched)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
}

/// <summary>Prometheus' own checker: <c>scripts/setup.sh test</c> takes it out of Debian's package.</summary>
public static class Promtool
{
    public static async Task<Output> RunAsync(IEnumerable<string> arguments, string input = "")
    {
        await using var runner = new BinaryRunner(Tools.Find("promtool", "prometheus"));
        return await runner.RunAsync(arguments, input: System.Text.Encoding.UTF8.GetBytes(input));
    }
}
