namespace ClusterTrust.Sandbox.Processes;

/// <summary>A folder of its own under the system's temporary folder, readable by its owner only, removed with all its content on dispose.</summary>
public sealed class TemporaryFolder : IDisposable
{
    /// <param name="prefix">How the folder's name begins; helps to find out who left one behind.</param>
    public TemporaryFolder(string prefix = "clustertrust-") => Path = Directory.CreateTempSubdirectory(prefix).FullName;

    /// <summary>The absolute path.</summary>
    public string Path { get; }

    /// <summary>The absolute path of something in this folder; nothing is created.</summary>
    public string Combine(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>Writes a text file (UTF-8, no byte order mark) with its folders.</summary>
    /// <param name="relativePath">Path below this folder.</param>
    /// <param name="text">The content.</param>
    /// <param name="mode">Its permissions; 0600 when null, as ssh asks for private keys.</param>
    /// <returns>The absolute path.</returns>
    public string Write(string relativePath, string text, UnixFileMode? mode = null)
    {
        var path = Combine(relativePath);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode ?? (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        }

        return path;
    }

    /// <summary>Creates a folder below this one and returns its absolute path.</summary>
    public string CreateFolder(string relativePath) => Directory.CreateDirectory(Combine(relativePath)).FullName;

    public void Dispose()
    {
        if (Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
