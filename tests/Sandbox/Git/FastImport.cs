using System.Globalization;
using System.Text;

namespace ClusterTrust.Sandbox.Git;

/// <summary>Writes the stream format of <c>git fast-import</c>.</summary>
internal sealed class FastImport(Stream stream)
{
    public const string Author = "Sandbox <sandbox@clustertrust.example>";

    public async Task CommitAsync(string branch, string? from, string message, DateTimeOffset time, IEnumerable<GitChange> changes)
    {
        await LineAsync($"commit refs/heads/{branch}");
        await LineAsync(string.Create(CultureInfo.InvariantCulture, $"committer {Author} {time.ToUnixTimeSeconds()} +0000"));
        await DataAsync(Encoding.UTF8.GetBytes(message));
        if (from is not null)
        {
            await LineAsync($"from {from}");
        }

        foreach (var change in changes)
        {
            if (change is GitChange.Written written)
            {
                await LineAsync($"M {written.Mode} inline {written.Path}");
                await DataAsync(written.Content);
            }
            else
            {
                await LineAsync($"D {change.Path}");
            }
        }

        await LineAsync("");
    }

    private async Task DataAsync(byte[] bytes)
    {
        await LineAsync(string.Create(CultureInfo.InvariantCulture, $"data {bytes.Length}"));
        await stream.WriteAsync(bytes);
        await LineAsync("");
    }

    private async Task LineAsync(string line) => await stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"));
}
