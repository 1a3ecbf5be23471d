namespace ClusterTrust.Shared.Tests.Kubernetes;

/// <summary>Credential plugins of a kubeconfig.</summary>
public sealed class ExecPluginTests : ClusterTest
{
    [Fact]
    public async Task An_exec_plugin_provides_the_token_and_runs_again_when_it_is_rejected()
    {
        var connection = Cluster.OpenKubeconfig(CountingPlugin());
        Cluster.Server.AdminToken = "token-2";
        await connection.JsonAsync();
        Assert.Equal([401, 200], Cluster.Server.Requests.Select(r => r.Status));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("provideClusterInfo: false,", "")]
    [InlineData(
        "provideClusterInfo: true,",
        ""","cluster":{"server":"SERVER","tls-server-name":"localhost","certificate-authority-data":"CA","config":{"audience":"a b","ids":[1,"2",true,null]}}""")]
    public async Task An_exec_plugin_gets_the_cluster_on_request_and_never_a_terminal(string provide, string info)
    {
        var received = Path.Combine(Cluster.Folder, "received");
        var plugin = Cluster.Write("plug in", $$$"""
            #!/bin/sh
            printf '%s' "$KUBERNETES_EXEC_INFO" > "$RECEIVED"
            cat >> "$RECEIVED"
            printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s","expirationTimestamp":"0001-01-01T00:00:00Z"}}' "$2"
            """);
        var user = $"exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: IfAvailable, {provide} command: sh, args: ['{plugin}', 'a b', a-token], env: [{{name: RECEIVED, value: '{received}'}}]}}";
        var more = "tls-server-name: localhost, extensions: [{name: other, extension: 1}, {name: client.authentication.k8s.io/exec, extension: {audience: a b, ids: [1, '2', true, null]}}],";
        var connection = Cluster.OpenKubeconfig(user, more: more);
        Cluster.Server.AdminToken = "a-token";

        await connection.JsonAsync();

        var actual = await File.ReadAllTextAsync(received);
        var expected = """{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","spec":{"interactive":falseINFO}}""".Replace("INFO", info, StringComparison.Ordinal)
            .Replace("SERVER", Cluster.Server.LoopbackAddress.AbsoluteUri, StringComparison.Ordinal).Replace("CA\"", TestCluster.Base64(Cluster.Authority.CertificatePem) + "\"", StringComparison.Ordinal);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual)), actual);
    }

    [Fact]
    public async Task A_plugin_that_fails_is_run_once_for_all_requests()
    {
        var count = Path.Combine(Cluster.Folder, "count");
        var connection = Cluster.OpenKubeconfig($"exec: {{apiVersion: client.authentication.k8s.io/v1beta1, command: sh, args: ['-c', 'echo x >> {count}; exit 4']}}");
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Assert.FaultAsync(ExitCode.Usage, "ended with exit code 4", () => connection.JsonAsync())));
        await Assert.FaultAsync(ExitCode.Usage, "ended with exit code 4", () => connection.JsonAsync());
        Assert.Equal("x\n", await File.ReadAllTextAsync(count));
        Assert.Empty(Cluster.Server.Requests);
    }

    [Fact]
    public async Task A_plugin_that_hangs_ends_with_the_run()
    {
        var file = Path.Combine(Cluster.Folder, "pid");
        using var stop = new CancellationTokenSource();
        var token = Cluster.OpenKubeconfig($"exec: {{apiVersion: client.authentication.k8s.io/v1beta1, command: sh, args: ['-c', 'echo $$ > {file}.new; mv {file}.new {file}; sleep 600; :']}}").CurrentTokenAsync(stop.Token);
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
            Cluster.RefusesKubeconfig(Cluster.WriteKubeconfig($"exec: {{apiVersion: client.authentication.k8s.io/v1beta1, command: {name}}}"), "cannot be run: install it");
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>As Go's LookPath, which kubectl uses.</summary>
    [Fact]
    public async Task A_file_in_PATH_that_is_not_executable_does_not_hide_the_plugin()
    {
        Cluster.Write("first/plugin", "not a program");
        var second = Cluster.Write("second/plugin.sh", """
            #!/bin/sh
            echo '{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential","status":{"token":"from-plugin"}}'
            """, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.CreateSymbolicLink(Path.Combine(Cluster.Folder, "second", "plugin"), second);
        Cluster.Set("PATH", $"{Cluster.Folder}/first:{Cluster.Folder}/second");

        Assert.Equal("from-plugin", await TokenAsync("exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: plugin}"));
    }

    [Fact]
    public async Task A_plugin_runs_again_a_minute_before_its_credential_expires()
    {
        var clock = new TimerClock(new DateTimeOffset(2026, 11, 29, 12, 0, 0, TimeSpan.Zero));
        var file = Cluster.WriteKubeconfig(CountingPlugin(",\"expirationTimestamp\":\"2026-11-29T12:10:00Z\""));
        var connection = Cluster.Open(new KubernetesOptions { KubeconfigPath = file }, clock);
        Assert.Equal("token-1", await connection.CurrentTokenAsync(CancellationToken.None));
        clock.Advance(TimeSpan.FromMinutes(9) - TimeSpan.FromSeconds(1));
        Assert.Equal("token-1", await connection.CurrentTokenAsync(CancellationToken.None));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("token-2", await connection.CurrentTokenAsync(CancellationToken.None));
    }

    /// <summary>A connection keeps the client certificate of its handshake.</summary>
    [Fact]
    public async Task Another_client_certificate_of_a_plugin_is_sent_on_another_connection()
    {
        var file = Cluster.Write("credential.json", ExpiredCredential("jane"));
        var connection = Cluster.OpenKubeconfig($"exec: {{apiVersion: client.authentication.k8s.io/v1beta1, command: cat, args: [{file}]}}");

        await connection.JsonAsync();
        await connection.JsonAsync();
        Cluster.Write("credential.json", ExpiredCredential("john"));
        await connection.JsonAsync();

        Assert.Equal(["CN=jane", "CN=jane", "CN=john"], Cluster.Subjects);

        // The plugin runs again for every request.
        static string ExpiredCredential(string user)
        {
            var (certificate, key) = TestCluster.ClientCertificate(user);
            return TestCluster.ExecCredential(new JsonObject
            {
                ["clientCertificateData"] = certificate,
                ["clientKeyData"] = key.ExportPkcs8PrivateKeyPem(),
                ["expirationTimestamp"] = "2020-01-01T00:00:00Z",
            }.ToJsonString());
        }
    }

    [Theory]
    [InlineData("token: t", "t")]
    [InlineData("client-certificate-data: CERTIFICATE, client-key-data: KEY", null)]
    [InlineData("token: ''", "from-plugin")]
    [InlineData("tokenFile: ''", "from-plugin")]
    [InlineData("client-certificate: '', client-certificate-data: ''", "from-plugin")]
    public async Task Another_credential_beside_a_plugin_wins_unless_it_is_empty(string user, string? token)
    {
        var (certificate, key) = TestCluster.ClientCertificate("jane");
        user = user.Replace("CERTIFICATE", TestCluster.Base64(certificate), StringComparison.Ordinal).Replace("KEY", TestCluster.Base64(key.ExportPkcs8PrivateKeyPem()), StringComparison.Ordinal);
        var credential = TestCluster.ExecCredential("""{"token":"from-plugin"}""");
        Assert.Equal(token, await TokenAsync($"{user}, exec: {{apiVersion: client.authentication.k8s.io/v1beta1, command: echo, args: ['{credential}']}}"));
    }

    /// <summary>A user whose plugin provides token-1, token-2 and so on.</summary>
    private string CountingPlugin(string more = "")
    {
        var count = Path.Combine(Cluster.Folder, "count");
        var plugin = Cluster.Write("plugin", $$$"""
            #!/bin/sh
            echo x >> {{{count}}}
            printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"token-%s"{{{more}}}}}' "$(grep -c x {{{count}}})"
            """);
        return $"exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: IfAvailable, command: sh, args: [{plugin}]}}";
    }

    private async Task<string?> TokenAsync(string user) => await Cluster.OpenKubeconfig(user).CurrentTokenAsync(CancellationToken.None);

    [Theory]
    [InlineData("{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: no-such-plugin}", "credential plugin no-such-plugin of the kubeconfig cannot be run")]
    [InlineData("{apiVersion: client.authentication.k8s.io/v1, command: sh}", "exec plugin with no interactiveMode: set it to Never or IfAvailable")]
    [InlineData("{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always, command: sh}", "requires a terminal (interactiveMode: Always)")]
    [InlineData("{apiVersion: client.authentication.k8s.io/v1beta1, interactiveMode: Sometimes, command: sh}", "the interactiveMode Sometimes")]
    [InlineData("{apiVersion: client.authentication.k8s.io/v1alpha1, command: sh}", "of the apiVersion client.authentication.k8s.io/v1alpha1: update the plugin")]
    [InlineData("{apiVersion: client.authentication.k8s.io/v1beta1, command: sh, env: [{value: a}]}", "a variable (env) without a name")]
    [InlineData("{apiVersion: client.authentication.k8s.io/v1beta1, command: sh, args: ['-c', 'echo no login >&2; exit 4']}", "ended with exit code 4: no login")]
    [InlineData("{apiVersion: client.authentication.k8s.io/v1beta1, command: sh, args: ['-c', 'exit 4']}", "ended with exit code 4 without a message: run it manually")]
    [InlineData("{apiVersion: client.authentication.k8s.io/v1beta1, command: echo, args: [hello]}", "did not print an ExecCredential")]
    [InlineData("{apiVersion: client.authentication.k8s.io/v1beta1, command: echo, args: ['{\"kind\":\"ExecCredential\",\"apiVersion\":\"v1\",\"status\":{\"token\":\"two words\"}}']}", "returned v1 ExecCredential where client.authentication.k8s.io/v1beta1 ExecCredential was expected")]
    [InlineData("{apiVersion: client.authentication.k8s.io/v1beta1, command: echo, args: ['{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1beta1\",\"status\":{}}']}", "neither a token nor a client certificate")]
    [InlineData("{apiVersion: client.authentication.k8s.io/v1beta1, command: echo, args: ['{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1beta1\",\"status\":{\"token\":\"t\",\"clientKeyData\":\"k\"}}']}", "only one of client certificate and key")]
    [InlineData("{apiVersion: client.authentication.k8s.io/v1beta1, command: echo, args: ['{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1beta1\",\"status\":{\"token\":\"two words\"}}']}", "a token with invalid characters")]
    [InlineData("{apiVersion: client.authentication.k8s.io/v1beta1, command: 'yes'}", "printed more than 1048576 bytes")]
    [InlineData("{apiVersion: client.authentication.k8s.io/v1beta1, command: sh, args: ['-c', 'yes >&2']}", "printed more than 1048576 bytes")]
    [InlineData("{apiVersion: client.authentication.k8s.io/v1beta1, command: echo, args: ['{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1beta1\",\"status\":{\"clientCertificateData\":\"c\",\"clientKeyData\":\"k\"}}']}", "a client-certificate and a client-key that do not match")]
    [InlineData("{apiVersion: client.authentication.k8s.io/v1beta1, command: sh, provideClusterInfo: yes}", "user \"admin\" of the kubeconfig has a value of provideClusterInfo that is neither true nor false")]
    [InlineData("{apiVersion: v1}", "exec plugin without a command")]
    public void A_plugin_that_does_not_provide_a_credential_is_named(string exec, string part) =>
        Cluster.RefusesKubeconfig(Cluster.WriteKubeconfig($"exec: {exec}"), part);
}
