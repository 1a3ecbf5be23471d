using System.Security.Authentication;

namespace ClusterTrust.CertSync.Tests.Endpoints;

/// <summary>Handshakes with servers on loopback; <c>openssl s_client</c> checks the same endpoints.</summary>
public sealed class TlsEndpointClientTests
{
    private const string Host = "shop.example.com";

    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;
    private static readonly Issued Root = Pki.Authority("Serving Root", Pki.Ec("serving-root"), null, Now.AddDays(900));
    private static readonly Issued Intermediate = Pki.Authority("Serving Intermediate", Pki.Ec("serving-intermediate"), Root, Now.AddDays(800));
    private static readonly Issued Old = Leaf("old", Now.AddDays(-80), Now.AddDays(10));
    private static readonly Issued New = Leaf("new", Now.AddDays(-1), Now.AddDays(89));
    private static readonly Issued Expired = Leaf("expired", Now.AddDays(-90), Now.AddDays(-1));
    private static readonly Issued Other = Pki.Issue("other.example.com", Pki.Ec("other"), Root, start: Now.AddDays(-1), end: Now.AddDays(89));

    /// <summary>The vault's versions: an expired one, an old and a new one, the last two imported with the intermediate.</summary>
    private static readonly ImmutableArray<VaultCertificate> Versions = [.. new[] { Expired, Old, New }.Select(static issued => new VaultCertificate("main", "web", issued.Thumbprint)
    {
        CreatedOn = issued.Certificate.NotBefore,
        NotBefore = issued.Certificate.NotBefore,
        NotAfter = issued.Certificate.NotAfter,
        Tags = ImmutableDictionary<string, string>.Empty.Add(Ownership.ThumbprintTag, issued.Thumbprint)
            .Add(Ownership.ChainTag, Convert.ToHexStringLower(SHA256.HashData([.. issued.Certificate.RawData, .. Intermediate.Certificate.RawData]))),
    })];

    [Theory]
    [InlineData("new", SslProtocols.Tls12 | SslProtocols.Tls13, ServingState.Served, "0 (ok)")]
    [InlineData("new", SslProtocols.Tls12, ServingState.Served, "0 (ok)")]
    [InlineData("new", SslProtocols.Tls13, ServingState.Served, "0 (ok)")]
    [InlineData("new", SslProtocols.Tls13, ServingState.Served, "0 (ok)", "::1")]
    [InlineData("old", SslProtocols.Tls13, ServingState.Outdated, "0 (ok)")]
    [InlineData("other", SslProtocols.Tls13, ServingState.AnotherCertificate, "62 (hostname mismatch)")]
    [InlineData("expired", SslProtocols.Tls13, ServingState.NotValid, "10 (certificate has expired)")]
    [InlineData("bare", SslProtocols.Tls13, ServingState.ChainIncomplete, "21 (unable to verify the first certificate)")]
    [InlineData("bare", SslProtocols.Tls12, ServingState.ChainIncomplete, "21 (unable to verify the first certificate)")]
    public async Task What_is_served_is_what_openssl_sees(string certificate, SslProtocols protocols, ServingState state, string expected, string address = "127.0.0.1")
    {
        await using var server = new TlsServer(IPAddress.Parse(address), protocols);
        _ = certificate switch
        {
            "new" => Serve(Serve(server, Host, New, Intermediate), "", Other),
            "old" => Serve(Serve(server, Host, Old, Intermediate), "", Other),
            "expired" => Serve(Serve(server, Host, Expired, Intermediate), "", Other),
            "bare" => Serve(Serve(server, Host, New), "", Other),
            _ => Serve(server, "", Other, Root),
        };

        var handshake = await ConnectAsync(server);
        Assert.True(handshake.Served is not null, handshake.Fault);
        var check = new ServingRules(TimeSpan.FromHours(1)).Compare(
            new Endpoint(Host, server.Port), new VaultHistory(Versions[^1], Versions, [$"DNS:{Host}"], true), isSynced: true, handshake.Served, Now);

        Assert.Equal(state, check.State);
        using var folder = new TemporaryFolder("certsync-endpoint-");
        await using var openssl = new BinaryRunner("openssl");
        var output = await openssl.RunAsync(
            [
                "s_client", "-connect", server.Address.ToString(), "-servername", Host, "-verify_hostname", Host, "-CAfile", folder.Write("root.pem", Root.Pem),
                "-no-CApath", "-no-CAstore", .. protocols == SslProtocols.Tls12 ? ["-tls1_2"] : Array.Empty<string>(),
            ]);
        using var leaf = X509Certificate2.CreateFromPem(output.StandardOutput);
        Assert.Equal(Convert.ToHexStringLower(leaf.GetCertHash()), handshake.Served.Thumbprint);
        Assert.Contains($"Verify return code: {expected}", output.StandardOutput, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(0, server.Received);
    }

    [Fact]
    public async Task A_root_that_is_sent_ends_the_chain_without_the_vault_and_a_forged_intermediate_does_not_complete_it()
    {
        // .NET's server does not send the root; a self-signed leaf is one.
        var self = Pki.Issue(Host, Pki.Ec("self"), null, start: Now.AddDays(-1), end: Now.AddDays(1));
        var forged = Pki.Authority("Serving Intermediate", Pki.Ec("forged"), null, Now.AddDays(800));
        foreach (var (leaf, others, reachesRoot) in new (Issued, Issued[], bool)[] { (New, [Intermediate, Root], false), (New, [forged], false), (self, [], true) })
        {
            await using var server = Serve(new TlsServer(), "", leaf, others);
            Assert.Equal(reachesRoot, (await ConnectAsync(server)).Served!.ReachesRoot);
        }
    }

    [Theory]
    [InlineData("127.0.0.1"), InlineData("93.184.216.34,127.0.0.1"), InlineData("127.0.0.1,93.184.216.34"), InlineData("::1")]
    [InlineData("::ffff:127.0.0.1"), InlineData("10.0.0.1,169.254.169.254")]
    public async Task An_annotation_reaches_no_address_that_is_not_public(string addresses)
    {
        await using var server = Serve(new TlsServer(), "", New);
        var handshake = await Client(addresses.Split(',')).ConnectAsync(new Endpoint(Host, server.Port), publicOnly: true, default);
        Assert.True(handshake is { Served: null, IsRefused: true }, handshake.Fault);
        Assert.Contains("not a public one", handshake.Fault, StringComparison.Ordinal);
        Assert.Equal(0, server.Connections);
    }

    [Fact]
    public async Task A_name_is_resolved_once_and_the_connection_goes_to_an_address_that_was_checked()
    {
        await using var server = Serve(new TlsServer(), "", New);
        var resolved = new List<string>();
        var client = new TlsEndpointClient(TimeSpan.FromSeconds(60), (host, _) =>
        {
            resolved.Add(host);
            return Task.FromResult<IPAddress[]>(resolved.Count == 1 ? [IPAddress.Parse("127.0.0.2"), IPAddress.Loopback.MapToIPv6()] : [IPAddress.Parse("127.0.0.3")]);
        });

        var handshake = await client.ConnectAsync(new Endpoint(Host, server.Port), publicOnly: false, default);
        Assert.Equal(New.Thumbprint, handshake.Served?.Thumbprint);
        Assert.Equal(Host, Assert.Single(resolved));
    }

    [Fact]
    public async Task A_silent_endpoint_or_resolver_takes_no_longer_than_the_timeout()
    {
        await using var silent = new TlsServer(banner: "");
        var timeout = TimeSpan.FromMilliseconds(200);
        var handshake = await ConnectAsync(silent, timeout);
        Assert.True(handshake is { Served: null, IsRefused: false }, handshake.Fault);
        Assert.Contains("did not answer within 0.2 seconds", handshake.Fault, StringComparison.Ordinal);
        var unresolved = new TlsEndpointClient(timeout, static (_, _) => new TaskCompletionSource<IPAddress[]>().Task);
        Assert.Contains("did not answer within", (await unresolved.ConnectAsync(new Endpoint(Host, 443), publicOnly: true, default)).Fault, StringComparison.Ordinal);
    }

    /// <summary>A listener whose queue is full accepts no connection and refuses none, as a firewall that drops packets.</summary>
    [Fact]
    public async Task An_address_that_never_answers_leaves_time_for_the_next()
    {
        await using var server = Serve(new TlsServer(), "", New);
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), server.Port));
        full.Listen(0);
        using var queued = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await queued.ConnectAsync(full.LocalEndPoint!);
        var handshake = await ConnectAsync(server, TimeSpan.FromSeconds(12), "127.0.0.2", "127.0.0.1", "127.0.0.1", "127.0.0.1");
        Assert.Equal(New.Thumbprint, handshake.Served?.Thumbprint);
    }

    [Fact]
    public async Task STARTTLS_a_closed_port_and_an_unknown_name_are_different_faults()
    {
        await using var mail = new TlsServer(banner: "220 mail.example.com ESMTP\r\n");
        Assert.Contains("no STARTTLS", (await ConnectAsync(mail)).Fault, StringComparison.Ordinal);
        var closed = new TlsServer();
        await closed.DisposeAsync();
        Assert.Contains("refuses the connection", (await ConnectAsync(closed)).Fault, StringComparison.Ordinal);
        var unknown = new TlsEndpointClient(TimeSpan.FromSeconds(60), static (_, _) => Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound)));
        Assert.Contains("does not resolve", (await unknown.ConnectAsync(new Endpoint(Host, 443), publicOnly: false, default)).Fault, StringComparison.Ordinal);
    }

    /// <summary>A chain that is too deep for a verifier, and one that is longer than OpenSSL reads.</summary>
    [Theory]
    [InlineData(120, 1)]
    [InlineData(120, 100)]
    public async Task An_endless_chain_is_a_handshake_that_fails(int length, int nameLength)
    {
        using var folder = new TemporaryFolder("certsync-endpoint-");
        Issued? issuer = null;
        var chain = Enumerable.Range(0, length).Select(i => issuer = Pki.Authority(
            $"CN=Long {i}, {string.Join(", ", Enumerable.Repeat($"OU={new string('x', 60)}", nameLength / 10))}".TrimEnd(',', ' '), Pki.Ec($"long-{i % 4}"), issuer)).Reverse().ToArray();
        var leaf = Pki.Issue(Host, Pki.Ec("long-leaf"), chain[0], start: Now.AddDays(-1), end: Now.AddDays(1));
        await using var openssl = new BinaryRunner("openssl");
        var server = openssl.Start(
        [
            "s_server", "-accept", "127.0.0.1:0", "-cert", folder.Write("leaf.pem", leaf.Pem), "-key", folder.Write("leaf.key", leaf.Pkcs8),
            "-cert_chain", folder.Write("chain.pem", string.Concat(chain.Select(static one => one.Pem))), "-naccept", "1",
        ]);
        await server.WaitForOutputAsync("ACCEPT 127.0.0.1:", TimeSpan.FromMinutes(1));
        var port = int.Parse(server.StandardOutput.Split("ACCEPT 127.0.0.1:")[1].Split('\n')[0], CultureInfo.InvariantCulture);

        var handshake = await Client(["127.0.0.1"]).ConnectAsync(new Endpoint(Host, port), publicOnly: false, default);

        Assert.Null(handshake.Served);
        Assert.Contains("does not complete a TLS handshake", handshake.Fault, StringComparison.Ordinal);
    }

    private static TlsServer Serve(TlsServer server, string name, Issued leaf, params Issued[] others) => server.Serve(
        name,
        leaf.Key is RSA rsa ? leaf.Certificate.CopyWithPrivateKey(rsa) : leaf.Certificate.CopyWithPrivateKey((ECDsa)leaf.Key),
        [.. others.Select(static other => other.Certificate)]);

    private static Issued Leaf(string key, DateTimeOffset start, DateTimeOffset end) => Pki.Issue(Host, Pki.Ec(key), Intermediate, start: start, end: end);

    /// <summary>A client for which every name resolves to the addresses.</summary>
    private static TlsEndpointClient Client(string[] addresses, TimeSpan? timeout = null) =>
        new(timeout ?? TimeSpan.FromSeconds(60), (_, _) => Task.FromResult(Array.ConvertAll(addresses, IPAddress.Parse)));

    /// <summary>Connects as for an endpoint of the operator.</summary>
    private static Task<Handshake> ConnectAsync(TlsServer server, TimeSpan? timeout = null, params string[] addresses) =>
        Client(addresses.Length > 0 ? addresses : [$"{server.Address.Address}"], timeout).ConnectAsync(new Endpoint(Host, server.Port), publicOnly: false, default);
}
