namespace ClusterTrust.Oidc.Tests.Repository.Git;

public sealed class SshTests(GitHost host) : GitTest(host)
{
    /// <summary>In every format they are opened by the signer's tests.</summary>
    [Theory]
    [InlineData("ed25519", null, "pass phrase \u00e9"), InlineData("ecdsa", "PEM", null), InlineData("rsa", "PKCS8", "secret")]
    public async Task Every_kind_of_deploy_key_publishes(string type, string? format, string? passphrase)
    {
        using var key = await SshKeyPair.CreateAsync(type, passphrase: passphrase, format: format);
        Host.Ssh.AddDeployKey(key);
        var result = await PublishAsync(Ssh with { SshKeyFile = key.PrivateKeyPath, SshKeyPassphrase = passphrase });
        Assert.Equal(Repository.Tip("main"), result.Sha);
        Assert.DoesNotContain("signature algorithm ssh-rsa not in", Host.Ssh.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_settings_open_an_encrypted_key_and_create_the_branch()
    {
        using var key = await SshKeyPair.CreateAsync(passphrase: "a pass phrase");
        Host.Ssh.AddDeployKey(key);
        using var site = await OpenAsync(
            new Dictionary<string, string>(),
            "--repository", Host.Ssh.Url(Name), "--ssh-key", key.PrivateKeyPath, "--known-hosts", Host.KnownHostsFile,
            "--ssh-key-passphrase-file", Host.Write("a pass phrase\n"), "--branch", "gh-pages", "--create-branch");
        await site.PublishAsync(TestRepository.Request(TestRepository.Jwks));
        Assert.Empty(Assert.Single(await Repository.LogAsync("gh-pages")).Parents);
    }

    /// <summary>As keys arrive from YAML, .env files, Secrets that were encoded twice, and PowerShell.</summary>
    [Fact]
    public async Task A_deploy_key_in_other_wrappings_publishes_with_a_warning()
    {
        var key = File.ReadAllText(Host.Key.PrivateKeyPath);
        var wrapped = Convert.ToBase64String(Encoding.UTF8.GetBytes(key.Trim().Replace("\n", "\\n", StringComparison.Ordinal)));
        var file = Host.Write("");
        await File.WriteAllTextAsync(file, $"\"{wrapped}\"\r\n", Encoding.Unicode);
        var logger = new ListLogger<GitSiteRepository>();
        using var publisher = new GitSiteRepository(Ssh with { SshKeyFile = file }, logger: logger);
        await publisher.PublishAsync(TestRepository.Request(TestRepository.Jwks));
        Assert.Contains(logger.Entries, message => message.Contains($"The deploy key '{file}' is encoded in UTF-16", StringComparison.Ordinal));
        Assert.DoesNotContain(logger.Entries, message => message.Contains(key.Split('\n')[1], StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_missing_or_unknown_deploy_key_is_an_error()
    {
        using var unknown = await SshKeyPair.CreateAsync();
        var options = Host.OverSsh("owner/any");
        await FaultAsync(options with { SshKeyFile = null }, ExitCode.Usage, "requires a deploy key");
        await FaultAsync(options with { SshKeyFile = unknown.PrivateKeyPath + "x" }, ExitCode.Usage, "There is no deploy key");
        var fault = await FaultAsync(options with { SshKeyFile = unknown.PrivateKeyPath }, ExitCode.Usage, "refused the deploy key");
        Assert.Contains("SHA256:", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_sent_on_a_channel_that_the_server_has_closed()
    {
        var repositories = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Host.CreateAsync()));
        await Task.WhenAll(repositories.Select(one => PublishAsync(Host.OverSsh(one.Name))));
        Assert.DoesNotContain("nonexistent channel", Host.Ssh.Log, StringComparison.Ordinal);
    }

    /// <summary>A program from which only the list is requested ends with a flush, and is not killed.</summary>
    [Fact]
    public async Task Every_program_ends_by_itself_and_with_success()
    {
        using var key = await SshKeyPair.CreateAsync();
        var codes = Host.Write("");
        Host.Ssh.AddForcedCommand(key.PublicKey, Host.WriteScript($"$(echo \"$SSH_ORIGINAL_COMMAND\" | cut -d' ' -f1) '{Repository.Path}'\necho $? >>'{codes}'"));
        await PublishAsync(Host.OverSsh("owner/any") with { SshKeyFile = key.PrivateKeyPath });

        // For the list, the clone and the push; the scripts outlive their channels, not the connection.
        for (var wait = 0; wait < 6000 && File.ReadAllLines(codes).Length < 3; wait++)
        {
            await Task.Delay(10);
        }

        Assert.Equal(["0", "0", "0"], File.ReadAllLines(codes));
    }

    [Fact]
    public async Task A_read_only_key_and_a_missing_repository_are_errors()
    {
        using var reader = await SshKeyPair.CreateAsync();
        Host.Ssh.AddDeployKey(reader, GitAccess.ReadOnly);
        await PublishFaultAsync(Ssh with { SshKeyFile = reader.PrivateKeyPath }, ExitCode.Usage, "may read the repository");
        Assert.Equal(Tip, Repository.Tip("main"));
        await FaultAsync(Host.OverSsh("owner/missing"), ExitCode.Usage, "There is no repository");
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_or_stays_silent_may_be_tried_again()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var options = Host.OverSsh("owner/any") with { Url = $"ssh://git@{silent.LocalEndpoint}/owner/any.git", ReadRetries = 1, ConnectTimeout = TimeSpan.FromSeconds(1) };
        await FaultAsync(options, ExitCode.Failed, "did not answer within 1 s");
        silent.Stop();
        await FaultAsync(options with { ConnectTimeout = TimeSpan.FromMinutes(5) }, ExitCode.Failed, "cannot be reached");
        Assert.IsType<TransientGitException>(await FaultAsync(options with { Url = "ssh://git@no-such-Host.invalid/owner/any.git" }, ExitCode.Failed, "cannot be reached"));
    }

    /// <summary>Data before the key exchange is authenticated may be changed on the way.</summary>
    [Fact]
    public async Task A_damaged_handshake_ends_in_a_sentence()
    {
        var refused = 0;
        foreach (var seed in Soak.Inputs(12))
        {
            var random = new Random(seed);
            var (at, change) = (random.Next(2200), (byte)(1 << random.Next(8)));
            await using var relay = new LoopbackListener((client, cancellationToken) => RelayAsync(client, at, change, cancellationToken));
            var known = Host.Write(Host.Ssh.KnownHosts($"[127.0.0.1]:{relay.Port}"));
            using var repository = new GitSiteRepository(
                Host.OverSsh("owner/any") with { Url = $"ssh://git@127.0.0.1:{relay.Port}/owner/any.git", KnownHostsFile = known, ReadRetries = 0, ConnectTimeout = TimeSpan.FromSeconds(2) });

            var fault = await Assert.ThrowsAnyAsync<JobException>(() => repository.ReadAsync());

            // Where nothing is proven by what was damaged, the conversation goes on, to a repository that does not exist.
            refused += fault.Message.Contains("There is no repository", StringComparison.Ordinal) ? 0 : 1;
            Assert.DoesNotContain(fault.Message, char.IsControl);
        }

        Assert.InRange(refused, 12, int.MaxValue);
    }

    [Fact]
    public async Task A_reset_while_reading_is_tried_again()
    {
        Host.Ssh.Faults.Next(new ConnectionFault.Reset());
        Host.Ssh.Faults.Next(new ConnectionFault.CutReceiving(3500));
        await PublishAsync(Ssh);
    }

    [Fact]
    public async Task A_server_that_stops_talking_ends_the_run_in_time_and_a_stopped_run_at_once()
    {
        var options = Ssh with { IdleTimeout = TimeSpan.FromSeconds(1), ConnectTimeout = TimeSpan.FromSeconds(2), ReadRetries = 1 };
        Host.Ssh.Faults.Next(new ConnectionFault.Silence(3500), count: 3);
        await PublishFaultAsync(options, ExitCode.Failed, "");
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(700));
        using var repository = new GitSiteRepository(options with { IdleTimeout = TimeSpan.FromMinutes(5), ConnectTimeout = TimeSpan.FromMinutes(5) });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => repository.ReadAsync(TestRepository.Layout, stop.Token));
    }

    /// <summary>However the server ends: by an exit status, a signal, or the end of the connection.</summary>
    [Theory]
    [InlineData("ERROR: The `acme' organization has enabled or enforced SAML SSO.", "exit 1", ExitCode.Usage, "requires single sign-on")]
    [InlineData("ERROR: The `acme' organization has an IP allow list enabled, and your IP address is not permitted to access this resource.", "sleep 1; kill -9 $PPID", ExitCode.Usage, "allows only listed IP addresses")]
    [InlineData("ERROR: Something that nobody here knows.", "kill -9 $$", ExitCode.Usage, "refused this job: correct what its message names")]
    [InlineData("Gitea: Internal error", "exit 1", ExitCode.Failed, "try again later")]
    [InlineData("", "kill -9 $$", ExitCode.Failed, "try again later")]
    public async Task What_a_server_prints_before_it_ends_decides(string output, string end, ExitCode exitCode, string sentence)
    {
        using var key = await SshKeyPair.CreateAsync();
        Host.Ssh.AddForcedCommand(key.PublicKey, Host.WriteScript($"cat >&2 <<'X'\n{output}\nX\n{end}"));
        var fault = await FaultAsync(Host.OverSsh("owner/any") with { SshKeyFile = key.PrivateKeyPath, ReadRetries = 1 }, exitCode, sentence);
        Assert.Contains(output, fault.Message, StringComparison.Ordinal);
    }

    /// <summary>Passes a connection on to the server, and changes one byte of what it answers.</summary>
    private async Task RelayAsync(Socket socket, int at, byte change, CancellationToken cancellationToken)
    {
        await using var client = new NetworkStream(socket);
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, Host.Ssh.Port, cancellationToken);
        var server = connection.GetStream();
        await await Task.WhenAny(client.CopyToAsync(server, cancellationToken), AnswerAsync());

        async Task AnswerAsync()
        {
            var buffer = new byte[4096];
            for (var passed = 0; await server.ReadAsync(buffer, cancellationToken) is var count and > 0; passed += count)
            {
                if (at >= passed && at < passed + count)
                {
                    buffer[at - passed] ^= change;
                }

                await client.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            }
        }
    }
}
