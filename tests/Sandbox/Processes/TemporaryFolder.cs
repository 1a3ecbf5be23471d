namespace ClusterTrust.Sandbox.Processes;

/// <summary>A folder of its own under the system's temporary folder, readable by its owner only, removed with all its content on dispose.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder(string prefix = "clustertrust-") => Path = Directory.CreateTempSubdirectory(prefix).FullName;

    public string Path { get; }

    /// <summary>The absolute path of something in this folder; nothing is created.</summary>
    public string Combine(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>Writes a text file (UTF-8, no byte order mark) with its folders.</summary>
    /// <param name="mode">Its permissions; 0600 when null, as ssh requires for private keys.</param>
    public string Write(string relativePath, string text, UnixFileMode? mode = null)
    {
        var path = Combine(relativePath);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        var permissions = mode ?? (UnixFileMode.UserRead | UnixFileMode.UserWrite);
        if (permissions.HasFlag(UnixFileMode.UserExecute))
        {
            WritePrograms(System.IO.Path.GetDirectoryName(relativePath)!, [(System.IO.Path.GetFileName(path), text)], permissions);
            return path;
        }

        File.WriteAllText(path, text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, permissions);
        }

        return path;
    }

    /// <summary>
    /// Lets another process write programs into a folder: the kernel does not start a program that is open for writing (ETXTBSY), and a process that
    /// another test starts meanwhile inherits this process's open files until it runs its own program.
    /// </summary>
    public void WritePrograms(string folder, IEnumerable<(string Name, string Text)> programs, UnixFileMode mode)
    {
        string[] sources = [.. programs.Select(one => Write($"{folder}.source/{one.Name}", one.Text))];
        using var install = Process.Start("install", ["-D", "-m", Convert.ToString((int)mode, 8), "-t", Combine(folder), .. sources]);
        install.WaitForExit();
        if (install.ExitCode != 0)
        {
            throw new IOException($"install could not write into {Combine(folder)}.");
        }

        Array.ForEach(sources, File.Delete);
    }

    public string CreateFolder(string relativePath) => Directory.CreateDirectory(Combine(relativePath)).FullName;

    public void Dispose()
    {
        if (Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
