using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using ClusterTrust.Hosting;
using ClusterTrust.Kubernetes;
using ClusterTrust.Sandbox.Servers;

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
        Cluster.Write("secret/token", "old");
        Cluster.Knows("24");
        var connection = Open("token: ignored, tokenFile: secret/token");
        await connection.JsonAsync();
        Cluster.Server.AcceptedToken = "new";
        Cluster.Write("secret/token", "new");

        await connection.JsonAsync();

        Assert.Equal([200, 401, 200], Cluster.Server.Requests.Select(r => r.Status));
    }

    [Fact]
    public async Task A_client_certificate_in_the_file_or_beside_it_authenticates()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=jane", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        Cluster.Write("jane.crt", certificate.ExportCertificatePem());
        Cluster.Write("jane.key", key.ExportECPrivateKeyPem());
        var data = $"client-certificate-data: {TestCluster.Base64(certificate.ExportCertificatePem())}, client-key-data: {TestCluster.Base64(key.ExportPkcs8PrivateKeyPem())}";
        var beside = Open("client-certificate: jane.crt, client-key: jane.key");
        var inside = Open(data, path: "inside");
        Cluster.Knows("24");

        await beside.JsonAsync();
        await inside.JsonAsync();

        Assert.Null(await beside.CurrentTokenAsync(CancellationToken.None));
        Cluster.Server.AcceptedToken = "another";
        await beside.FaultAsync(ExitCode.Failed, "rejected the credentials of jane (401)");
    }

    [Fact]
    public async Task An_exec_plugin_provides_the_token_and_runs_again_when_it_is_rejected()
    {
        Cluster.Knows("24");
        var count = Path.Combine(Cluster.Folder, "count");
        var plugin = Cluster.Write("plugin", $$$"""
            #!/bin/sh
            echo x >> {{{count}}}
            printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"token-%s"}}' "$(grep -c x {{{count}}})"
            """);
        var connection = Open($"exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: IfAvailable, command: sh, args: [{plugin}]}}");
        Cluster.Server.AcceptedToken = "token-2";

        await connection.JsonAsync();

        Assert.Equal([401, 200], Cluster.Server.Requests.Select(r => r.Status));
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("provideClusterInfo: false,", null)]
    [InlineData(
        "provideClusterInfo: true,",
        """{"server":"SERVER","tls-server-name":"localhost","certificate-authority-data":"CA","config":{"audience":"a b","ids":[1,"2",true,null]}}""")]
    public async Task An_exec_plugin_gets_the_cluster_on_request_and_never_a_terminal(string provide, string? info)
    {
        Cluster.Knows("24");
        var told = Path.Combine(Cluster.Folder, "told");
        var plugin = Cluster.Write("plug in", $$$"""
            #!/bin/sh
            printf '%s' "$KUBERNETES_EXEC_INFO" > "$TOLD"
            cat >> "$TOLD"
            printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s","expirationTimestamp":"0001-01-01T00:00:00Z"}}' "$2"
            """);
        var user = $"exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: IfAvailable, {provide} command: sh, args: ['{plugin}', 'a b', a-token], env: [{{name: TOLD, value: '{told}'}}]}}";
        var more = "tls-server-name: localhost, extensions: [{name: other, extension: 1}, {name: client.authentication.k8s.io/exec, extension: {audience: a b, ids: [1, '2', true, null]}}],";
        var connection = Open(user, more: more);
        Cluster.Server.AcceptedToken = "a-token";

        await connection.JsonAsync();

        var expected = new JsonObject { ["apiVersion"] = "client.authentication.k8s.io/v1", ["kind"] = "ExecCredential", ["spec"] = new JsonObject { ["interactive"] = false } };
        if (info is not null)
        {
            var server = Cluster.Server.LoopbackAddress.AbsoluteUri.TrimEnd('/');
            expected["spec"]!["cluster"] = JsonNode.Parse(info.Replace("SERVER", server, StringComparison.Ordinal).Replace("CA", TestCluster.Base64(Cluster.Authority.CertificatePem), StringComparison.Ordinal));
        }

        var actual = JsonNode.Parse(await File.ReadAllTextAsync(told))!;
        if (actual["spec"]?["cluster"]?["server"] is { } address)
        {
            actual["spec"]!["cluster"]!["server"] = address.GetValue<string>().TrimEnd('/');
        }

        Assert.True(JsonNode.DeepEquals(expected, actual), actual.ToJsonString());
    }

    [Fact]
    public async Task A_plugin_that_hangs_ends_with_the_run()
    {
        var file = Path.Combine(Cluster.Folder, "pid");
        using var stop = new CancellationTokenSource();

        var token = Open($"exec: {{apiVersion: client.authentication.k8s.io/v1beta1, command: sh, args: ['-c', 'echo $$ > {file}.new; mv {file}.new {file}; sleep 600; :']}}").CurrentTokenAsync(stop.Token);
        await TimerClock.UntilAsync(() => File.Exists(file));
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await token);
        var folder = $"/proc/{(await File.ReadAllTextAsync(file)).Trim()}";
        await TimerClock.UntilAsync(() => !Directory.Exists(folder));
    }

    /// <summary>.NET looks for a program in the current folder before PATH; a checked out repository could contain one.</summary>
    [Fact]
    public void A_plugin_in_the_current_folder_is_not_run()
    {
        var name = $"plugin-{Guid.NewGuid():N}";
        var path = Path.Combine(Environment.CurrentDirectory, name);
        File.Copy("/bin/echo", path);
        try
        {
            AssertUsageFault(Cluster.WriteKubeconfig($"exec: {{apiVersion: client.authentication.k8s.io/v1beta1, command: {name}}}"), "cannot be run: install it");
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task A_token_beside_a_plugin_wins() =>
        Assert.Equal("t", await Open("token: t, exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: no-such-plugin}").CurrentTokenAsync(CancellationToken.None));

    [Fact]
    public async Task A_value_that_is_null_is_not_set()
    {
        var connection = Open("token: null, client-certificate: ~, exec: null, as: null, username: null", "tls-server-name: null, proxy-url: ~,");

        Assert.Null(await connection.CurrentTokenAsync(CancellationToken.None));
    }

    [Fact]
    public async Task The_certificate_is_validated_against_tls_server_name()
    {
        using var other = Cluster.Authority.Issue(["api.example.org"]);
        Cluster.Server.CertificateOverride = other;
        Cluster.Knows("24");
        await Open("token: t", more: "tls-server-name: api.example.org,").JsonAsync();
    }

    [Fact]
    public async Task A_path_in_the_address_precedes_the_path_of_every_request()
    {
        var server = new Uri(Cluster.Server.LoopbackAddress, "k8s/clusters/c-1");
        using var connection = Open("token: t").To(server);

        await connection.FaultAsync(ExitCode.Failed, "GET");

        Assert.Equal("/k8s/clusters/c-1/version", Assert.Single(Cluster.Server.Requests).Path);
    }

    [Fact]
    public async Task A_ca_bundle_is_trusted_as_a_whole()
    {
        using var stranger = new CertificateAuthority("an older CA");
        Cluster.Knows("24");
        var bundle = $"certificate-authority-data: {TestCluster.Base64(stranger.CertificatePem + "\n" + Cluster.Authority.CertificatePem)},";
        await Open("token: t", more: bundle).JsonAsync();
    }

    [Theory]
    [InlineData("token: t", "insecure-skip-tls-verify: true,", "sets insecure-skip-tls-verify")]
    [InlineData("token: t", "certificate-authority-data: '%',", "certificate-authority-data that is not base64")]
    [InlineData("token: t", "certificate-authority-data: aGk=,", "certificate-authority that contains text without the BEGIN and END lines of PEM instead of a certificate in PEM")]
    [InlineData("tokenFile: nowhere", "", "nowhere cannot be read")]
    [InlineData("client-certificate: nowhere.crt", "", "client-certificate file that cannot be read (nowhere.crt)")]
    [InlineData("client-certificate-data: aGk=", "", "client-certificate that contains text without the BEGIN and END lines of PEM")]
    [InlineData("client-certificate-data: DATA+OMITTED, client-key-data: DATA+OMITTED", "", "exported redacted: export it again with 'kubectl config view --raw --flatten'")]
    [InlineData("exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: no-such-plugin}", "", "credential plugin no-such-plugin of the kubeconfig cannot be run")]
    [InlineData("exec: {apiVersion: client.authentication.k8s.io/v1, command: sh}", "", "exec plugin with no interactiveMode: set it to Never or IfAvailable")]
    [InlineData("exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always, command: sh}", "", "requires a terminal (interactiveMode: Always)")]
    [InlineData("exec: {apiVersion: client.authentication.k8s.io/v1beta1, interactiveMode: Sometimes, command: sh}", "", "the interactiveMode Sometimes")]
    [InlineData("exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: sh}", "", "of the apiVersion client.authentication.k8s.io/v1alpha1: update the plugin")]
    [InlineData("exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: sh, env: [{value: a}]}", "", "a variable (env) without a name")]
    [InlineData("exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: sh, args: ['-c', 'echo no login >&2; exit 4']}", "", "ended with exit code 4: no login")]
    [InlineData("exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: echo, args: [hello]}", "", "did not print an ExecCredential")]
    [InlineData("exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: echo, args: ['{\"kind\":\"ExecCredential\",\"apiVersion\":\"v1\",\"status\":{\"token\":\"two words\"}}']}", "", "answered with v1 ExecCredential where client.authentication.k8s.io/v1beta1 ExecCredential was expected")]
    [InlineData("exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: echo, args: ['{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1beta1\",\"status\":{}}']}", "", "neither a token nor a client certificate")]
    [InlineData("exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: echo, args: ['{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1beta1\",\"status\":{\"token\":\"t\",\"clientKeyData\":\"k\"}}']}", "", "only one of client certificate and key")]
    [InlineData("exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: echo, args: ['{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1beta1\",\"status\":{\"token\":\"two words\"}}']}", "", "a token with invalid characters")]
    [InlineData("exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: 'yes'}", "", "printed more than 1048576 bytes")]
    [InlineData("exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: sh, args: ['-c', 'yes >&2']}", "", "printed more than 1048576 bytes")]
    [InlineData("exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: echo, args: ['{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1beta1\",\"status\":{\"clientCertificateData\":\"c\",\"clientKeyData\":\"k\"}}']}", "", "a client-certificate and a client-key that do not match")]
    [InlineData("exec: {apiVersion: v1}", "", "exec plugin without a command")]
    [InlineData("username: u, password: word", "", "signs in with a password")]
    [InlineData("as: root, token: t", "", "impersonates another user")]
    [InlineData("as-groups: [root], token: t", "", "impersonates another user")]
    [InlineData("token: [t]", "", "a token that is not a text")]
    [InlineData("exec: aws", "", "an exec that is not a mapping")]
    [InlineData("token: t", "proxy-url: 'proxy.example:3128',", "a proxy-url that is not a URL with socks5, https or http: use one such as http://HOST:PORT")]
    [InlineData("token: 'two words'", "", "a token with invalid characters")]
    public void A_faulty_entry_is_named(string user, string more, string part) => AssertUsageFault(Cluster.WriteKubeconfig(user, more), part);

    [Theory]
    [InlineData("", "is empty: store a kubeconfig in it")]
    [InlineData("<html><body>Sign in</body></html>", "contains an HTML page instead of a kubeconfig")]
    [InlineData("just text", "is empty or not a YAML mapping")]
    [InlineData("users: [{name: a, user: {token: s3cret", "is not YAML (line ")]
    [InlineData("current-context: a\ncontexts: [{name: a}, {name: a}]", "has the context \"a\" more than once: remove or rename the others")]
    [InlineData("current-context: a\ncontexts: {name: a}", "has contexts that are not a list")]
    [InlineData("contexts: []", "has no current-context: it has no contexts")]
    [InlineData("current-context: x\ncontexts: [{name: a}, {name: b}]", "has no context \"x\": choose one with --context: a, b")]
    [InlineData("current-context: a\ncontexts: [{name: a}]", "context \"a\" of the kubeconfig names no cluster")]
    [InlineData("current-context: a\ncontexts: [{name: a, context: {cluster: c}}]", "refers to the cluster \"c\", which does not exist")]
    [InlineData("current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\nclusters: [{name: c}]", "cluster \"c\" of the kubeconfig has no server")]
    [InlineData("current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: here}}]", "has a server that is not a URL")]
    [InlineData("current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\nclusters: [{name: c, cluster: {server: 'https://x'}}]", "refers to the user \"u\", which does not exist")]
    public void An_invalid_kubeconfig_is_explained_in_one_sentence(string yaml, string part) => AssertUsageFault(Cluster.Write("broken", yaml), part);

    [Fact]
    public void A_missing_kubeconfig_is_named() => AssertUsageFault("/no/such/file", "/no/such/file cannot be read");

    private async Task AssertTokenAsync(string expected, KubernetesOptions? options = null) =>
        Assert.Equal(expected, await Cluster.Open(options).CurrentTokenAsync(CancellationToken.None));

    private void AssertUsageFault(string path, string part)
    {
        var fault = Assert.Fault(ExitCode.Usage, part, () =>
            Cluster.Open(new KubernetesOptions { KubeconfigPath = path }).CurrentTokenAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult());
        Assert.DoesNotContain("two words", fault.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", fault.ToString(), StringComparison.Ordinal);
    }

    private KubernetesConnection Open(string user, string more = "", string path = "config") =>
        Cluster.Open(new KubernetesOptions { KubeconfigPath = Cluster.WriteKubeconfig(user, more, path) });
}
