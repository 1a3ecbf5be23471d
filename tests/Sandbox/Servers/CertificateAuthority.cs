namespace ClusterTrust.Sandbox.Servers;

/// <summary>A certificate authority made when a sandbox starts and forgotten when it ends: every sandbox server's TLS certificate comes from it.</summary>
public sealed class CertificateAuthority : IDisposable
{
    private readonly Lock _gate = new();
    private readonly AsymmetricAlgorithm _key;
    private readonly X509Certificate2 _certificate;

    public CertificateAuthority(string commonName = "ClusterTrust sandbox CA")
        : this(commonName, ECDsa.Create(ECCurve.NamedCurves.nistP256), null)
    {
    }

    /// <param name="key">RSA or ECDSA; disposed of with the authority.</param>
    /// <param name="issuer">The authority that signs its certificate; null for a self-signed root.</param>
    internal CertificateAuthority(string commonName, AsymmetricAlgorithm key, CertificateAuthority? issuer)
    {
        this._key = key;
        var name = new X500DistinguishedName($"CN={commonName}");
        var request = new CertificateRequest(name, new PublicKey(key), HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        var now = DateTimeOffset.UtcNow;
        _certificate = (issuer ?? this).Sign(request, issuer?._certificate.SubjectName ?? name, now.AddYears(-1), now.AddYears(10));
    }

    /// <summary>The CA of every sandbox of this process, so that a job that runs in it can trust them all by one <c>SSL_CERT_FILE</c>.</summary>
    public static CertificateAuthority OfProcess { get; } = new();

    /// <summary>The CA certificate as PEM: what <c>SSL_CERT_FILE</c> of a job must contain.</summary>
    public string CertificatePem => _certificate.ExportCertificatePem();

    /// <summary>Issues a server certificate for DNS names (wildcards allowed) and IP addresses.</summary>
    /// <param name="notAfter">End of validity; seven days from now by default. A past time makes an expired certificate on purpose.</param>
    public X509Certificate2 Issue(IReadOnlyCollection<string> names, DateTimeOffset? notBefore = null, DateTimeOffset? notAfter = null)
    {
        using var serverKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = DateTimeOffset.UtcNow;
        using var issued = Issue(names, serverKey, X509KeyUsageFlags.DigitalSignature, notBefore ?? now.AddHours(-1), notAfter ?? now.AddDays(7));
        return issued.CopyWithPrivateKey(serverKey);
    }

    /// <summary>Issues a certificate for a key of the authority's own kind, RSA or ECDSA. The certificate comes without the key.</summary>
    internal X509Certificate2 Issue(IReadOnlyCollection<string> names, AsymmetricAlgorithm leafKey, X509KeyUsageFlags usages, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        var request = new CertificateRequest(new X500DistinguishedName($"CN={names.First()}"), new PublicKey(leafKey), HashAlgorithmName.SHA256);
        var alternativeNames = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address))
            {
                alternativeNames.AddIpAddress(address);
            }
            else
            {
                alternativeNames.AddDnsName(name);
            }
        }

        request.CertificateExtensions.Add(alternativeNames.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(usages, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        return Sign(request, _certificate.SubjectName, notBefore, notAfter);
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
    }

    private X509Certificate2 Sign(CertificateRequest request, X500DistinguishedName issuer, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(
            new X509SubjectKeyIdentifierExtension(new PublicKey(_key), false)));
        var generator = _key is RSA rsa
            ? X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1)
            : X509SignatureGenerator.CreateForECDsa((ECDsa)_key);
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x7F) | 0x40);
        lock (_gate)
        {
            return request.Create(issuer, generator, notBefore, notAfter, serial);
        }
    }
}
