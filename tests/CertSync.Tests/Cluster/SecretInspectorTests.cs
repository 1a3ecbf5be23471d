using ClusterTrust.CertSync.Certificates;
using ClusterTrust.CertSync.Cluster;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.CertSync.Tests.Certificates;
using ClusterTrust.CertSync.Tests.Job;
using ClusterTrust.Kubernetes;
using Microsoft.Extensions.Time.Testing;

namespace ClusterTrust.CertSync.Tests.Cluster;

public sealed class SecretInspectorTests
{
    private const string Source = "team-a/web-tls";

    private readonly FakeSecrets secrets = new();
    private readonly FakeTimeProvider time = new(Pki.Start.AddDays(-1));

    [Fact]
    public async Task Gives_the_facts_and_the_bundle_of_a_certificate()
    {
        var (seen, bundle) = await InspectAsync(Put("valid"));
        using var _ = bundle;

        Assert.Equal(bundle!.Facts, seen.Facts);
        Assert.Equal((Pki.Leaf.Thumbprint, Pki.Start, Pki.End), (seen.Facts!.Thumbprint, seen.Facts.NotBefore, seen.Facts.NotAfter));
        Assert.Equal((64, 64), (seen.Facts.Names.Length, seen.Facts.Issuer.Length));
        Assert.NotEmpty(seen.Secret.ResourceVersion);
    }

    [Theory]
    [InlineData("early", false, "not valid before")]
    [InlineData("gap", false, "The chain ends at CN=leaf.example.com")]
    public async Task Warns_about_a_certificate_that_can_be_imported(string what, bool strict, string expected)
    {
        var (seen, bundle) = await InspectAsync(Put(what), strict);
        using var _ = bundle;

        Assert.NotNull(seen.Facts);
        Assert.Contains(seen.Warnings, warning => warning.Contains(expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("pending", false, Reason.IssuancePending, ActionKind.Skip, "tls.crt is still empty")]
    [InlineData("temporary", false, Reason.TemporaryCertificate, ActionKind.Skip, "temporary certificate")]
    [InlineData("temporary", true, Reason.TemporaryCertificate, ActionKind.Skip, "temporary certificate")]
    [InlineData("gone", false, Reason.SecretGone, ActionKind.Skip, "deleted after it was listed")]
    [InlineData("expired", false, Reason.InvalidCertificate, ActionKind.Refuse, "expired")]
    [InlineData("mismatch", false, Reason.InvalidCertificate, ActionKind.Refuse, "tls.key matches none")]
    [InlineData("gap", true, Reason.InvalidCertificate, ActionKind.Refuse, "The chain ends at CN=leaf.example.com")]
    [InlineData("forbidden", false, Reason.SecretUnreadable, ActionKind.Fail, "it is forbidden")]
    public async Task Gives_the_reason_why_a_Secret_has_no_certificate_to_import(string what, bool strict, Reason reason, ActionKind kind, string expected)
    {
        var (seen, bundle) = await InspectAsync(Put(what), strict);

        Assert.Null(bundle);
        Assert.Null(seen.Facts);
        Assert.Equal((reason, kind), (seen.Reason, seen.Kind));
        Assert.Contains(expected, seen.Sentence, StringComparison.Ordinal);
    }

    private TlsSecretRef Put(string what)
    {
        time.SetUtcNow(what switch
        {
            "early" => Pki.Start.AddDays(-1),
            "expired" => Pki.End.AddSeconds(1),
            _ => Pki.Start.AddDays(30),
        });
        secrets.OnRead = _ => what == "forbidden" ? new KubernetesException("it is forbidden") : null;
        var temporary = Pki.Issue("leaf.example.com", Pki.Rsa("leaf"), Pki.Authority("cert-manager.local", Pki.Rsa("temporary"), null));
        var listed = what switch
        {
            "pending" => secrets.Put(Source, chain: ""),
            "temporary" => secrets.Put(Source, temporary, chain: temporary.Pem),
            "mismatch" => secrets.Put(Source, Pki.Root, chain: Pki.Leaf.Pem),
            "gap" => secrets.Put(Source, chain: Pki.Leaf.Pem),
            _ => secrets.Put(Source),
        };
        if (what == "gone")
        {
            secrets.Remove(Source);
        }

        return listed;
    }

    private Task<(Inspection Inspection, CertificateBundle? Bundle)> InspectAsync(TlsSecretRef listed, bool strict = false) =>
        new SecretInspector(secrets, new BundleOptions(StrictChain: strict), time).InspectAsync(listed, default);
}
