namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>One key of the issuer, never written anywhere. While it is not disposed of, no other one is the same.</summary>
public sealed class SigningKey : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ECDsa? _ecdsa;
    private RSA? _rsa;

    public SigningKey(SigningAlgorithm algorithm)
    {
        Algorithm = algorithm;
        _rsa = algorithm == SigningAlgorithm.RS256 ? RsaKeys.Take() : null;
        _ecdsa = algorithm == SigningAlgorithm.ES256 ? ECDsa.Create(ECCurve.NamedCurves.nistP256) : null;
        KeyId = Base64Url.EncodeToString(SHA256.HashData(((AsymmetricAlgorithm?)_rsa ?? _ecdsa)!.ExportSubjectPublicKeyInfo()));
    }

    public SigningAlgorithm Algorithm { get; }

    /// <summary>The kid as kube-apiserver makes it: base64url of the SHA-256 of the DER SubjectPublicKeyInfo.</summary>
    public string KeyId { get; }

    /// <summary>The public half as a JWK, properties in kube-apiserver's order.</summary>
    public JsonObject ToJwk()
    {
        if (_rsa is not null)
        {
            var key = _rsa.ExportParameters(includePrivateParameters: false);
            return Jwk($$""" {"use":"sig","kty":"RSA","kid":"{{KeyId}}","alg":"RS256","n":"{{Base64Url.EncodeToString(key.Modulus)}}","e":"{{Base64Url.EncodeToString(key.Exponent)}}"} """);
        }

        var point = _ecdsa!.ExportParameters(includePrivateParameters: false).Q;
        return Jwk($$""" {"use":"sig","kty":"EC","kid":"{{KeyId}}","crv":"P-256","alg":"ES256","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"} """);

        static JsonObject Jwk(string json) => (JsonObject)JsonNode.Parse(json)!;
    }

    public byte[] Sign(byte[] data)
    {
        lock (_gate)
        {
            return _rsa?.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) ?? _ecdsa!.SignData(data, HashAlgorithmName.SHA256);
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _rsa, null) is { } used)
        {
            RsaKeys.Return(used);
            used.Dispose();
        }

        _ecdsa?.Dispose();
    }
}

public enum SigningAlgorithm
{
    RS256,
    ES256,
}
