namespace ClusterTrust.Oidc.Tests.Repository.Signing;

/// <summary>A folder of a test, gone when the test is.</summary>
public sealed class TempFolder : IDisposable
{
    // Short, since the socket of gpg-agent lies in it and its path may have 107 characters only.
    public string Path { get; } = Directory.CreateTempSubdirectory("ct-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public string Write(string name, string content)
    {
        System.IO.File.WriteAllText(File(name), content);
        return File(name);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
