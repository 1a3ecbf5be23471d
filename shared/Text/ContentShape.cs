using System.Text.Unicode;

namespace ClusterTrust.Text;

/// <summary>Recognizes the kind of content, so that a message can name the actual kind besides the required one.</summary>
/// <param name="Name">The kind, to follow "contains"; null for text of no known form.</param>
/// <param name="Parts">The kinds that are in it.</param>
/// <param name="Remedy">What to do, whatever kind is required; null if that depends on the kind.</param>
/// <param name="PemLabel">The PEM label for DER that can be wrapped as it is; null for everything else.</param>
internal sealed record ContentShape(string? Name, ContentParts Parts = ContentParts.None, string? Remedy = null, string? PemLabel = null)
{
    private static readonly ContentShape Html = new("an HTML page", Remedy: "the server returned a login or error page; download it again");

    private static readonly ContentShape PublicKey = new("a public key", ContentParts.PublicKey);

    private static readonly (string Beginning, ContentShape Shape)[] Documents =
    [
        ("<!doctype html", Html),
        ("<html", Html),
        ("<head", Html),
        ("PuTTY-User-Key-File-", new("a PuTTY key", Remedy: "convert it with 'puttygen KEY.ppk -O private-openssh -o KEY'")),
    ];

    /// <summary>Public keys for SSH; in known_hosts a host name comes first.</summary>
    private static readonly (string Beginning, ContentShape Shape)[] SshPublicKeys =
    [
        ("---- BEGIN SSH2 PUBLIC KEY", PublicKey),
        ("ssh-ed25519 AAAA", PublicKey),
        ("ssh-rsa AAAA", PublicKey),
        ("ecdsa-sha2-nistp", PublicKey),
        ("sk-ssh-ed25519@openssh.com AAAA", PublicKey),
        ("sk-ecdsa-sha2-nistp256@openssh.com AAAA", PublicKey),
    ];

    /// <summary>Placeholders of templates and examples; case does not matter.</summary>
    private static readonly string[] Placeholders =
        ["changeme", "change-me", "change_me", "replaceme", "replace-me", "replace_me", "placeholder", "todo", "tbd", "xxx", "null", "none", "undefined", "..."];

    /// <summary>Recognizes content that <see cref="FileContent"/> has unwrapped.</summary>
    public static ContentShape Of(ReadOnlySpan<byte> content)
    {
        var trimmed = content.Trim(PemScanner.Blanks);
        return trimmed.IsEmpty ? new("nothing but blanks", ContentParts.Empty)
            : DerShape.Of(content) ?? ByBeginning(trimmed, Documents) ?? OfPlaceholder(trimmed) ?? OfPem(trimmed)
                // After PEM, because a public key may precede a private one, as in `cat key.pub key`.
                ?? ByBeginning(trimmed, SshPublicKeys) ?? OfBinary(content) ?? OfLines(trimmed);
    }

    /// <summary>Why the content is not of the expected kind and what to do, to follow the file's name; null if it may be.</summary>
    public string? Explain(FileKind expected)
    {
        var (name, accepted, remedy) = Requirement(expected);
        if (Parts == ContentParts.Empty)
        {
            return $"is empty: store {name} in it";
        }

        // Kubeconfigs and known_hosts have no prescribed form: text of no known form may be one.
        if ((Parts & accepted) != 0 || (Name is null && expected is FileKind.Kubeconfig or FileKind.KnownHosts))
        {
            return null;
        }

        var actual = Name ?? (expected == FileKind.Token ? "several words or lines" : "text without the BEGIN and END lines of PEM");
        return $"contains {actual} instead of {name}: {Remedy ?? remedy}";
    }

    private (string Name, ContentParts Accepted, string Remedy) Requirement(FileKind expected)
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
        [0xFE, 0xED, 0xFE, 0xED, ..] => new("a Java keystore", Remedy: "convert it with 'keytool -importkeystore -deststoretype PKCS12' and then with openssl pkcs12"),
        [0x94 or 0x95 or 0x97 or 0xC5, ..] when !Utf8.IsValid(content) => new("a binary OpenPGP key", Remedy: "export it with 'gpg --armor --export-secret-keys KEYID'"),
        _ when content.IndexOfAnyInRange((byte)0, (byte)8) >= 0 => new("binary data", Remedy: "give a text file"),
        _ => null,
    };

    private static ContentShape? OfPlaceholder(ReadOnlySpan<byte> trimmed)
    {
        if (trimmed.SequenceEqual("DATA+OMITTED"u8) || trimmed.SequenceEqual("REDACTED"u8))
        {
            return new("a value that was exported redacted", Remedy: "export it again with 'kubectl config view --raw --flatten'");
        }

        const int longest = 200;
        if (trimmed.Length > longest || trimmed.IndexOfAny((byte)'\n', (byte)'\r') >= 0)
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(trimmed);
        return text is ['<', .., '>'] or ['$', '{', .., '}'] or ['$', '(', .., ')'] or ['{', '{', .., '}', '}']
            || Placeholders.Contains(text, StringComparer.OrdinalIgnoreCase)
            ? new("a placeholder", Remedy: "replace it with the real value, and check that the template was rendered")
            : null;
    }

    private static ContentShape? ByBeginning(ReadOnlySpan<byte> trimmed, (string Beginning, ContentShape Shape)[] known)
    {
        foreach (var (beginning, shape) in known)
        {
            if (trimmed.Length >= beginning.Length && Ascii.EqualsIgnoreCase(trimmed[..beginning.Length], beginning))
            {
                return shape;
            }
        }

        return null;
    }

    private static ContentShape? OfPem(ReadOnlySpan<byte> trimmed)
    {
        var parts = ContentParts.None;
        foreach (var block in new PemScanner(trimmed))
        {
            if (block.Body.Trim(PemScanner.Blanks) is [] or [(byte)'.', ..] or [(byte)'<', ..] or [0xE2, 0x80, 0xA6, ..])
            {
                return new("PEM with a placeholder for its content", Remedy: "replace it with the real value, and check that the template was rendered");
            }

            parts |= PartOf(block);
        }

        return parts == ContentParts.None ? null : new(NameOf(parts), parts);
    }

    private static ContentParts PartOf(PemBlock block) => block.Label switch
    {
        _ when block.IsCertificate => ContentParts.Certificate,
        _ when block.IsPkcs7 => ContentParts.Pkcs7,
        "OPENSSH PRIVATE KEY" => ContentParts.OpenSshKey,
        _ when block.IsPrivateKey => ContentParts.PrivateKey,
        "PGP PRIVATE KEY BLOCK" => ContentParts.PgpPrivateKey,
        var label when label.StartsWith("PGP ", StringComparison.Ordinal) => ContentParts.PgpOther,
        var label when label.EndsWith("PUBLIC KEY", StringComparison.Ordinal) => ContentParts.PublicKey,
        "CERTIFICATE REQUEST" or "NEW CERTIFICATE REQUEST" => ContentParts.Request,
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
        _ when parts.HasFlag(ContentParts.PgpOther) => "an OpenPGP block that is not a private key",
        _ => "PEM of another kind",
    };

    private static ContentShape OfLines(ReadOnlySpan<byte> trimmed) => trimmed switch
    {
        [(byte)'{', .., (byte)'}'] => new("JSON", ContentParts.Json),
        _ when trimmed.IndexOfAnyExceptInRange((byte)'!', (byte)'~') < 0 => new(Name: null, ContentParts.Token),
        _ => new(Name: null),
    };
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

/// <summary>The kind of file that a setting or an entry of a Secret requires.</summary>
public enum FileKind
{
    /// <summary>X.509 certificates in PEM.</summary>
    Certificate,

    /// <summary>A private key in PEM: PKCS#1, PKCS#8 or SEC1.</summary>
    PrivateKey,

    /// <summary>A private key for SSH: OpenSSH's own form, or PEM.</summary>
    SshPrivateKey,

    /// <summary>An OpenPGP private key in ASCII armor.</summary>
    PgpPrivateKey,

    /// <summary>A token: one line of visible ASCII.</summary>
    Token,

    /// <summary>A kubeconfig in YAML or JSON.</summary>
    Kubeconfig,

    /// <summary>Host keys as in OpenSSH's <c>known_hosts</c>.</summary>
    KnownHosts,
}
