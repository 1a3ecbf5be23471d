namespace ClusterTrust.Shared.Tests.Hosting;

public sealed class InputFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("pipe", "is not a regular file")]
    [InlineData("pipe with a writer", "is not a regular file")]
    [InlineData("link to a pipe", "is not a regular file")]
    [InlineData("folder", "is a directory")]
    [InlineData("/dev/zero", "has more than 4194304 bytes")]
    [InlineData("long", "has more than 4194304 bytes")]
    public void What_is_no_regular_file_of_limited_size_is_refused_wherever_it_is_named(string file, string fault)
    {
        var path = Make(file);
        using var writer = file == "pipe with a writer" ? new FileStream(path, FileMode.Open, FileAccess.ReadWrite) : null;
        Assert.StartsWith(fault, Assert.Throws<InputFileException>(() => InputFile.Read(path)).Message, StringComparison.Ordinal);
        using var content = InputFile.Read(path, FileKind.Token);
        Assert.StartsWith(fault, content.Fault, StringComparison.Ordinal);
        Assert.Equal("must name a regular file of at most 4 MiB, not a directory, pipe or device", Setting.FilePath("--file", "").Parse(path).Fault);
    }

    [Fact]
    public void A_socket_and_a_missing_file_cannot_be_read()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Make("socket")));
        Assert.ThrowsAny<IOException>(() => InputFile.Read(Make("socket")));
        Assert.Throws<FileNotFoundException>(() => InputFile.Read(Make("nowhere")));
    }

    [Theory]
    [InlineData(0), InlineData(100_000), InlineData(InputFile.MaximumLength)]
    public void A_file_of_at_most_the_maximum_length_is_read_whole(int length)
    {
        var bytes = new byte[length];
        Random.Shared.NextBytes(bytes);
        File.WriteAllBytes(Make("regular"), bytes);
        using var content = InputFile.Read(Make("regular"));
        Assert.True(content.Memory.Span.SequenceEqual(bytes));
    }

    private string Make(string file)
    {
        var path = _folder.Combine(file);
        switch (file)
        {
            case "pipe" or "pipe with a writer":
                using (var made = Process.Start("mkfifo", [path]))
                {
                    made.WaitForExit();
                }

                break;
            case "link to a pipe":
                File.CreateSymbolicLink(path, Make("pipe"));
                break;
            case "folder":
                Directory.CreateDirectory(path);
                break;
            case "long":
                File.WriteAllBytes(path, new byte[InputFile.MaximumLength + 1]);
                break;
        }

        return path;
    }
}
