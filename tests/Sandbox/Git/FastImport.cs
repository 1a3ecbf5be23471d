using System.Buffers;
using System.Globalization;
using System.Text;

namespace ClusterTrust.Sandbox.Git;

/// <summary>The stream format of <c>git fast-import</c>.</summary>
internal sealed class FastImport
{
    private const string Committer = "Sandbox <sandbox@clustertrust.example>";

    private readonly ArrayBufferWriter<byte> stream = new();

    public ReadOnlyMemory<byte> Bytes => stream.WrittenMemory;

    public void Commit(string branch, string? from, string message, DateTimeOffset time, IEnumerable<GitChange> changes)
    {
        Line($"commit refs/heads/{branch}");
        Line(string.Create(CultureInfo.InvariantCulture, $"committer {Committer} {time.ToUnixTimeSeconds()} +0000"));
        Data(Encoding.UTF8.GetBytes(message));
        if (from is not null)
        {
            Line($"from {from}");
        }

        foreach (var change in changes)
        {
            if (change is GitChange.Written written)
            {
                Line($"M {written.Mode} inline {written.Path}");
                Data(written.Content);
            }
            else
            {
                Line($"D {change.Path}");
            }
        }

        Line("");
    }

    private void Data(byte[] bytes)
    {
        Line(string.Create(CultureInfo.InvariantCulture, $"data {bytes.Length}"));
        stream.Write(bytes);
        Line("");
    }

    private void Line(string line) => stream.Write(Encoding.UTF8.GetBytes(line + "\n"));
}
