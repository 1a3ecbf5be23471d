namespace ClusterTrust.Shared.Tests.Kubernetes;

public sealed class KubeconfigTests : ClusterTest
{
    [Fact]
    public async Task The_flag_precedes_the_ServiceAccount_then_KUBECONFIG_and_then_the_home_folder()
    {
        Cluster.WriteKubeconfig("token: from-home", path: ".kube/config");
        await AssertTokenAsync("from-home");
        Cluster.Set("KUBECONFIG", $"{Cluster.Folder}/missing{Path.PathSeparator}{Cluster.WriteKubeconfig("token: from-variable", path: "variable")}");
        await AssertTokenAsync("from-variable");
        Cluster.InPod();
        await AssertTokenAsync(TestCluster.Token);
        await AssertTokenAsync("from-variable", new KubernetesOptions { Context = "main" });
        await AssertTokenAsync("from-flag", new KubernetesOptions { KubeconfigPath = Cluster.WriteKubeconfig("token: from-flag", path: "flag") });
    }

    [Fact]
    public async Task Several_files_are_merged_and_the_first_that_names_something_wins()
    {
        var first = Cluster.Write("first", "current-context: main\nusers: [{name: admin, user: {token: first}}]\n");
        Cluster.Set("KUBECONFIG", first + Path.PathSeparator + Cluster.WriteKubeconfig("token: second"));
        await AssertTokenAsync("first");
        Assert.Equal("team-a", Cluster.Open().Namespace);
    }

    [Fact]
    public void Without_any_configuration_the_fault_lists_what_to_set() => Assert.Fault(
        ExitCode.Usage, "No cluster is configured: run in a pod that mounts its ServiceAccount token, or give --kubeconfig FILE, or set KUBECONFIG.", () => Cluster.Open());

    [Fact]
    public async Task A_token_file_beside_the_kubeconfig_is_read_again_when_it_is_refused()
    {
        Cluster.Write("secret/token", TestCluster.Token);
        var connection = Cluster.OpenKubeconfig("token: ignored, tokenFile: secret/token");
        await connection.JsonAsync();
        Cluster.Server.AdminToken = "new";
        Cluster.Write("secret/token", "new");
        await connection.JsonAsync();
        Assert.Equal([200, 401, 200], Cluster.Server.Requests.Select(r => r.Status));
    }

    [Theory]
    [InlineData("client-certificate: jane.crt, client-key: jane.key")]
    [InlineData("client-certificate-data: CERTIFICATE, client-key-data: KEY")]
    public async Task A_client_certificate_in_the_file_or_beside_it_authenticates(string user)
    {
        var (certificate, key) = TestCluster.ClientCertificate("jane");
        Cluster.Write("jane.crt", certificate);
        Cluster.Write("jane.key", key.ExportECPrivateKeyPem());
        var connection = Cluster.OpenKubeconfig(user
            .Replace("CERTIFICATE", TestCluster.Base64(certificate), StringComparison.Ordinal)
            .Replace("KEY", TestCluster.Base64(key.ExportPkcs8PrivateKeyPem()), StringComparison.Ordinal));
        await connection.JsonAsync();
        Assert.Equal("CN=jane", Assert.Single(Cluster.Subjects));
        Assert.Null(await connection.CurrentTokenAsync(CancellationToken.None));
        Cluster.Server.Faults.Always(new Fault.Status(401));
        await connection.FaultAsync(ExitCode.Failed, "rejected the credentials of jane (401)");
    }

    [Theory]
    [InlineData("token: null, client-certificate: ~, exec: null, as: null, username: null", "tls-server-name: null, proxy-url: ~,", null)]
    [InlineData("username: '', as: '', as-uid: '', as-groups: [], as-user-extra: {}, token: t", "", "t")]
    public async Task A_value_that_is_null_or_empty_is_not_set(string user, string more, string? token) =>
        Assert.Equal(token, await Cluster.OpenKubeconfig(user, more).CurrentTokenAsync(CancellationToken.None));

    [Theory]
    [InlineData("api.example.org", "api.example.org")]
    [InlineData("fd00::1", "'fd00:0::1'")]
    [InlineData("fd00::1", "'[fd00::1]'")]
    public async Task The_certificate_is_validated_against_tls_server_name(string issued, string name)
    {
        using var other = Cluster.Authority.Issue([issued]);
        Cluster.Server.CertificateOverride = other;
        await Cluster.OpenKubeconfig($"token: {TestCluster.Token}", more: $"tls-server-name: {name},").JsonAsync();
    }

    [Fact]
    public async Task A_path_in_the_address_precedes_the_path_of_every_request()
    {
        var server = new Uri(Cluster.Server.LoopbackAddress, "k8s/clusters/c-1");
        using var connection = Cluster.OpenKubeconfig($"token: {TestCluster.Token}").To(server);
        await connection.FaultAsync(ExitCode.Failed, "GET");
        Assert.Equal("/k8s/clusters/c-1/version", Assert.Single(Cluster.Server.Requests).Path);
    }

    [Fact]
    public async Task A_ca_bundle_is_trusted_as_a_whole()
    {
        using var older = new CertificateAuthority("an older CA");
        var bundle = $"certificate-authority-data: {TestCluster.Base64(older.CertificatePem + "\n" + Cluster.Authority.CertificatePem)},";
        await Cluster.OpenKubeconfig($"token: {TestCluster.Token}", more: bundle).JsonAsync();
    }

    [Theory]
    [InlineData("token: t", "insecure-skip-tls-verify: true,", "sets insecure-skip-tls-verify")]
    [InlineData("token: t", "insecure-skip-tls-verify: yes,", "cluster \"here\" of the kubeconfig has a value of insecure-skip-tls-verify that is neither true nor false")]
    [InlineData("token: t", "tls-server-name: 'a b',", "cluster \"here\" of the kubeconfig has a tls-server-name that is neither a host name nor an IP address")]
    [InlineData("token: t", "tls-server-name: 'host:6443',", "a tls-server-name that is neither")]
    [InlineData("token: t", "tls-server-name: bücher.example,", "a tls-server-name that is neither")]
    [InlineData("token: t", "<<: {insecure-skip-tls-verify: true},", "cluster \"here\" of the kubeconfig has a merge key (<<)")]
    [InlineData("<<: {token: t}", "", "user \"admin\" of the kubeconfig has a merge key (<<)")]
    [InlineData("auth-provider: {}", "", "signs in with a password or an auth-provider")]
    [InlineData("token: t", "certificate-authority-data: '%',", "certificate-authority-data that is not base64")]
    [InlineData("token: t", "certificate-authority-data: aGk=,", "certificate-authority that contains text without the BEGIN and END lines of PEM instead of a certificate in PEM")]
    [InlineData("tokenFile: nowhere", "", "nowhere cannot be read")]
    [InlineData("client-certificate: nowhere.crt", "", "client-certificate file that cannot be read (nowhere.crt)")]
    [InlineData("client-certificate-data: aGk=", "", "client-certificate that contains text without the BEGIN and END lines of PEM")]
    [InlineData("client-certificate-data: DATA+OMITTED, client-key-data: DATA+OMITTED", "", "exported redacted: export it again with 'kubectl config view --raw --flatten'")]
    [InlineData("username: u, password: word", "", "signs in with a password")]
    [InlineData("as: root, token: t", "", "impersonates another user")]
    [InlineData("as-groups: [root], token: t", "", "impersonates another user")]
    [InlineData("token: [t]", "", "a value of token that is not a text")]
    [InlineData("exec: aws", "", "user \"admin\" of the kubeconfig has a value of exec that is not a mapping")]
    [InlineData("token: t", "proxy-url: 'proxy.example:3128',", "a proxy-url that is not a URL with socks5, https or http and a host in ASCII: use one such as http://HOST:PORT")]
    [InlineData("token: 'two words'", "", "a token with invalid characters")]
    public void A_faulty_entry_is_named(string user, string more, string part) => Cluster.RefusesKubeconfig(Cluster.WriteKubeconfig(user, more), part);

    [Theory]
    [InlineData("", "is empty: store a kubeconfig in it")]
    [InlineData("<html><body>Sign in</body></html>", "contains an HTML page instead of a kubeconfig")]
    [InlineData("just text", "is empty or not a YAML mapping")]
    [InlineData("users: [{name: a, user: {token: s3cret", "is not YAML (line ")]
    [InlineData("users: !<> [{name: a, user: {token: s3cret}}]", "is not YAML: use a file that kubectl wrote")]
    [InlineData("...\nusers: [{name: a, user: {token: s3cret}}]\n", "is not YAML: use a file that kubectl wrote")]
    [InlineData("current-context: a\ncontexts: [{name: a}, {name: a}]", "has the context \"a\" more than once: remove or rename the others")]
    [InlineData("current-context: a\ncontexts: {name: a}", "has contexts that are not a list")]
    [InlineData("contexts: []", "has no current-context: it has no contexts")]
    [InlineData("current-context: a\ncontexts: [{name: a, context: c}]", "context \"a\" of the kubeconfig has a value of context that is not a mapping")]
    [InlineData("current-context: x\ncontexts: [{name: a}, {name: b}]", "has no context \"x\": choose one with --context: a, b")]
    [InlineData("current-context: a\ncontexts: [{name: a}]", "context \"a\" of the kubeconfig names no cluster")]
    [InlineData("current-context: a\ncontexts: [{name: a, context: {cluster: c}}]", "refers to the cluster \"c\", which does not exist")]
    [InlineData("current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\nclusters: [{name: c}]", "cluster \"c\" of the kubeconfig has no server")]
    [InlineData("current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: here}}]", "has a server that is not a URL")]
    [InlineData("current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: 'https://xn--\u00e4.example'}}]", "has a server that is not a URL with http or https and a host in ASCII")]
    [InlineData("current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\nclusters: [{name: c, cluster: {server: 'https://x'}}]", "refers to the user \"u\", which does not exist")]
    public void An_invalid_kubeconfig_is_explained_in_one_sentence(string yaml, string part) => Cluster.RefusesKubeconfig(Cluster.Write("broken", yaml), part);

    [Fact]
    public void A_missing_kubeconfig_is_named() => Cluster.RefusesKubeconfig("/no/such/file", "/no/such/file cannot be read");

    private async Task AssertTokenAsync(string expected, KubernetesOptions? options = null) =>
        Assert.Equal(expected, await Cluster.Open(options).CurrentTokenAsync(CancellationToken.None));
}
