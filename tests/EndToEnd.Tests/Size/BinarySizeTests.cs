namespace ClusterTrust.EndToEnd.Tests.Size;

/// <summary>
/// Holds the native binaries to their sizes in <c>sizes.json</c> (bytes, linux-x64), so that a dependency that drags much in is seen when
/// it comes. The JIT build, and a wrapper in place of a binary, have no size to hold.
/// </summary>
public sealed class BinarySizeTests
{
    private const string Sizes = "tests/EndToEnd.Tests/Size/sizes.json";

    [Theory]
    [InlineData("oidc"), InlineData("certsync")]
    public void A_native_binary_differs_by_at_most_a_tenth_from_the_size_that_is_recorded(string job)
    {
        var recorded = JsonSerializer.Deserialize<Dictionary<string, long>>(File.ReadAllText(Path.Combine(Repository.Root, Sizes)))![job];
        var path = Binaries.Find(job);
        using var file = File.OpenRead(path);
        Span<byte> magic = stackalloc byte[4];
        file.ReadExactly(magic);
        if (magic.SequenceEqual("\u007FELF"u8) && !File.Exists(Path.ChangeExtension(path, ".dll")))
        {
            Assert.True(
                Math.Abs(file.Length - recorded) <= recorded / 10,
                string.Create(CultureInfo.InvariantCulture, $"{job} has {file.Length} bytes, recorded are {recorded}: find out what made it grow; if it is worth it, or it shrank, write the new size into {Sizes}."));
        }
    }
}
