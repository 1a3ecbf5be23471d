using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClusterTrust.Hosting;
using ClusterTrust.Kubernetes;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.Shared.Tests.Kubernetes;

public sealed class TransportFaultTests
{
    [Fact]
    public async Task A_certificate_of_an_unknown_ca_is_refused_at_once_and_no_retry_helps()
    {
        await using var cluster = await TestCluster.StartAsync();
        using var stranger = new CertificateAuthority("stranger");
        using var connection = cluster.InPod(authority: stranger.CertificatePem).Open();

        var fault = await connection.FaultAsync();

        Assert.Equal(ExitCode.Usage, fault.ExitCode);
        Assert.Contains($"https://127.0.0.1:{cluster.Server.Port} was not issued by a trusted CA", fault.Message, StringComparison.Ordinal);
        Assert.Empty(cluster.Clock.Waits);
    }

    [Theory]
    [InlineData(-9, -1)]
    [InlineData(1, 9)]
    public async Task A_certificate_out_of_its_time_is_refused_with_its_validity(int beginsInHours, int endsInHours)
    {
        await using var cluster = await TestCluster.StartAsync();
        using var untimely = cluster.Authority.Issue(["127.0.0.1"], DateTimeOffset.UtcNow.AddHours(beginsInHours), DateTimeOffset.UtcNow.AddHours(endsInHours));
        cluster.Server.CertificateOverride = untimely;
        using var connection = cluster.InPod().Open();

        var fault = await connection.FaultAsync();

        Assert.Equal(ExitCode.Failed, fault.ExitCode);
        Assert.Contains(
            $"is not valid now (it is valid from {untimely.NotBefore.ToUniversalTime():yyyy-MM-dd HH:mm} to {untimely.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC)",
            fault.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_authority_whose_time_is_over_is_named_and_not_its_certificate()
    {
        await using var cluster = await TestCluster.StartAsync();
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var root = Authority("old root", rootKey).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-9), DateTimeOffset.UtcNow.AddDays(-1));
        using var leafKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=api", leafKey, HashAlgorithmName.SHA256);
        using var leaf = request.Create(root.SubjectName, X509SignatureGenerator.CreateForECDsa(rootKey), DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1), [2]);
        using var shown = leaf.CopyWithPrivateKey(leafKey);
        cluster.Server.CertificateOverride = shown;
        using var connection = cluster.InPod(authority: root.ExportCertificatePem()).Open();

        var fault = await connection.FaultAsync();

        Assert.Contains($"is not valid now (its CA CN=old root is valid from {root.NotBefore.ToUniversalTime():yyyy-MM-dd HH:mm} to ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_refused_with_its_names()
    {
        await using var cluster = await TestCluster.StartAsync();
        using var other = cluster.Authority.Issue(["api.example.org", "10.96.0.1"]);
        cluster.Server.CertificateOverride = other;
        using var connection = cluster.InPod().Open();

        var fault = await connection.FaultAsync();

        Assert.Equal(ExitCode.Usage, fault.ExitCode);
        Assert.Contains("is for other names (api.example.org, 10.96.0.1)", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_ca_file_may_hold_an_intermediate_authority_without_its_root()
    {
        await using var cluster = await TestCluster.StartAsync();
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var root = Authority("root", rootKey).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(9));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var intermediate = Authority("intermediate", key).Create(root, DateTimeOffset.UtcNow.AddHours(-9), DateTimeOffset.UtcNow.AddDays(8), [1]);
        using var signer = intermediate.CopyWithPrivateKey(key);
        using var leafKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=api", leafKey, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var leaf = request.Create(signer, DateTimeOffset.UtcNow.AddHours(-8), DateTimeOffset.UtcNow.AddDays(7), [2]);
        using var shown = leaf.CopyWithPrivateKey(leafKey);
        cluster.Server.CertificateOverride = shown;
        cluster.Server.Knows("24");
        using var connection = cluster.InPod(authority: intermediate.ExportCertificatePem()).Open();

        await connection.JsonAsync();
    }

    [Fact]
    public async Task A_refused_connection_is_tried_five_times_and_named()
    {
        await using var cluster = await TestCluster.StartAsync();
        using var connection = cluster.InPod().Open();
        await cluster.Server.StopAsync();

        var fault = await connection.FaultAsync();

        Assert.Equal(ExitCode.Failed, fault.ExitCode);
        Assert.Equal($"The API server https://127.0.0.1:{cluster.Server.Port} refused the connection: check that it is running and that the port is right.", fault.Message);
        Assert.Equal(4, cluster.Clock.Waits.Count);
    }

    [Fact]
    public async Task A_name_that_cannot_be_resolved_is_named()
    {
        await using var cluster = TestCluster.Silent();
        cluster.InPod().Set("NO_PROXY", "*");
        using var connection = cluster.Open(new KubernetesOptions { Server = new Uri("https://no-such-host.invalid:6443"), Attempts = 1 });

        var fault = await connection.FaultAsync();

        Assert.Contains("The name of the API server https://no-such-host.invalid:6443 cannot be resolved", fault.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, fault.ExitCode);
    }

    [Fact]
    public async Task A_port_that_speaks_no_tls_is_named()
    {
        await using var cluster = TestCluster.Silent();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var answering = AnswerPlainAsync(listener);
        using var connection = cluster.InPod().Open(new KubernetesOptions { Server = new Uri($"https://{listener.LocalEndpoint}"), Attempts = 1 });

        var fault = await connection.FaultAsync();
        await answering;

        Assert.Contains("The TLS handshake", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_is_no_json_names_the_address()
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.Server.First = async (context, _) =>
        {
            await RecordedApiServer.AnswerAsync(context, 200, "<html>sign in</html>", "text/html");
            return true;
        };
        using var connection = cluster.InPod().Open();

        var fault = await Assert.ThrowsAsync<KubernetesException>(() => connection.ApiServersAsync(CancellationToken.None));

        Assert.Contains("not the JSON of a Kubernetes API server (content type text/html)", fault.Message, StringComparison.Ordinal);
        Assert.Single(cluster.Server.Requests);
    }

    private static async Task AnswerPlainAsync(TcpListener listener)
    {
        using var client = await listener.AcceptTcpClientAsync();
        await client.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray());
    }

    private static CertificateRequest Authority(string name, ECDsa key)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request;
    }
}
