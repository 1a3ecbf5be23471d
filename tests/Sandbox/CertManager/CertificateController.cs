namespace ClusterTrust.Sandbox.CertManager;

/// <summary>Writes certificates into Secrets of the cluster as cert-manager does: type, annotations, labels and entries.</summary>
public sealed class CertificateController(ICluster cluster)
{
    public Issuance Issue(CertificateSpec spec, DateTimeOffset? notBefore = null)
    {
        var issuance = CertificateIssuer.Issue(spec, notBefore);
        Put(spec, issuance.Data);
        return issuance;
    }

    /// <summary>The Secret while the issuer has not answered: the key is there, the certificate is empty.</summary>
    public void Pending(CertificateSpec spec)
    {
        var issuance = CertificateIssuer.Issue(spec);
        Put(spec, new Dictionary<string, byte[]> { ["tls.crt"] = [], ["tls.key"] = Encoding.ASCII.GetBytes(issuance.KeyPem) });
    }

    /// <summary>A Secret whose key belongs to another certificate.</summary>
    public void Mismatched(CertificateSpec spec)
    {
        using AsymmetricAlgorithm other = spec.Ec ? ECDsa.Create(ECCurve.NamedCurves.nistP256) : RSA.Create(2048);
        var data = CertificateIssuer.Issue(spec).Data;
        data["tls.key"] = CertificateIssuer.Issue(spec, key: other).Data["tls.key"];
        Put(spec, data);
    }

    public void Put(CertificateSpec spec, IReadOnlyDictionary<string, byte[]> data)
    {
        var annotations = new Dictionary<string, string>(spec.Annotations)
        {
            ["cert-manager.io/certificate-name"] = spec.Name,
            ["cert-manager.io/common-name"] = spec.DnsNames[0],
            ["cert-manager.io/alt-names"] = string.Join(',', spec.DnsNames),
            ["cert-manager.io/issuer-name"] = "sandbox",
            ["cert-manager.io/issuer-kind"] = "ClusterIssuer",
            ["cert-manager.io/issuer-group"] = "cert-manager.io",
        };
        var labels = new Dictionary<string, string>(spec.Labels) { ["controller.cert-manager.io/fao"] = "true" };
        cluster.AddNamespace(spec.Namespace);
        cluster.Put(ResourceType.Secrets, ClusterState.Secret(spec.Namespace, spec.SecretName, data, "kubernetes.io/tls", labels, annotations));
    }
}
