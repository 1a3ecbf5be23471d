using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using ClusterTrust.Sandbox.CertManager;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.EndToEnd.Tests.CertSync;

/// <summary>Everything that no output may hold: the private keys of all certificates issued, tokens and passwords. One place for all runs.</summary>
internal sealed partial class Secrecy
{
    /// <summary>Long enough never to come up by chance, short enough to find a part of a key.</summary>
    private const int Piece = 24;

    private readonly ConcurrentDictionary<string, bool> pieces = new(StringComparer.Ordinal);

    /// <summary>Keeps a private key secret: its base64 lines, whatever they are cut into, and the same in hexadecimal.</summary>
    public void Add(Issuance issuance)
    {
        var base64 = string.Concat(issuance.KeyPem.Split('\n').Where(static line => line.Length > 0 && line[0] != '-'));
        var der = Convert.FromBase64String(base64);
        var inSecret = Convert.ToBase64String(Encoding.ASCII.GetBytes(issuance.KeyPem));
        foreach (var writing in new[] { base64, inSecret, Convert.ToHexString(der), Convert.ToHexStringLower(der) })
        {
            // The beginning is the same for all keys of a kind: it tells the algorithm.
            foreach (var start in Enumerable.Range(2, Math.Max(0, (writing.Length / Piece) - 2)))
            {
                Add(writing.Substring(start * Piece, Piece));
            }
        }
    }

    /// <summary>Keeps a text secret: a token, a password.</summary>
    public void Add(string secret) => pieces[secret] = true;

    /// <summary>Keeps the signature of a JSON Web Token secret, which is what makes it usable.</summary>
    public void AddToken(string token) => Add(token.Trim()[(token.LastIndexOf('.') + 1)..][..Piece]);

    /// <summary>Fails if an output holds any of it, or any PEM block of a private key.</summary>
    public void Check(Output output)
    {
        foreach (var text in new[] { output.StandardOutput, output.StandardError })
        {
            Assert.DoesNotMatch(PrivateKeyBlock(), text);
            Assert.DoesNotMatch(Token(), text);
            if (text.Length > 0)
            {
                Assert.DoesNotContain(pieces.Keys, piece => text.Contains(piece, StringComparison.Ordinal));
            }
        }
    }

    [GeneratedRegex("PRIVATE KEY")]
    private static partial Regex PrivateKeyBlock();

    /// <summary>What every JSON Web Token begins with: <c>{"</c> in base64.</summary>
    [GeneratedRegex("eyJ[A-Za-z0-9_-]{20,}")]
    private static partial Regex Token();
}
