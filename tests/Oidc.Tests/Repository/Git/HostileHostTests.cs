namespace ClusterTrust.Oidc.Tests.Repository.Git;

/// <summary>A Git host that sends damaged data, garbage, or more than was requested: a sentence, in bounded time and memory.</summary>
public sealed class HostileHostTests(GitHost host) : GitTest(host)
{
    private const string Offered = "curve25519-sha256 ssh-ed25519 aes128-ctr aes128-ctr hmac-sha2-256 hmac-sha2-256 none none";

    /// <summary>OpenSSH's own defaults are the measure.</summary>
    [Theory]
    [InlineData("hmac-sha2-256", "mac@example.com"), InlineData("curve25519-sha256", "diffie-hellman-group14-sha1"), InlineData("aes128-ctr", "aes256-cbc")]
    public Task A_server_without_a_common_algorithm_is_named_with_what_it_offers(string common, string other) =>
        FaultAsync(ExitCode.Failed, "have no SSH algorithm in common", Offered.Replace(common, other, StringComparison.Ordinal), []);

    /// <summary>An attacker on the way has only the public key.</summary>
    [Fact]
    public Task A_server_that_presents_the_known_key_without_a_valid_signature_is_refused() => FaultAsync(
        ExitCode.Refused,
        "the signature of the key exchange is invalid): the connection may be intercepted",
        Offered,
        Packet([
            31,
            .. Text(Convert.FromBase64String(Host.Ssh.KnownHosts(null, "ed25519").Trim().Split(' ')[2])),
            .. Text([9, .. new byte[31]]),
            .. Text([.. Text("ssh-ed25519"u8), .. Text(new byte[64])]),
        ]));

    /// <summary>With a text of the server's that is like one of the client's.</summary>
    [Theory]
    [InlineData("No matching host key algorithm")]
    [InlineData("key exchange failed: host key is being replaced")]
    public Task A_server_that_disconnects_during_the_key_exchange_may_be_tried_again(string reason) =>
        FaultAsync(ExitCode.Failed, "cannot be reached over SSH (", Offered, Packet([1, .. Number(3), .. Text(Encoding.ASCII.GetBytes(reason)), .. Number(0)]));

    [Fact]
    public async Task Damaged_answers_end_in_a_sentence_or_do_no_harm()
    {
        var refused = 0;
        foreach (var seed in Soak.Inputs(30))
        {
            var random = new Random(seed);
            var at = new[] { "/info/refs", "/git-upload-pack" }[seed % 2];
            Host.Https.Tamper = (context, body) => context.Request.Path.Value!.EndsWith(at, StringComparison.Ordinal) ? Damage(random, body) : body;
            using var repository = new GitSiteRepository(Https with { ReadRetries = 1, RetryDelay = TimeSpan.FromMilliseconds(1), IdleTimeout = TimeSpan.FromSeconds(10) });
            if (await Assert.AtMostFaultAsync<JobException>(() => repository.ReadAsync()) is { } fault)
            {
                Assert.DoesNotContain("good-token", fault.Message, StringComparison.Ordinal);
                refused++;
            }
        }

        Assert.InRange(refused, 20, int.MaxValue);
    }

    [Fact]
    public async Task A_host_that_sends_a_little_now_and_then_is_given_up()
    {
        Host.Https.Instead = static async context =>
        {
            context.Response.ContentType = "application/x-git-upload-pack-advertisement";
            await context.Response.Body.WriteAsync("001e# service=git-upload-pack\n0000"u8.ToArray());
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(Encoding.ASCII.GetBytes($"0045{new string('0', 39)}1 refs/tags/a-tag-of-many\n"), context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await Task.Delay(20, context.RequestAborted);
            }

            return true;
        };

        await FaultAsync(Https with { MaximumDuration = TimeSpan.FromSeconds(1) }, ExitCode.Failed, "did not finish within 1 s");
    }

    [Fact]
    public async Task Tags_and_pull_requests_by_the_thousand_are_left_out()
    {
        var tip = Repository.Tip("main");
        await File.AppendAllLinesAsync(
            Path.Combine(Repository.Path, "packed-refs"),
            ["# pack-refs with: peeled fully-peeled sorted ", .. Enumerable.Range(0, 20_000).Select(n => $"{tip} refs/pull/{n:00000}/head")]);
        using var publisher = new GitSiteRepository(Https);
        Assert.Equal(tip, (await publisher.ReadAsync()).Tip);
    }

    /// <summary>Cut off, one bit, noise, twice, a line of the side band's second channel that steers a terminal, or no length.</summary>
    private static byte[] Damage(Random random, byte[] body)
    {
        var at = random.Next(body.Length);
        return random.Next(6) switch
        {
            0 => body[..at],
            1 => [.. body[..at], (byte)(body[at] ^ (1 << random.Next(8))), .. body[(at + 1)..]],
            2 => [.. body[..at], .. RandomNumberGenerator.GetBytes(random.Next(1, 300)), .. body[at..]],
            3 => [.. body[..at], .. body],
            4 => [.. "002d\u0002\u001b]0;owned\u0007\u001b[2Jremote: do as I say\r"u8, .. body],
            _ => [.. "ffff"u8, .. body.Skip(4)],
        };
    }

    private async Task FaultAsync(ExitCode exitCode, string sentence, string lists, byte[] next)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var server = OfferAsync(listener, lists.Split(' '), next);
        var address = $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        var known = Host.Write(Host.Ssh.KnownHosts($"[127.0.0.1]:{((IPEndPoint)listener.LocalEndpoint).Port}"));
        await FaultAsync(Host.OverSsh("owner/any") with { Url = $"ssh://git@{address}/owner/any.git", KnownHostsFile = known, ReadRetries = 0 }, exitCode, sentence);
        await server;
    }

    private static byte[] Number(int value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];

    private static byte[] Text(ReadOnlySpan<byte> value) => [.. Number(value.Length), .. value];

    private static byte[] Packet(byte[] payload)
    {
        var padding = 16 - ((payload.Length + 5) % 8);
        return [.. Number(payload.Length + padding + 1), (byte)padding, .. payload, .. new byte[padding]];
    }

    /// <summary>Opens the SSH protocol with these lists of algorithms (RFC 4253, sections 6 and 7.1), sends more, and waits until the client has gone.</summary>
    private static async Task OfferAsync(TcpListener listener, string[] lists, byte[] next)
    {
        var offer = Packet([20, .. new byte[16], .. lists.SelectMany(static list => Text(Encoding.ASCII.GetBytes(list))), .. Text([]), .. Text([]), 0, .. Number(0)]);
        using var client = await listener.AcceptTcpClientAsync();
        try
        {
            await client.GetStream().WriteAsync((byte[])[.. "SSH-2.0-Server\r\n"u8, .. offer, .. next]);
            await client.GetStream().CopyToAsync(Stream.Null);
        }
        catch (IOException)
        {
            // The client has reset the connection.
        }
    }
}
