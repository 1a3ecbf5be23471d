namespace ClusterTrust.Sandbox.CertManager;

/// <summary>What an issuer made: the leaf and the entries of its Secret.</summary>
/// <param name="ChainPem">Leaf and intermediates: <c>tls.crt</c>.</param>
public sealed record Issuance(X509Certificate2 Leaf, string ChainPem, string KeyPem, string CaPem)
{
    /// <summary>Lower-case hexadecimal SHA-1, as Key Vault's x5t.</summary>
    public string Thumbprint => Convert.ToHexStringLower(Leaf.GetCertHash());

    public Dictionary<string, byte[]> Data => new()
    {
        ["tls.crt"] = Encoding.ASCII.GetBytes(ChainPem),
        ["tls.key"] = Encoding.ASCII.GetBytes(KeyPem),
        ["ca.crt"] = Encoding.ASCII.GetBytes(CaPem),
    };
}

/// <summary>The private CA of this process with a root and two intermediates, once for RSA leaves and once for EC ones: Key Vault takes no mixed chains.</summary>
public static class CertificateIssuer
{
    private static readonly Lazy<CertificateAuthority[]> Rsa = new(static () => Chain("RSA", static () => RSA.Create(2048)));
    private static readonly Lazy<CertificateAuthority[]> Ec = new(static () => Chain("EC", static () => ECDsa.Create(ECCurve.NamedCurves.nistP256)));

    /// <summary>Issues a certificate. An RSA key may be that of another certificate.</summary>
    /// <param name="key">The leaf's key, of the kind that the specification requests; the issuer's choice when null.</param>
    public static Issuance Issue(CertificateSpec spec, DateTimeOffset? notBefore = null, AsymmetricAlgorithm? key = null)
    {
        var chain = spec.Ec ? Ec.Value : Rsa.Value;
        using var chosen = key is not null ? null : spec.Ec ? ECDsa.Create(ECCurve.NamedCurves.nistP256) : (AsymmetricAlgorithm)RsaKeys.Shared();
        key ??= chosen!;
        var usages = spec.Ec ? X509KeyUsageFlags.DigitalSignature : X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment;
        var start = notBefore ?? DateTimeOffset.UtcNow.AddMinutes(-1);
        var leaf = chain[spec.Intermediates].Issue(spec.DnsNames, key, usages, start, start + spec.Lifetime);
        var pem = string.Concat(chain[1..(spec.Intermediates + 1)].Select(static ca => ca.CertificatePem).Append(leaf.ExportCertificatePem()).Reverse().Select(static one => one + "\n"));
        var keyPem = KeyPem(key, spec.KeyForm);
        KnownSecrets.AddKey(keyPem);
        return new Issuance(leaf, pem, keyPem, chain[0].CertificatePem + "\n");
    }

    private static string KeyPem(AsymmetricAlgorithm key, KeyForm form) => (form, key) switch
    {
        (KeyForm.Pkcs8, _) => key.ExportPkcs8PrivateKeyPem(),
        (_, RSA rsa) => rsa.ExportRSAPrivateKeyPem(),
        _ => ((ECDsa)key).ExportECPrivateKeyPem(),
    } + "\n";

    private static CertificateAuthority[] Chain(string kind, Func<AsymmetricAlgorithm> newKey)
    {
        var root = new CertificateAuthority($"Sandbox {kind} root", newKey(), null);
        var first = new CertificateAuthority($"Sandbox {kind} intermediate 1", newKey(), root);
        return [root, first, new CertificateAuthority($"Sandbox {kind} intermediate 2", newKey(), first)];
    }
}
