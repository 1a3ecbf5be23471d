using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace ClusterTrust.Docs.Tests;

/// <summary>scripts/release.sh without its build of images, which needs buildah: two layouts stand in for each image.</summary>
public sealed partial class ReleaseTests : IDisposable
{
    private const string Images = "registry.example.com/owner/clustertrust";
    private static readonly string Version = VersionElement().Match(File.ReadAllText(Path.Combine(Repository.Root, "Directory.Build.props"))).Groups[1].Value;
    private readonly TemporaryFolder _folder = new("clustertrust-release-");

    private string Out => _folder.CreateFolder("a");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Two_releases_of_one_commit_are_the_same_to_the_byte_and_name_the_images_by_their_digests()
    {
        var other = _folder.CreateFolder("b");
        await ReleaseAsync(Out);
        await ReleaseAsync(other);
        var files = Directory.GetFiles(Out, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Out, file)).ToArray();
        Assert.InRange(files.Length, 30, 60);
        Assert.All(files, file => Assert.Equal(File.ReadAllBytes(Path.Combine(Out, file)), File.ReadAllBytes(Path.Combine(other, file))));

        var digests = File.ReadAllLines(Path.Combine(Out, "digests.txt")).Select(static line => line.Split(' ')).ToDictionary(static parts => parts[0], static parts => parts[1]);

        Assert.Equal(["certsync", "manifests", "oidc"], digests.Keys.Order(StringComparer.Ordinal));
        var install = File.ReadAllText(Path.Combine(Out, "install.yaml"));
        foreach (var job in new[] { "oidc", "certsync" })
        {
            Assert.Contains($"image: {Images}/{job}@{digests[job]}\n", install, StringComparison.Ordinal);
            var index = Blob(digests[job]);
            Assert.Equal(["amd64", "arm64"], index["manifests"]!.AsArray().Select(static manifest => (string)manifest!["platform"]!["architecture"]!));
            Assert.All(index["manifests"]!.AsArray(), manifest => Blob((string)manifest!["digest"]!));
        }

        Assert.DoesNotContain("registry.invalid/clustertrust", install + Packed("manifests/oidc/cronjob.yaml") + Packed("kustomize/overlays/self-managed/kustomization.yaml"), StringComparison.Ordinal);
        Assert.Contains($"digest: {digests["oidc"]}", Packed("kustomize/overlays/self-managed/kustomization.yaml"), StringComparison.Ordinal);
        var artifact = Blob(digests["manifests"]);
        Assert.Equal(Digest(Path.Combine(Out, "manifests.tar.gz")), (string)artifact["layers"]![0]!["digest"]!);
        foreach (var line in File.ReadAllLines(Path.Combine(Out, "SHA256SUMS")).Select(static line => line.Split("  ")))
        {
            Assert.Equal("sha256:" + line[0], Digest(Path.Combine(Out, line[1])));
        }
    }

    [Theory]
    [InlineData("9.9.9", Images, "Directory.Build.props has")]
    [InlineData(null, "Owner/ClusterTrust", "give HOST/OWNER/NAME in lower case")]
    public async Task A_version_that_is_not_the_project_s_is_refused_and_so_is_a_name_that_is_none(string? version, string images, string reason)
    {
        var (exitCode, output) = await RunAsync(Out, version ?? Version, images);
        Assert.Equal(2, exitCode);
        Assert.Contains(reason, output, StringComparison.Ordinal);
    }

    /// <summary>One place has the version; what people copy from pages and manifests follows it.</summary>
    [Fact]
    public void Every_tag_in_pages_and_manifests_is_the_project_s_version()
    {
        var files = new[] { "docs", "kustomize", "manifests" }.SelectMany(static folder => Directory.GetFiles(Path.Combine(Repository.Root, folder), "*", SearchOption.AllDirectories))
            .Concat(Directory.GetFiles(Repository.Root, "*.md")).Concat(Directory.GetFiles(Repository.Root, "Dockerfile.*"))
            .Where(static file => Path.GetFileName(file) != "CHANGELOG.md");
        var tags = files.SelectMany(static file => Tag().Matches(File.ReadAllText(file)).Select(match => (Path.GetRelativePath(Repository.Root, file), match.Groups[1].Value))).ToArray();
        Assert.InRange(tags.Length, 6, 200);
        Assert.DoesNotContain(tags, static tag => tag.Value != Version);
    }

    private static async Task ReleaseAsync(string folder)
    {
        foreach (var name in new[] { "oidc-amd64", "oidc-arm64", "certsync-amd64", "certsync-arm64" })
        {
            await WriteLayoutAsync(Path.Combine(folder, "build", name), name);
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "build", "inputs.txt"), "inputs\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "build", "oidc.cdx.json"), "{}\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "build", "certsync.cdx.json"), "{}\n");
        var (exitCode, output) = await RunAsync(folder, Version, Images);
        Assert.True(exitCode == 0, output);
    }

    /// <summary>An OCI layout with one image, as buildah writes it.</summary>
    private static async Task WriteLayoutAsync(string folder, string content)
    {
        var blobs = Directory.CreateDirectory(Path.Combine(folder, "blobs", "sha256")).FullName;
        async Task<string> WriteAsync(string text)
        {
            var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
            await File.WriteAllTextAsync(Path.Combine(blobs, digest), text);
            return $"\"digest\":\"sha256:{digest}\",\"size\":{text.Length}";
        }

        var config = await WriteAsync($$"""{"name":"{{content}}"}""");
        var manifest = await WriteAsync($$$"""{"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json",{{{config}}}},"layers":[]}""");
        await File.WriteAllTextAsync(Path.Combine(folder, "oci-layout"), """{"imageLayoutVersion":"1.0.0"}""");
        await File.WriteAllTextAsync(
            Path.Combine(folder, "index.json"),
            $$$"""{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json",{{{manifest}}},"annotations":{"org.opencontainers.image.ref.name":"image"}}]}""");
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string folder, string version, string images)
    {
        await using var script = new BinaryRunner(Path.Combine(Repository.Root, "scripts", "release.sh")) { Environment = { ["IMAGES"] = images } };

        // If the folder belongs to another user, Git reads there whether it is safe.
        script.Environment["HOME"] = Environment.GetEnvironmentVariable("HOME") ?? "";
        var output = await script.RunAsync([version, folder, "assemble"]);
        return (output.ExitCode, output.StandardError);
    }

    private JsonNode Blob(string digest)
    {
        var path = Path.Combine(Out, "oci", "blobs", digest.Replace(':', '/'));
        Assert.Equal(digest, Digest(path));
        return JsonNode.Parse(File.ReadAllText(path))!;
    }

    private string Packed(string name)
    {
        using var gzip = new GZipStream(File.OpenRead(Path.Combine(Out, "manifests.tar.gz")), CompressionMode.Decompress);
        TarFile.ExtractToDirectory(gzip, _folder.CreateFolder("packed"), overwriteFiles: true);
        return File.ReadAllText(_folder.Combine("packed", name));
    }

    private static string Digest(string path) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));

    [GeneratedRegex("<Version>(.*)</Version>")]
    private static partial Regex VersionElement();

    [GeneratedRegex(@"(?:\?ref=v|clustertrust/(?:oidc|certsync|manifests):|app\.kubernetes\.io/version: |VERSION=|@refs/tags/v)(\d+\.\d+\.\d+[\w.-]*)")]
    private static partial Regex Tag();
}
