using System.Security.Cryptography;

namespace ClusterTrust.CertSync.Certificates;

/// <summary>
/// The key derivation of PKCS#12 (RFC 7292 appendix B.2) for an empty password. The platform has it too, but only inside its PFX
/// export, where it runs anew for every file.
/// </summary>
internal static class Pkcs12KeyDerivation
{
    // Both SHA-1 and SHA-256 work on blocks of 512 bits.
    private const int BlockLength = 64;

    /// <summary>Derives bytes.</summary>
    /// <param name="purpose">What they are for; keeps the results of one salt apart.</param>
    /// <param name="hash">SHA-1 or SHA-256.</param>
    /// <param name="salt">The salt, at most one block long.</param>
    /// <param name="iterations">Rounds of hashing for each block of the result.</param>
    /// <param name="length">How many bytes.</param>
    public static byte[] Derive(Pkcs12KeyPurpose purpose, HashAlgorithmName hash, ReadOnlySpan<byte> salt, int iterations, int length)
    {
        // D, then S, then P. The empty password is one BMPString terminator, so that P is nothing but zeros.
        Span<byte> input = stackalloc byte[3 * BlockLength];
        input[..BlockLength].Fill((byte)purpose);
        for (var i = 0; i < BlockLength; i++)
        {
            input[BlockLength + i] = salt[i % salt.Length];
        }

        var result = new byte[length];
        using var hasher = IncrementalHash.CreateHash(hash);
        Span<byte> digest = stackalloc byte[hasher.HashLengthInBytes];
        for (var written = 0; ;)
        {
            hasher.AppendData(input);
            hasher.GetHashAndReset(digest);
            for (var round = 1; round < iterations; round++)
            {
                hasher.AppendData(digest);
                hasher.GetHashAndReset(digest);
            }

            var taken = Math.Min(digest.Length, length - written);
            digest[..taken].CopyTo(result.AsSpan(written));
            written += taken;
            if (written == length)
            {
                return result;
            }

            AddToEachBlock(input[BlockLength..], digest);
        }
    }

    /// <summary>I_j = (I_j + B + 1) mod 2^512, where B is the digest repeated to the length of a block.</summary>
    private static void AddToEachBlock(Span<byte> blocks, ReadOnlySpan<byte> digest)
    {
        for (var block = 0; block < blocks.Length; block += BlockLength)
        {
            var carry = 1;
            for (var i = BlockLength - 1; i >= 0; i--)
            {
                carry += blocks[block + i] + digest[i % digest.Length];
                blocks[block + i] = (byte)carry;
                carry >>= 8;
            }
        }
    }
}
