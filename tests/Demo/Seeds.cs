using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.CertManager;

namespace ClusterTrust.Demo;

/// <summary>A dozen Secrets in three namespaces, as cert-manager leaves them.</summary>
internal static class Seeds
{
    public static readonly CertificateSpec Web = new("shop", "web") { Intermediates = 1 };

    private static readonly CertificateSpec Wildcard = new("shop", "wildcard") { DnsNames = ["*.example.com", "example.com"], Intermediates = 2 };

    private static readonly CertificateSpec[] Good =
    [
        Web,
        new("shop", "checkout") { KeyForm = KeyForm.Pkcs8, Intermediates = 2 },
        new("shop", "search") { Ec = true },
        new("billing", "invoices") { Ec = true, KeyForm = KeyForm.Pkcs8, Intermediates = 2 },
        new("billing", "payments"),
        new("billing", "reports") { Intermediates = 2 },
        new("platform", "gateway") { Ec = true, Intermediates = 2 },
        new("platform", "registry") { KeyForm = KeyForm.Pkcs8 },
    ];

    /// <summary>How many certificates the vault has after a sync: the good ones, and the one that two Secrets hold.</summary>
    public static int Certificates => Good.Length + 1;

    /// <summary>Writes the Secrets.</summary>
    public static void Plant(SandboxCluster cluster)
    {
        foreach (var spec in Good)
        {
            cluster.Certificates.Issue(spec);
        }

        var shared = cluster.Certificates.Issue(Wildcard);
        cluster.Certificates.Put(Wildcard with { Namespace = "platform" }, shared.Data);
        cluster.Certificates.Pending(new("platform", "metrics"));
        cluster.Certificates.Mismatched(new("billing", "legacy"));
    }
}
