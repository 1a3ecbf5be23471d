namespace ClusterTrust.CertSync.Tests.Certificates;

/// <summary>Creates certificates for tests. Key pairs are created once a run and shared, because RSA keys take long to generate.</summary>
internal static class Pki
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    public static readonly DateTimeOffset End = new(2027, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly ConcurrentDictionary<(string Name, int Bits), Lazy<RSA>> RsaKeys = new();
    private static readonly ConcurrentDictionary<(string Name, string Curve), Lazy<ECDsa>> EcKeys = new();
    private static long _serial;

    public static readonly Issued Root = Authority("Root", Rsa("root"), null);
    public static readonly Issued Intermediate = Authority("Intermediate", Rsa("intermediate"), Root);
    public static readonly Issued Leaf = Issue("leaf.example.com", Rsa("leaf"), Intermediate);

    /// <summary>Newer than <see cref="Leaf"/>, for the same names and of the same issuer.</summary>
    public static readonly Issued Renewed = Issue("leaf.example.com", Ec("renewed"), Intermediate, start: Start.AddDays(1));

    public static readonly Issued EcRoot = Authority("EC Root", Ec("ecroot"), null);
    public static readonly Issued EcIntermediate = Authority("EC Intermediate", Ec("ecintermediate"), EcRoot);
    public static readonly Issued EcLeaf = Issue("ec.example.com", Ec("ecleaf"), EcIntermediate);

    public static RSA Rsa(string name, int bits = 2048) => RsaKeys.GetOrAdd((name, bits), key => new(() => RSA.Create(key.Bits))).Value;

    public static ECDsa Ec(string name, string curve = "nistP256") =>
        EcKeys.GetOrAdd((name, curve), key => new(() => ECDsa.Create(ECCurve.CreateFromFriendlyName(key.Curve)))).Value;

    /// <summary>A certificate with a kind of key: <c>rsa2048</c>, <c>p256</c>.</summary>
    public static Issued LeafWith(string kind) => Issue("k.example.com", kind[0] == 'r'
        ? Rsa("leaf", int.Parse(kind.AsSpan(3), CultureInfo.InvariantCulture))
        : Ec("leaf", "nistP" + kind[1..]), Intermediate);

    public static Issued Authority(string name, AsymmetricAlgorithm key, Issued? issuer, DateTimeOffset? end = null, bool withKeyIds = true) => Issue(name, key, issuer, request =>
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
    }, end: end, names: [], withKeyIds: withKeyIds);

    /// <summary>Issues a certificate; an RSA or EC issuer may sign either kind of key.</summary>
    /// <param name="name">The common name, or a whole subject; may be empty.</param>
    /// <param name="issuer">Null for one that signs itself.</param>
    /// <param name="names">The DNS names; the common name if null.</param>
    public static Issued Issue(
        string name, AsymmetricAlgorithm key, Issued? issuer, Action<CertificateRequest>? adjust = null,
        DateTimeOffset? start = null, DateTimeOffset? end = null, string[]? names = null, bool withKeyIds = true)
    {
        var subject = new X500DistinguishedName(name.Contains('=', StringComparison.Ordinal) || name.Length == 0 ? name : $"CN={name}");
        var request = new CertificateRequest(subject, new PublicKey(key), HashAlgorithmName.SHA256);
        if (names is not [])
        {
            var extension = new SubjectAlternativeNameBuilder();
            Array.ForEach(names ?? [name], extension.AddDnsName);
            request.CertificateExtensions.Add(extension.Build(critical: name.Length == 0));
        }

        var signer = issuer?.Key ?? key;
        if (withKeyIds)
        {
            var signerKey = new X509SubjectKeyIdentifierExtension(new PublicKey(signer), false);
            request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
            request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(signerKey));
        }

        adjust?.Invoke(request);
        var generator = signer is RSA rsa
            ? X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1)
            : X509SignatureGenerator.CreateForECDsa((ECDsa)signer);
        var certificate = request.Create(
            issuer?.Certificate.SubjectName ?? subject, generator, start ?? Start, end ?? End, BitConverter.GetBytes(Interlocked.Increment(ref _serial) | 1L << 40));
        return new Issued(certificate, key);
    }

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}

/// <summary>A certificate with its private key and both as PEM.</summary>
internal sealed record Issued(X509Certificate2 Certificate, AsymmetricAlgorithm Key)
{
    public string Pem { get; } = Certificate.ExportCertificatePem() + "\n";

    public string Thumbprint => Convert.ToHexStringLower(Certificate.GetCertHash());

    public string Pkcs8 => Key.ExportPkcs8PrivateKeyPem() + "\n";

    /// <summary>PKCS#1 for RSA, SEC1 for EC: what cert-manager writes by default.</summary>
    public string Traditional => (Key is RSA rsa ? rsa.ExportRSAPrivateKeyPem() : ((ECDsa)Key).ExportECPrivateKeyPem()) + "\n";
}
