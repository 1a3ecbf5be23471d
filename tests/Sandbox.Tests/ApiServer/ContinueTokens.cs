using System.Buffers.Text;
using System.Text;
using System.Text.RegularExpressions;

namespace ClusterTrust.Sandbox.Tests.ApiServer;

/// <summary>Looks into continue tokens, which only a test may.</summary>
internal static partial class ContinueTokens
{
    public static string Decode(string token) => Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token));

    public static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    public static string RevisionOf(string token) => Revision().Match(Decode(token)).Groups[1].Value;

    /// <summary>The path with its continue token moved to another revision.</summary>
    public static string MoveTo(string path, string revision) =>
        Token().Replace(path, match => Encode(Revision().Replace(Decode(match.Value), $"\"rv\":{revision}")));

    [GeneratedRegex("\"rv\":(-?[0-9]+)")]
    private static partial Regex Revision();

    [GeneratedRegex("(?<=continue=)[A-Za-z0-9_-]{20,}")]
    private static partial Regex Token();
}
