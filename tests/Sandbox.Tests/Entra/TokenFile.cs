namespace ClusterTrust.Sandbox.Tests.Entra;

/// <summary>A projected token as a file in a temporary folder.</summary>
internal sealed class TokenFile : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("clustertrust-");

    public TokenFile(string token) => File.WriteAllText(Path, token);

    public string Path => System.IO.Path.Combine(folder.FullName, "token");

    public void Dispose() => folder.Delete(recursive: true);
}
