using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace ClusterTrust.Oidc.Issuer;

/// <summary>Base64url as JOSE wants it (RFC 7515 §2): no padding, no white space, no stray bits. One value has one spelling.</summary>
internal static class StrictBase64Url
{
    public static bool TryDecode(string text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_'))
            {
                return false;
            }
        }

        if (text.Length % 4 == 1)
        {
            return false;
        }

        var decoded = Base64Url.DecodeFromChars(text);
        if (Base64Url.EncodeToString(decoded) != text)
        {
            return false;
        }

        bytes = decoded;
        return true;
    }

    public static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);
}
