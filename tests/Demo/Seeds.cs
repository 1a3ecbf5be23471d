using ClusterTrust.Sandbox.CertManager;

namespace ClusterTrust.Demo;

/// <summary>A dozen Secrets in three namespaces, as cert-manager leaves them.</summary>
internal sealed class Seeds(SandboxCluster cluster)
{
    private readonly string _billing = cluster.Kubernetes.NamespaceOf("billing");

    public string Shop { get; } = cluster.Kubernetes.NamespaceOf("shop");

    public string Platform { get; } = cluster.Kubernetes.NamespaceOf("platform");

    public CertificateSpec Web => new(Shop, "web") { Intermediates = 1 };

    /// <summary>The certificate of <see cref="Web"/> before its renewal.</summary>
    public Issuance FirstWeb { get; private set; } = null!;

    /// <summary>How many certificates the vault has after a sync: the good ones, and the one that two Secrets hold.</summary>
    public int Certificates => Good.Length + 1;

    /// <summary>How many Secrets are written: those, the second holder, one that is pending, one whose key does not match.</summary>
    public int Secrets => Certificates + 3;

    private CertificateSpec Wildcard => new(Shop, "wildcard") { DnsNames = ["*.example.com", "example.com"], Intermediates = 2 };

    private CertificateSpec[] Good =>
    [
        Web,
        new(Shop, "checkout") { KeyForm = KeyForm.Pkcs8, Intermediates = 2 },
        new(Shop, "search") { Ec = true },
        new(_billing, "invoices") { Ec = true, KeyForm = KeyForm.Pkcs8, Intermediates = 2 },
        new(_billing, "payments"),
        new(_billing, "reports") { Intermediates = 2 },
        new(Platform, "gateway") { Ec = true, Intermediates = 2 },
        new(Platform, "registry") { KeyForm = KeyForm.Pkcs8 },
    ];

    /// <summary>Writes the Secrets.</summary>
    public void Plant()
    {
        FirstWeb = cluster.Certificates.Issue(Web);
        foreach (var spec in Good[1..])
        {
            cluster.Certificates.Issue(spec);
        }

        var shared = cluster.Certificates.Issue(Wildcard);
        cluster.Certificates.Put(Wildcard with { Namespace = Platform }, shared.Data);
        cluster.Certificates.Pending(new(Platform, "metrics"));
        cluster.Certificates.Mismatched(new(_billing, "legacy"));
    }
}
