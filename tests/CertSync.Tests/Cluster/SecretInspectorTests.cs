using System.Text;
using ClusterTrust.CertSync.Certificates;
using ClusterTrust.CertSync.Cluster;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.CertSync.Tests.Certificates;
using Microsoft.Extensions.Time.Testing;

namespace ClusterTrust.CertSync.Tests.Cluster;

public sealed class SecretInspectorTests : IAsyncLifetime
{
    private static readonly TlsSecretRef Listed = new("team-a", "web-tls", "", "");

    private ClusterRig rig = null!;
    private readonly FakeTimeProvider time = new(Pki.Start.AddDays(30));

    public async Task InitializeAsync() => rig = await ClusterRig.StartAsync();

    public Task DisposeAsync() => rig.DisposeAsync().AsTask();

    [Fact]
    public async Task Gives_the_facts_and_the_bundle_of_a_certificate()
    {
        Put(Pki.Leaf.Pem + Pki.Intermediate.Pem, Pki.Leaf.Pkcs8);

        using var seen = await InspectAsync();

        var facts = seen.Inspection.Facts!;
        Assert.Equal(Pki.Leaf.Thumbprint, facts.Thumbprint);
        Assert.Equal(seen.Bundle!.ChainSha256, facts.ChainSha256);
        Assert.Equal((Pki.Start, Pki.End), (facts.NotBefore, facts.NotAfter));
        Assert.Equal((64, 64), (facts.Names.Length, facts.Issuer.Length));
        Assert.NotEmpty(seen.Inspection.Secret.ResourceVersion);
        Assert.Empty(seen.Warnings);
    }

    [Fact]
    public async Task Warns_of_a_certificate_that_is_not_valid_yet()
    {
        Put(Pki.Leaf.Pem + Pki.Intermediate.Pem, Pki.Leaf.Pkcs8);
        var early = new SecretInspector(new SecretReader(rig.Connect()), new BundleOptions(), new FakeTimeProvider(Pki.Start.AddDays(-1)));

        using var seen = await early.InspectAsync(Listed, default);

        Assert.NotNull(seen.Inspection.Facts);
        Assert.Contains("not valid before", Assert.Single(seen.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Skips_a_Secret_whose_certificate_is_not_issued_yet()
    {
        Put("", Pki.Leaf.Pkcs8);

        await AssertWithoutFacts(Reason.IssuancePending, isNoFault: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Skips_cert_managers_temporary_certificate(bool strict)
    {
        var issuer = Pki.Authority("cert-manager.local", Pki.Rsa("temporary"), null);
        var temporary = Pki.Issue("leaf.example.com", Pki.Rsa("leaf"), issuer);
        Put(temporary.Pem, temporary.Pkcs8);

        await AssertWithoutFacts(Reason.TemporaryCertificate, isNoFault: true, new BundleOptions(StrictChain: strict));
    }

    [Fact]
    public async Task Skips_a_Secret_that_is_gone() => await AssertWithoutFacts(Reason.SecretGone, isNoFault: true);

    [Fact]
    public async Task Fails_an_expired_certificate()
    {
        Put(Pki.Leaf.Pem + Pki.Intermediate.Pem, Pki.Leaf.Pkcs8);
        time.SetUtcNow(Pki.End.AddSeconds(1));

        Assert.Contains("expired", await AssertWithoutFacts(Reason.InvalidCertificate, isNoFault: false), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fails_a_key_of_another_certificate()
    {
        Put(Pki.Leaf.Pem, Pki.Root.Pkcs8);

        await AssertWithoutFacts(Reason.InvalidCertificate, isNoFault: false);
    }

    [Fact]
    public async Task Fails_a_gap_in_the_chain_only_when_strict()
    {
        Put(Pki.Leaf.Pem, Pki.Leaf.Pkcs8);

        using var seen = await InspectAsync();
        Assert.NotNull(seen.Inspection.Facts);
        await AssertWithoutFacts(Reason.InvalidCertificate, isNoFault: false, new BundleOptions(StrictChain: true));
    }

    [Fact]
    public async Task Fails_a_Secret_that_may_not_be_read()
    {
        Put(Pki.Leaf.Pem, Pki.Leaf.Pkcs8);
        var inspector = new SecretInspector(new SecretReader(rig.ConnectFor("team-b")), new BundleOptions(), time);

        using var seen = await inspector.InspectAsync(Listed, default);

        Assert.Equal(Reason.SecretUnreadable, seen.Inspection.Reason);
        Assert.Contains("may not get secrets in namespace team-a", seen.Inspection.Sentence, StringComparison.Ordinal);
    }

    private void Put(string certificates, string key) => rig.Server.State.PutSecret(
        "team-a", "web-tls", [new("tls.crt", Encoding.UTF8.GetBytes(certificates)), new("tls.key", Encoding.UTF8.GetBytes(key))]);

    private Task<InspectedSecret> InspectAsync(BundleOptions? options = null) =>
        new SecretInspector(new SecretReader(rig.Connect()), options ?? new BundleOptions(), time).InspectAsync(Listed, default);

    private async Task<string> AssertWithoutFacts(Reason reason, bool isNoFault, BundleOptions? options = null)
    {
        using var seen = await InspectAsync(options);
        Assert.Null(seen.Inspection.Facts);
        Assert.Null(seen.Bundle);
        Assert.Equal(reason, seen.Inspection.Reason);
        Assert.Equal(isNoFault, seen.Inspection.Kind == ActionKind.Skip);
        return seen.Inspection.Sentence;
    }
}
