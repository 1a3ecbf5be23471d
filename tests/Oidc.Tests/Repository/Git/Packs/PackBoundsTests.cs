using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Repository.Git;
using ClusterTrust.Oidc.Repository.Git.Packs;
using ClusterTrust.Sandbox.Git;

namespace ClusterTrust.Oidc.Tests.Repository.Git.Packs;

public sealed class PackBoundsTests
{
    private const int Commit = 1;
    private const int Tree = 2;
    private const int Blob = 3;
    private const int OffsetDelta = 6;
    private const int NameDelta = 7;

    private static readonly GitAddress Address = GitAddress.Parse("https://github.com/example/cluster-a.git");

    [Theory]
    [InlineData(false, 1)]
    [InlineData(false, 4096)]
    [InlineData(true, 1)]
    [InlineData(true, 7)]
    [InlineData(true, 100_000)]
    public async Task A_pack_of_Git_passes_to_its_end_whatever_the_pieces(bool inLines, int piece)
    {
        using var repository = await GitRepository.CreateAsync();
        var random = new Random(4);
        var text = string.Join('\n', Enumerable.Range(0, 2000).Select(_ => random.Next()));
        await repository.BuildHistoryAsync("main", 40, number => [GitChange.File("large.txt", text + number), GitChange.File($"f{number}.txt", $"{number}")]);
        (await repository.RunAsync(["repack", "-a", "-d", "-q"])).OrThrow();
        var pack = await File.ReadAllBytesAsync(Assert.Single(Directory.GetFiles(Path.Combine(repository.Path, "objects", "pack"), "*.pack")));

        var bounds = new PackBounds(Address);
        Pass(bounds, inLines ? Lines(pack) : [.. "0008NAK\n"u8, .. pack], piece);

        Assert.True(bounds.IsAtEnd);
    }

    [Theory]
    [InlineData(OffsetDelta, 100, PackBounds.LargestDelta + 1)]
    [InlineData(NameDelta, 100, PackBounds.LargestDelta + 1)]
    [InlineData(NameDelta, PackBounds.LargestDelta + 1, 100)]
    [InlineData(OffsetDelta, 100, long.MaxValue)]
    public void A_delta_from_or_to_more_than_the_largest_is_refused(int type, long from, long to) =>
        Refuses(Pack(Entry(Blob, 100, new byte[100]), Entry(type, 12, [.. Number(from), .. Number(to), 1, 2])), "67108864");

    [Theory]
    [InlineData(Commit)]
    [InlineData(Tree)]
    public void A_commit_or_folder_larger_than_the_largest_is_refused_by_its_length(int type) =>
        Refuses(Pack(Entry(type, PackBounds.LargestStructure + 1, [1])), "16777216");

    [Fact]
    public void A_file_is_of_any_size_and_a_delta_up_to_the_largest()
    {
        var pack = Pack(
            Entry(Blob, 10L << 30, new byte[100_000]), Entry(NameDelta, 12, [.. Number(PackBounds.LargestDelta), .. Number(PackBounds.LargestDelta), 1]), Entry(Tree, 1, [1]));
        var bounds = new PackBounds(Address);

        Pass(bounds, Lines(pack), 1000);

        Assert.True(bounds.IsAtEnd);
    }

    [Fact]
    public void What_is_packed_wrongly_is_told_and_no_more_is_read()
    {
        var pack = Pack(Entry(Blob, 3, [1, 2, 3]), Entry(Blob, 3, [1, 2, 3]));
        pack[14] ^= 0xff;

        var fault = Assert.Throws<TransientGitException>(() => Pass(new PackBounds(Address), Lines(pack), 1000));

        Assert.Contains("is damaged", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_pack_is_left_alone()
    {
        var bounds = new PackBounds(Address);

        Pass(bounds, [.. "0034shallow 0123456789012345678901234567890123456789"u8, .. "00000008NAK\n"u8, .. "0009\u0002abcd"u8, .. "0008\u0003no\n"u8], 3);

        Assert.False(bounds.IsAtEnd);
    }

    private static void Refuses(byte[] pack, string most)
    {
        foreach (var piece in new[] { 1, 1000 })
        {
            var fault = Assert.Throws<JobException>(() => Pass(new PackBounds(Address), Lines(pack), piece));
            Assert.Equal(ExitCode.Refused, fault.ExitCode);
            Assert.Contains($"unfolds to more than {most} bytes", fault.Message, StringComparison.Ordinal);
        }
    }

    private static void Pass(PackBounds bounds, byte[] answer, int piece)
    {
        var channel = new PackChannel(bounds);
        foreach (var part in answer.Chunk(piece))
        {
            channel.Pass(part);
        }
    }

    /// <summary>The answer of git-upload-pack: the pack in the first channel, and a word in the second.</summary>
    private static byte[] Lines(byte[] pack) =>
    [
        .. "0008NAK\n"u8,
        .. pack.Chunk(900).SelectMany(static part => Encoding.ASCII.GetBytes($"{part.Length + 5:x4}\u0001").Concat(part).Concat("000a\u0002half\n"u8.ToArray())),
        .. "0000"u8,
    ];

    private static byte[] Pack(params byte[][] entries)
    {
        var header = new byte[12];
        "PACK"u8.CopyTo(header);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), 2);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(8), entries.Length);
        return [.. header, .. entries.SelectMany(static entry => entry), .. new byte[20]];
    }

    private static byte[] Entry(int type, long size, byte[] content)
    {
        var head = new List<byte>();
        var (first, rest) = ((byte)((type << 4) | (int)(size & 15)), size >> 4);
        while (rest > 0)
        {
            head.Add((byte)(first | 0x80));
            (first, rest) = ((byte)(rest & 0x7f), rest >> 7);
        }

        head.Add(first);
        head.AddRange(type switch { OffsetDelta => [0x81, 0x00], NameDelta => new byte[20], _ => [] });
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal))
        {
            zlib.Write(content);
        }

        return [.. head, .. packed.ToArray()];
    }

    private static byte[] Number(long value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        return [.. bytes, (byte)value];
    }
}
