namespace ClusterTrust.Docs.Tests;

/// <summary>Where packages and base images may come from.</summary>
public sealed partial class SupplyChainTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Restore_requires_source_mapping_when_there_is_more_than_one_remote_source(int sources)
    {
        using var folder = new TemporaryFolder();
        foreach (var file in new[] { "Directory.Build.props", "Directory.Packages.props", "global.json" })
        {
            File.Copy(Path.Combine(Repository.Root, file), folder.Combine(file));
        }

        var added = string.Concat(Enumerable.Range(1, sources).Select(static number => $"<add key=\"source-{number}\" value=\"https://packages-{number}.invalid/index.json\"/>"));
        folder.Write("nuget.config", $"<configuration><packageSources><clear/>{added}</packageSources></configuration>");
        folder.Write("Project.csproj", "<Project Sdk=\"Microsoft.NET.Sdk\"/>");
        await using var dotnet = new BinaryRunner("dotnet") { WorkingDirectory = folder.Path }.InheritEnvironment();

        var restore = await dotnet.RunAsync("restore");

        Assert.Equal(sources > 1, restore.StandardOutput.Contains("error NU1507", StringComparison.Ordinal));
        Assert.Equal(sources > 1 ? 1 : 0, restore.ExitCode);
    }

    /// <summary>Of packages that are linked, and of libgit2 beside them. Publishing adds the runtime's.</summary>
    [Theory]
    [InlineData("oidc", "LICENSE", "BouncyCastle.Cryptography/LICENSE.md", "LibGit2Sharp.NativeBinaries/libgit2.license.txt", "SSH.NET/ssh.net.nuspec", "Polly.Core/LICENSE")]
    [InlineData("certsync", "LICENSE", "Azure.Core/azure.core.nuspec", "KubernetesClient.Aot/kubernetesclient.aot.nuspec", "OpenTelemetry/LICENSE.TXT", "Polly.Core/LICENSE")]
    public async Task Images_contain_the_licenses_of_their_packages(string job, params string[] texts)
    {
        using var folder = new TemporaryFolder();
        await using var dotnet = new BinaryRunner("dotnet") { WorkingDirectory = Repository.Root }.InheritEnvironment();
        (await dotnet.RunAsync("msbuild", $"jobs/{job}", "-target:CopyLicenses", $"-property:LicensesFolder={folder.Path}")).OrThrow();
        Assert.All(texts, text => Assert.True(File.Exists(folder.Combine(text)), text));
        Assert.Contains("-p:LicensesFolder=/licenses ", File.ReadAllText(Path.Combine(Repository.Root, $"Dockerfile.{job}")), StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.GetDirectories(folder.Path), static package => package.EndsWith("ILCompiler", StringComparison.Ordinal));
    }

    [Fact]
    public void Images_are_built_on_base_images_by_digest_the_same_for_both()
    {
        var files = new[] { "Dockerfile.oidc", "Dockerfile.certsync" }.Select(static file => File.ReadAllText(Path.Combine(Repository.Root, file))).ToArray();
        Assert.All(files, static file => Assert.All(From().Matches(file), static from => Assert.Matches(@"^\$\{(SDK|BASE)_IMAGE\}$", from.Groups[1].Value)));
        var bases = files.Select(static file => BaseImage().Matches(file).Select(static match => match.Value).ToArray()).ToArray();
        Assert.Equal(2, bases[0].Length);
        Assert.Equal(bases[0], bases[1]);
        Assert.All(bases[0], static image => Assert.Matches(":[0-9][^@]*@sha256:[0-9a-f]{64}$", image));
    }

    [GeneratedRegex(@"^FROM (?:--\S+ )*(\S+)", RegexOptions.Multiline)]
    private static partial Regex From();

    [GeneratedRegex(@"(?<=^ARG (?:SDK|BASE)_IMAGE=)\S+", RegexOptions.Multiline)]
    private static partial Regex BaseImage();
}
