using System.Globalization;
using System.Text.Json;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.EndToEnd.Tests.Size;

/// <summary>
/// Holds the native binaries to their sizes in <c>sizes.json</c> (bytes, linux-x64), so that a dependency that drags much in is seen when
/// it comes. The JIT build, and a wrapper in place of a binary, have no size to hold.
/// </summary>
public sealed class BinarySizeTests
{
    [Theory]
    [InlineData("oidc")]
    [InlineData("certsync")]
    public void A_native_binary_is_at_most_a_tenth_larger_than_recorded(string job)
    {
        var recorded = Recorded()[job];
        if (NativeSize(job) is { } size)
        {
            Assert.True(
                size <= recorded + (recorded / 10),
                string.Create(CultureInfo.InvariantCulture, $"{job} has {size} bytes, recorded are {recorded}: find out what made it grow; if it is worth it, write the new size into tests/EndToEnd.Tests/Size/sizes.json."));
            Assert.True(
                size >= recorded - (recorded / 10),
                string.Create(CultureInfo.InvariantCulture, $"{job} has shrunk to {size} bytes, recorded are {recorded}: write the new size into tests/EndToEnd.Tests/Size/sizes.json, so that it stays so."));
        }
    }

    [Fact]
    public void Every_job_has_a_recorded_size() => Assert.Equal(["certsync", "oidc"], Recorded().Keys.Order());

    private static long? NativeSize(string job)
    {
        var path = Binaries.Find(job);
        using var file = File.OpenRead(path);
        Span<byte> magic = stackalloc byte[4];
        file.ReadExactly(magic);
        var isNative = magic.SequenceEqual("\u007FELF"u8) && !File.Exists(Path.ChangeExtension(path, ".dll"));
        return isNative ? file.Length : null;
    }

    private static Dictionary<string, long> Recorded()
    {
        var path = Path.Combine(Binaries.RepositoryRoot(AppContext.BaseDirectory), "tests", "EndToEnd.Tests", "Size", "sizes.json");
        return JsonSerializer.Deserialize<Dictionary<string, long>>(File.ReadAllText(path))!;
    }
}
