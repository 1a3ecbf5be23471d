namespace ClusterTrust.Shared.Tests.Kubernetes;

public sealed class TransportFaultTests : ClusterTest
{
    [Fact]
    public async Task A_certificate_of_an_unknown_ca_is_refused_at_once_and_no_retry_helps()
    {
        using var untrusted = new CertificateAuthority("untrusted");
        await Cluster.InPod(authority: untrusted.CertificatePem).Open().FaultAsync(ExitCode.Usage, $"https://127.0.0.1:{Cluster.Server.Port} presents a certificate that is not trusted (");
        Assert.Empty(Cluster.Clock.Waits);
    }

    [Theory]
    [InlineData(-9, -1)]
    [InlineData(1, 9)]
    public async Task An_expired_or_future_certificate_is_refused_with_its_validity(int beginsInHours, int endsInHours)
    {
        using var untimely = Cluster.Authority.Issue(["127.0.0.1"], DateTimeOffset.UtcNow.AddHours(beginsInHours), DateTimeOffset.UtcNow.AddHours(endsInHours));
        Cluster.Server.CertificateOverride = untimely;
        await Cluster.InPod().Open().FaultAsync(
            ExitCode.Failed,
            $"is not currently valid (it is valid from {Sentence.Time(untimely.NotBefore)} to {Sentence.Time(untimely.NotAfter)})");
    }

    [Fact]
    public async Task An_expired_CA_is_named_and_not_its_certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var root = Authority("old root", key).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-9), DateTimeOffset.UtcNow.AddDays(-1));
        Present(root, key);
        await Cluster.InPod(authority: root.ExportCertificatePem()).Open().FaultAsync(
            ExitCode.Failed, $"is not currently valid (its CA CN=old root is valid from {Sentence.Time(root.NotBefore)} to ");
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_refused_with_its_names()
    {
        using var other = Cluster.Authority.Issue(["api.example.org", "10.96.0.1"]);
        Cluster.Server.CertificateOverride = other;
        await Cluster.InPod().Open().FaultAsync(ExitCode.Usage, "a certificate for other names (api.example.org, 10.96.0.1)");
    }

    [Fact]
    public async Task A_ca_file_may_contain_an_intermediate_CA_without_its_root()
    {
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var root = Authority("root", rootKey).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(9));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var intermediate = Authority("intermediate", key).Create(root, DateTimeOffset.UtcNow.AddHours(-9), DateTimeOffset.UtcNow.AddDays(8), [1]);
        Present(intermediate, key);
        using var connection = Cluster.InPod(authority: intermediate.ExportCertificatePem()).Open();
        await connection.JsonAsync();
        using var otherName = connection.To(new Uri($"https://localhost:{Cluster.Server.Port}"));
        await otherName.FaultAsync(ExitCode.Usage, "a certificate for other names (127.0.0.1)");
    }

    [Fact]
    public async Task A_refused_connection_is_tried_five_times_and_named()
    {
        var connection = Cluster.InPod().Open();
        await Cluster.Server.StopAsync();
        await connection.FaultAsync(
            ExitCode.Failed, $"The API server https://127.0.0.1:{Cluster.Server.Port} refused the connection: check that it is running and that the port is right.");
        Assert.Equal(4, Cluster.Clock.Waits.Count);
    }

    [Fact]
    public async Task A_name_that_cannot_be_resolved_is_tried_five_times_and_named()
    {
        Cluster.InPod().Set("NO_PROXY", "*");
        using var connection = Cluster.Open().To(new Uri("https://no-such-host.invalid:6443"));
        await connection.FaultAsync(ExitCode.Failed, "The name of the API server https://no-such-host.invalid:6443 cannot be resolved");
        Assert.Equal(4, Cluster.Clock.Waits.Count);
    }

    [Fact]
    public async Task A_port_without_TLS_is_named()
    {
        await using var plain = new TlsServer(banner: "HTTP/1.1 400 Bad Request\r\n\r\n");
        using var connection = Cluster.InPod().Open(new KubernetesOptions { Attempts = 1 }).To(new Uri($"https://{plain.Address}"));
        await connection.FaultAsync(ExitCode.Failed, "The TLS handshake");
    }

    [Fact]
    public async Task An_answer_that_is_no_json_names_the_address()
    {
        Cluster.Answers(200, "<html>sign in</html>", "text/html");
        await Cluster.InPod().Open().FaultAsync(ExitCode.Failed, "not the JSON of a Kubernetes API server (content type text/html)");
        Assert.Single(Cluster.Server.Requests);
    }

    /// <summary>Makes the server present a certificate for 127.0.0.1 that this CA issued.</summary>
    private void Present(X509Certificate2 issuer, ECDsa issuerKey)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        var request = new CertificateRequest("CN=api", key, HashAlgorithmName.SHA256) { CertificateExtensions = { names.Build() } };
        using var leaf = request.Create(
            issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(issuerKey), DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1), [2]);
        Cluster.Server.CertificateOverride = leaf.CopyWithPrivateKey(key);
    }

    private static CertificateRequest Authority(string name, ECDsa key) =>
        new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256) { CertificateExtensions = { new X509BasicConstraintsExtension(true, false, 0, true) } };
}
