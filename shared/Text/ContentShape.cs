using System.Formats.Asn1;
using System.Text;
using System.Text.Unicode;

namespace ClusterTrust.Text;

/// <summary>Recognizes the kind of content, so that a message can name what was given in place of what is required.</summary>
/// <param name="Name">The kind, to follow "holds"; null for text of no known form.</param>
/// <param name="Parts">The kinds that are in it.</param>
/// <param name="Cure">What to do, whatever kind is required; null if that depends.</param>
internal sealed record ContentShape(string? Name, ContentParts Parts = ContentParts.None, string? Cure = null)
{
    /// <summary>Placeholders of templates and examples; case does not matter.</summary>
    private static readonly string[] Placeholders =
        ["changeme", "change-me", "change_me", "replaceme", "replace-me", "replace_me", "placeholder", "todo", "tbd", "xxx", "null", "none", "undefined", "..."];

    /// <summary>Recognizes content that <see cref="FileContent"/> has unwrapped.</summary>
    public static ContentShape Of(ReadOnlySpan<byte> content)
    {
        var trimmed = content.Trim(FileContent.Blanks);
        return trimmed.IsEmpty ? new("nothing but blanks", ContentParts.Empty)
            : OfDer(content) ?? OfText(trimmed) ?? OfPlaceholder(trimmed) ?? OfPem(trimmed) ?? OfSshPublicKey(trimmed) ?? OfBinary(content) ?? OfLines(trimmed);
    }

    /// <summary>The PEM label for DER that can be wrapped as it is; null for everything else.</summary>
    public static string? LabelOf(ReadOnlySpan<byte> content) => OfDer(content)?.Parts switch
    {
        ContentParts.Certificate => "CERTIFICATE",
        ContentParts.Pkcs7 => "PKCS7",
        ContentParts.PrivateKey => KindOfKey(content),
        _ => null,
    };

    /// <summary>Why the content is not of the expected kind and what to do, to follow the file's name; null if it may be.</summary>
    public string? Explain(FileKind expected)
    {
        var (name, accepted, cure) = Requirement(expected);
        if (Parts == ContentParts.Empty)
        {
            return $"is empty: store {name} in it";
        }

        // Kubeconfigs and known_hosts have no prescribed form: text of no known form may be one.
        return (Parts & accepted) != 0 || (Name is null && expected is FileKind.Kubeconfig or FileKind.KnownHosts)
            ? null
            : $"holds {Name ?? "text without the BEGIN and END lines of PEM"} where {name} belongs: {Cure ?? cure}";
    }

    private (string Name, ContentParts Accepted, string Cure) Requirement(FileKind expected)
    {
        const string Swapped = "check whether certificate and key are swapped";
        const string AsIssued = "give the file that the issuer wrote, with its BEGIN and END lines";
        return expected switch
        {
            FileKind.Certificate => ("a certificate in PEM", ContentParts.Certificate | ContentParts.Pkcs7, Has(ContentParts.PrivateKey) ? Swapped : AsIssued),
            FileKind.PrivateKey => ("a private key in PEM", ContentParts.PrivateKey,
                Has(ContentParts.Certificate) ? Swapped
                : Has(ContentParts.OpenSshKey) ? "convert a copy of an RSA key with 'ssh-keygen -p -m PEM -N \"\" -f COPY'"
                : AsIssued),
            FileKind.SshPrivateKey => ("an SSH private key", ContentParts.PrivateKey | ContentParts.OpenSshKey,
                Has(ContentParts.PublicKey) ? "give the file without .pub" : "give the file that ssh-keygen wrote, with its BEGIN and END lines"),
            FileKind.PgpPrivateKey => ("an armored OpenPGP private key", ContentParts.PgpPrivateKey, "export it with 'gpg --armor --export-secret-keys KEYID'"),
            FileKind.Token => ("a token", ContentParts.Token, "store only the token, in one line"),
            FileKind.Kubeconfig => ("a kubeconfig", ContentParts.Json, "give a file as kubectl writes it"),
            FileKind.KnownHosts => ("a list of host keys", ContentParts.None, "write it with 'ssh-keyscan HOST' and compare it with what the host publishes"),
            _ => throw new ArgumentOutOfRangeException(nameof(expected)),
        };

        bool Has(ContentParts part) => Parts.HasFlag(part);
    }

    private static ContentShape? OfBinary(ReadOnlySpan<byte> content) => content switch
    {
        [0xFE, 0xED, 0xFE, 0xED, ..] => new("a Java keystore", Cure: "convert it with 'keytool -importkeystore -deststoretype PKCS12' and then with openssl pkcs12"),
        [0x94 or 0x95 or 0x97 or 0xC5, ..] when !Utf8.IsValid(content) => new("a binary OpenPGP key", Cure: "export it with 'gpg --armor --export-secret-keys KEYID'"),
        _ when content.IndexOfAnyInRange((byte)0, (byte)8) >= 0 => new("binary data", Cure: "give a text file"),
        _ => null,
    };

    private static ContentShape? OfPlaceholder(ReadOnlySpan<byte> trimmed)
    {
        if (trimmed.SequenceEqual("DATA+OMITTED"u8) || trimmed.SequenceEqual("REDACTED"u8))
        {
            return new("a value that was exported redacted", Cure: "export it again with 'kubectl config view --raw --flatten'");
        }

        const int longest = 200;
        if (trimmed.Length > longest || trimmed.IndexOfAny((byte)'\n', (byte)'\r') >= 0)
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(trimmed);
        return text is ['<', .., '>'] or ['$', '{', .., '}'] or ['$', '(', .., ')'] or ['{', '{', .., '}', '}']
            || Placeholders.Contains(text, StringComparer.OrdinalIgnoreCase)
            ? new("a placeholder", Cure: "replace it with the real value, and check that the template was rendered")
            : null;
    }

    private static ContentShape? OfText(ReadOnlySpan<byte> trimmed)
    {
        if (StartsWith(trimmed, "<!doctype html"u8) || StartsWith(trimmed, "<html"u8) || StartsWith(trimmed, "<head"u8))
        {
            return new("an HTML page", Cure: "whatever downloaded it got a login or error page; download it again");
        }

        if (trimmed.StartsWith("PuTTY-User-Key-File-"u8))
        {
            return new("a PuTTY key", Cure: "convert it with 'puttygen KEY.ppk -O private-openssh -o KEY'");
        }

        return null;
    }

    /// <summary>A public key for SSH; in known_hosts a host name comes first. Comes after PEM: a public key may precede a private one, as in `cat key.pub key`.</summary>
    private static ContentShape? OfSshPublicKey(ReadOnlySpan<byte> trimmed) =>
        trimmed.StartsWith("---- BEGIN SSH2 PUBLIC KEY"u8)
        || trimmed.StartsWith("ssh-ed25519 AAAA"u8) || trimmed.StartsWith("ssh-rsa AAAA"u8) || trimmed.StartsWith("ecdsa-sha2-nistp"u8)
        || trimmed.StartsWith("sk-ssh-ed25519@openssh.com AAAA"u8) || trimmed.StartsWith("sk-ecdsa-sha2-nistp256@openssh.com AAAA"u8)
            ? new("a public key", ContentParts.PublicKey)
            : null;

    private static ContentShape? OfPem(ReadOnlySpan<byte> trimmed)
    {
        var parts = ContentParts.None;
        foreach (var block in new PemScanner(trimmed))
        {
            if (block.Body.Trim(FileContent.Blanks) is [] or [(byte)'.', ..] or [(byte)'<', ..] or [0xE2, 0x80, 0xA6, ..])
            {
                return new("PEM with a placeholder for its content", Cure: "replace it with the real value, and check that the template was rendered");
            }

            parts |= PartOf(block);
        }

        return parts == ContentParts.None ? null : new(NameOf(parts), parts);
    }

    private static ContentParts PartOf(PemBlock block) => block switch
    {
        { IsCertificate: true } => ContentParts.Certificate,
        { IsPkcs7: true } => ContentParts.Pkcs7,
        { IsPrivateKey: true } when block.Label.SequenceEqual("OPENSSH PRIVATE KEY"u8) => ContentParts.OpenSshKey,
        { IsPrivateKey: true } => ContentParts.PrivateKey,
        _ when block.Label.SequenceEqual("PGP PRIVATE KEY BLOCK"u8) => ContentParts.PgpPrivateKey,
        _ when block.Label.StartsWith("PGP "u8) => ContentParts.PgpOther,
        _ when block.Label.EndsWith("PUBLIC KEY"u8) => ContentParts.PublicKey,
        _ when block.Label.EndsWith("CERTIFICATE REQUEST"u8) => ContentParts.Request,
        _ => ContentParts.OtherPem,
    };

    private static string NameOf(ContentParts parts) => parts switch
    {
        _ when parts.HasFlag(ContentParts.Certificate) && parts.HasFlag(ContentParts.PrivateKey) => "a certificate with its key",
        _ when parts.HasFlag(ContentParts.PgpPrivateKey) => "an OpenPGP private key",
        _ when parts.HasFlag(ContentParts.OpenSshKey) => "a private key in OpenSSH's own form",
        _ when parts.HasFlag(ContentParts.PrivateKey) => "a private key",
        _ when parts.HasFlag(ContentParts.Certificate) => "a certificate",
        _ when parts.HasFlag(ContentParts.Pkcs7) => "a PKCS#7 bundle",
        _ when parts.HasFlag(ContentParts.PublicKey) => "a public key",
        _ when parts.HasFlag(ContentParts.Request) => "a certificate signing request",
        _ when parts.HasFlag(ContentParts.PgpOther) => "an OpenPGP block that is no private key",
        _ => "PEM of another kind",
    };

    private static ContentShape OfLines(ReadOnlySpan<byte> trimmed) => trimmed switch
    {
        [(byte)'{', .., (byte)'}'] => new("JSON", ContentParts.Json),
        _ when trimmed.IndexOfAnyExceptInRange((byte)'!', (byte)'~') < 0 => new(Name: null, ContentParts.Token),
        _ => new(Name: null),
    };

    private static bool StartsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> beginning) =>
        text.Length >= beginning.Length && Ascii.EqualsIgnoreCase(text[..beginning.Length], beginning);

    /// <summary>Recognizes a DER value by its first elements.</summary>
    private static ContentShape? OfDer(ReadOnlySpan<byte> content)
    {
        if (content.Length < 16 || content[0] != 0x30)
        {
            return null;
        }

        try
        {
            if (!AsnDecoder.TryReadEncodedValue(content, AsnEncodingRules.BER, out _, out var offset, out var length, out var consumed) || consumed != content.Length)
            {
                return null;
            }

            var first = Element(content.Slice(offset, length), out var rest);
            var second = Element(rest, out var afterSecond);
            return (TagOf(first), TagOf(second)) switch
            {
                (UniversalTagNumber.ObjectIdentifier, _) => new("a PKCS#7 bundle in DER", ContentParts.Pkcs7),
                (UniversalTagNumber.Integer, UniversalTagNumber.Sequence) when TagOf(afterSecond) == UniversalTagNumber.OctetString => new("a private key in DER", ContentParts.PrivateKey),
                (UniversalTagNumber.Integer, UniversalTagNumber.Sequence) => new("a PKCS#12 file (PFX)",
                    Cure: "convert it with 'openssl pkcs12 -in FILE -nodes', with -nocerts for the key and -nokeys for the certificates"),
                (UniversalTagNumber.Integer, UniversalTagNumber.Integer or UniversalTagNumber.OctetString) => new("a private key in DER", ContentParts.PrivateKey),
                (UniversalTagNumber.Sequence, UniversalTagNumber.OctetString) => new("an encrypted private key in DER", Cure: "store it without a password"),
                (UniversalTagNumber.Sequence, UniversalTagNumber.BitString) => new("a public key in DER", ContentParts.PublicKey),
                (UniversalTagNumber.Sequence, UniversalTagNumber.Sequence) when TagOf(afterSecond) == UniversalTagNumber.BitString => IsRequest(first)
                    ? new("a certificate signing request in DER", ContentParts.Request)
                    : new("a certificate in DER", ContentParts.Certificate),
                _ => null,
            };
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    /// <summary>The form of a private key in DER: PKCS#8, PKCS#1 or SEC1, by its second element.</summary>
    private static string KindOfKey(ReadOnlySpan<byte> content)
    {
        AsnDecoder.ReadSequence(content, AsnEncodingRules.BER, out var offset, out var length, out _);
        Element(content.Slice(offset, length), out var rest);
        return TagOf(rest) switch
        {
            UniversalTagNumber.Integer => "RSA PRIVATE KEY",
            UniversalTagNumber.OctetString => "EC PRIVATE KEY",
            _ => "PRIVATE KEY",
        };
    }

    /// <summary>A request's first part begins with version, subject and key; a certificate's with version or serial number, and algorithm.</summary>
    private static bool IsRequest(ReadOnlySpan<byte> signed)
    {
        AsnDecoder.ReadSequence(signed, AsnEncodingRules.BER, out var offset, out var length, out _);
        Element(signed.Slice(offset, length), out var afterVersion);
        Element(afterVersion, out var afterSubject);
        Element(afterSubject, out var afterKey);
        return afterKey.IsEmpty || afterKey[0] == 0xA0;
    }

    private static ReadOnlySpan<byte> Element(ReadOnlySpan<byte> encoded, out ReadOnlySpan<byte> rest)
    {
        if (!encoded.IsEmpty && AsnDecoder.TryReadEncodedValue(encoded, AsnEncodingRules.BER, out _, out _, out _, out var consumed))
        {
            rest = encoded[consumed..];
            return encoded[..consumed];
        }

        rest = [];
        return [];
    }

    private static UniversalTagNumber? TagOf(ReadOnlySpan<byte> encoded) =>
        !encoded.IsEmpty && Asn1Tag.TryDecode(encoded, out var tag, out _) && tag.TagClass == TagClass.Universal ? (UniversalTagNumber)tag.TagValue : null;
}

[Flags]
internal enum ContentParts
{
    None = 0,
    Empty = 1 << 0,
    Certificate = 1 << 1,
    Pkcs7 = 1 << 2,
    PrivateKey = 1 << 3,
    OpenSshKey = 1 << 4,
    PublicKey = 1 << 5,
    Request = 1 << 6,
    PgpPrivateKey = 1 << 7,
    PgpOther = 1 << 8,
    OtherPem = 1 << 9,
    Json = 1 << 10,
    Token = 1 << 11,
}
