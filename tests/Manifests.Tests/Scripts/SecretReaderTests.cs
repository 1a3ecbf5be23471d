namespace ClusterTrust.Manifests.Tests.Scripts;

/// <summary>The demo readers report that a secret exists, never its value.</summary>
public sealed class SecretReaderTests
{
    [Theory]
    [InlineData("demo/secret-reader")]
    [InlineData("csi/azure-key-vault")]
    public async Task Length_and_checksum_are_shown_and_a_missing_or_empty_key_fails(string component)
    {
        using var folder = new TemporaryFolder();
        var secret = folder.Write("password", "correct horse");
        var empty = folder.Write("empty", "");
        var script = folder.Write("show-secret.sh", Script(component));
        await using var shell = new BinaryRunner("/bin/sh");

        var shown = (await shell.RunAsync(script, secret)).OrThrow();
        Assert.Contains("13 bytes, sha256 ", shown.StandardOutput, StringComparison.Ordinal);
        Assert.DoesNotContain("horse", shown.ToString(), StringComparison.Ordinal);

        foreach (var path in new[] { empty, folder.Combine("missing") })
        {
            var failed = await shell.RunAsync(script, secret, path);
            Assert.Equal(1, failed.ExitCode);
            Assert.Contains($"{path} is missing or empty", failed.StandardError, StringComparison.Ordinal);
        }
    }

    private static string Script(string component) => Workspace.Render($"components/{component}").OfKind("ConfigMap")
        .Select(static map => map["data"].Text("show-secret.sh")).Single(static script => script is not null)!;
}
