namespace ClusterTrust.Shared.Tests.Kubernetes;

/// <summary><c>proxy-url</c> in a kubeconfig.</summary>
public sealed class ProxyUrlTests : ClusterTest
{
    [Theory]
    [InlineData("", true, null)]
    [InlineData("user:p%40ss@", false, "dXNlcjpwQHNz")]
    public async Task A_proxy_url_may_contain_credentials_and_a_proxy_that_requires_them_is_named(string userInfo, bool refused, string? sent)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var requests = AnswerAsync(listener, sent is null ? 1 : 2);
        var options = new KubernetesOptions { Attempts = 1, KubeconfigPath = Cluster.WriteKubeconfig("token: a", $"proxy-url: 'http://{userInfo}{listener.LocalEndpoint}',") };
        using var connection = Cluster.Open(options).To(new Uri("https://api.example.org"));
        var fault = await connection.FaultAsync(
            refused ? ExitCode.Usage : ExitCode.Failed,
            refused
                ? "The proxy on the way to the API server https://api.example.org requires a user name and password (407): set them in proxy-url in the kubeconfig, or correct them; they precede the host, followed by '@'."
                : "The proxy did not open a tunnel to the API server https://api.example.org: check proxy-url in the kubeconfig.");

        Assert.Equal(fault.Message, Redaction.Redact(fault.Message));
        Assert.Equal(sent is not null, (await requests).Last().Contains($"Proxy-Authorization: Basic {sent}", StringComparison.Ordinal));

        // A proxy that requires credentials, and then does not open the tunnel.
        static async Task<List<string>> AnswerAsync(TcpListener listener, int count)
        {
            var requests = new List<string>();
            while (requests.Count < count)
            {
                using var client = await listener.AcceptTcpClientAsync();
                await using var stream = client.GetStream();
                var buffer = new byte[4096];
                requests.Add(Encoding.ASCII.GetString(buffer, 0, await stream.ReadAsync(buffer)));
                var status = requests.Count == 1 ? "407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"" : "502 Bad Gateway";
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"));
            }

            return requests;
        }
    }

    [Theory]
    [InlineData(false, "localhost", "that is not trusted (PartialChain): add its CA to the certificate-authority of the cluster, which is used for both, or if there is none to SSL_CERT_FILE.")]
    [InlineData(true, "other.example", "for other names (other.example): correct its address in proxy-url in the kubeconfig, or check what answers there.")]
    public async Task A_certificate_of_the_proxy_is_not_described_as_the_servers(bool isTrusted, string name, string sentence)
    {
        using var untrusted = new CertificateAuthority();
        await using var proxy = new TlsServer().Serve("localhost", (isTrusted ? Cluster.Authority : untrusted).Issue([name]));
        var options = new KubernetesOptions { KubeconfigPath = Cluster.WriteKubeconfig("token: a", $"proxy-url: 'https://localhost:{proxy.Port}',") };
        using var connection = Cluster.Open(options).To(new Uri("https://api.example.org"));
        await connection.FaultAsync(ExitCode.Usage, $"The proxy on the way to the API server https://api.example.org presents a certificate {sentence}");
        Assert.Equal(1, proxy.Connections);
    }

    [Fact]
    public async Task A_proxy_url_that_cannot_be_reached_is_named()
    {
        var options = new KubernetesOptions { Attempts = 1, KubeconfigPath = Cluster.WriteKubeconfig("token: a", "proxy-url: 'http://127.0.0.1:9',") };
        using var connection = Cluster.Open(options).To(new Uri("https://api.example.org"));
        await connection.FaultAsync(
            ExitCode.Failed, "The proxy 127.0.0.1:9 of proxy-url in the kubeconfig cannot be reached: check its address, whether it is up, and the network policies.");
    }
}
