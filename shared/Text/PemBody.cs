using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace ClusterTrust.Text;

/// <summary>The base64 between two PEM markers.</summary>
public static class PemBody
{
    /// <summary>Decodes a body, whose RFC 1421 headers are passed over.</summary>
    /// <param name="body">What is between the markers.</param>
    /// <returns>The bytes in a buffer that the garbage collector does not copy, so that a key can be wiped from it; null if it is not base64.</returns>
    public static byte[]? Decode(ReadOnlySpan<byte> body)
    {
        body = WithoutHeaders(body);
        var buffer = GC.AllocateUninitializedArray<byte>(Base64.GetMaxDecodedFromUtf8Length(body.Length), pinned: true);
        var status = Base64.DecodeFromUtf8(body, buffer, out var consumed, out var written);
        var der = status == OperationStatus.Done && consumed == body.Length && written > 0
            ? GC.AllocateUninitializedArray<byte>(written, pinned: true)
            : null;
        buffer.AsSpan(0, der?.Length ?? 0).CopyTo(der);
        CryptographicOperations.ZeroMemory(buffer);
        return der;
    }

    /// <summary>True for OpenSSL's traditional encryption, told by the header <c>Proc-Type: 4,ENCRYPTED</c>.</summary>
    public static bool IsEncrypted(ReadOnlySpan<byte> body) => body[..^WithoutHeaders(body).Length].IndexOf("ENCRYPTED"u8) >= 0;

    /// <summary>Headers are lines with a colon, which base64 cannot have; they end with the last such line.</summary>
    internal static ReadOnlySpan<byte> WithoutHeaders(ReadOnlySpan<byte> body)
    {
        var lastColon = body.LastIndexOf((byte)':');
        if (lastColon < 0)
        {
            return body;
        }

        var lineEnd = body[lastColon..].IndexOfAny((byte)'\n', (byte)'\r');
        return lineEnd < 0 ? [] : body[(lastColon + lineEnd)..];
    }
}
