namespace ClusterTrust.Sandbox.Processes;

/// <summary>
/// Everything that no output of a job may contain: the keys, tokens and passwords that the sandbox has given out in this process. What a
/// job leaves is searched for all of it at its end, whichever test ran it.
/// </summary>
public static partial class KnownSecrets
{
    /// <summary>Characters: long enough never to come up by chance, short enough to find a part of a key in one line of PEM.</summary>
    private const int Piece = 24;

    private static readonly ConcurrentDictionary<string, bool> Pieces = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, bool> Words = new(StringComparer.Ordinal);

    /// <summary>Keeps a text secret: a token, a password.</summary>
    public static void Add(string secret)
    {
        secret = secret.Trim();
        if (secret.Length < Piece)
        {
            Words[secret] = true;
        }

        AddPieces(secret, first: 0);
    }

    /// <summary>Keeps the signature of a JSON Web Token secret, which is what makes it usable. The rest may be shown: issuer, subject.</summary>
    public static void AddToken(string token) => Add(token.Trim()[(token.LastIndexOf('.') + 1)..]);

    /// <summary>Keeps a private key secret: its base64 lines, whatever they are cut into, the same within a Secret's JSON, and in hexadecimal.</summary>
    public static void AddKey(string pem)
    {
        var base64 = string.Concat(pem.Split('\n').Select(static line => line.Trim()).Where(static line => line.Length > 0 && line[0] != '-' && !line.Contains(':')));
        var der = Convert.FromBase64String(base64);
        foreach (var writing in new[] { base64, Convert.ToBase64String(Encoding.ASCII.GetBytes(pem)), Convert.ToHexString(der), Convert.ToHexStringLower(der) })
        {
            // The beginning is the same for all keys of a kind: it identifies the algorithm. OpenSSH's form continues with the public key.
            AddPieces(writing, first: pem.Contains("OPENSSH", StringComparison.Ordinal) ? writing.Length / Piece / 2 : 2);
        }
    }

    /// <summary>Throws if the text holds any of it, a private key's PEM block, or a JSON Web Token.</summary>
    /// <param name="where">Where it was found: <c>stderr of certsync sync</c>.</param>
    public static void ThrowIfIn(string text, string where)
    {
        if (KeyOrToken().Match(text) is { Success: true } shape)
        {
            throw new SecretShownException($"{where} holds a private key's PEM block or a JSON Web Token at character {shape.Index}.");
        }

        var pieces = Pieces.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var start = 0; start + Piece <= text.Length; start++)
        {
            if (pieces.ContainsKey(text.AsSpan(start, Piece)))
            {
                throw new SecretShownException($"{where} holds a part of a key, a token or a password at character {start}.");
            }
        }

        if (Words.Keys.FirstOrDefault(word => text.Contains(word, StringComparison.Ordinal)) is { } shown)
        {
            throw new SecretShownException($"{where} holds a password or token of {shown.Length} characters at character {text.IndexOf(shown, StringComparison.Ordinal)}.");
        }
    }

    private static void AddPieces(string text, int first)
    {
        for (var start = first * Piece; start + Piece <= text.Length; start += Piece)
        {
            Pieces[text.Substring(start, Piece)] = true;
        }
    }

    // The two objects of a JSON Web Token begin with {" in base64. One alone also stands by chance in a long number of a public key.
    [GeneratedRegex(@"-----BEGIN [A-Z ]*PRIVATE KEY|eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}")]
    private static partial Regex KeyOrToken();
}

/// <summary>A job has shown what nobody may see.</summary>
public sealed class SecretShownException(string message) : Exception(message);
