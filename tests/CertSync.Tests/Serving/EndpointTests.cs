namespace ClusterTrust.CertSync.Tests.Serving;

/// <summary>Which endpoints are connected to: a tenant's text decides little.</summary>
public sealed class EndpointTests
{
    private static readonly TlsSecretRef Secret = Make.Secret("shop/web-tls");

    [Theory]
    [InlineData("shop.example.com", "shop.example.com", 443)]
    [InlineData("Shop.Example.COM:8443", "shop.example.com", 8443)]
    [InlineData("localhost", "localhost", 443)]
    [InlineData("192.0.2.1:8443", "192.0.2.1", 8443)]
    [InlineData("[2001:db8::1]", "2001:db8::1", 443)]
    [InlineData("[2001:db8::1]:8443", "2001:db8::1", 8443)]
    public void An_endpoint_is_a_host_with_an_optional_port(string text, string host, int port)
    {
        var endpoint = Endpoint.Parse(text, allowsAddress: true);
        Assert.Equal(new Endpoint(host, port), endpoint);
        Assert.Equal(endpoint, Endpoint.Parse($"{endpoint}", allowsAddress: true));
    }

    [Fact]
    public void Other_text_is_no_endpoint() => Assert.All(
    [
        "", ":443", "shop.example.com:", "shop.example.com:0", "shop.example.com:65536", "shop.example.com:+443", "shop.example.com: 443",
        "https://shop.example.com", "shop.example.com/path", "user@shop.example.com", "shop.example.com\n",
        ".example.com", "*.example.com", "shop..example.com", "shop.example.com.", "-shop.example.com", "shöp.example.com", "shop_1.example.com",
        "127.1", "2130706433", "0x7f000001", "127.0x1", "010.0.0.1", "2001:db8::1", "[192.0.2.1]", "[2001:DB8:0::1]", "[::1", "[fe80::1%1]", "[fe80::1%lo]",
    ], static text => Assert.Null(Endpoint.Parse(text, allowsAddress: true)));

    [Fact]
    public void Any_text_is_read_without_an_exception() => Gen.Select(Gen.String, Gen.Bool).Sample(static (text, allowsAddress) =>
        Endpoint.Parse(text, allowsAddress) is not { } endpoint || Endpoint.Parse($"{endpoint}", allowsAddress) == endpoint);

    [Theory]
    [InlineData("shop.example.com", true)]
    [InlineData("api.example.com", true)]
    [InlineData("a.b.example.com", false)]
    [InlineData("example.com", false)]
    [InlineData("shop.example.org", false)]
    [InlineData("com", false)]
    public void A_wildcard_stands_for_one_label(string host, bool isNamed) =>
        Assert.Equal(isNamed, HostRules.IsNamed(host, ["DNS:*.example.com", "DNS:shop.example.com", "email:shop.example.org", "DNS:*"]));

    [Fact]
    public void An_address_of_the_public_Internet_is_public() => Assert.All(
        ["93.184.216.34", "172.32.0.1", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"],
        static address => Assert.True(HostRules.IsPublic(IPAddress.Parse(address))));

    /// <summary>Private, shared, loopback, link-local, reserved and multicast addresses, those of the cloud itself, and IPv6 addresses that contain IPv4 ones.</summary>
    [Fact]
    public void No_other_address_is_public() => Assert.All(
    [
        "10.96.0.1", "172.16.0.1", "192.168.1.1", "100.100.100.200", "fc00::1", "fec0::1",
        "0.0.0.0", "127.0.0.1", "127.255.255.254", "::", "::1",
        "169.254.169.254", "168.63.129.16", "fe80::1", "fd00:ec2::254",
        "192.0.0.192", "198.18.0.1", "224.0.0.1", "255.255.255.255", "2001::1", "2001:db8::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:93.184.216.34", "::7f00:1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::",
    ], static address => Assert.False(HostRules.IsPublic(IPAddress.Parse(address))));

    /// <summary>An independent implementation that compares bytes.</summary>
    [Fact]
    public void No_address_with_a_private_first_byte_passes() => Gen.Byte.Array[4].Sample(static bytes =>
        !HostRules.IsPublic(new IPAddress(bytes)) || !(bytes[0] is 0 or 10 or 127 or >= 224 || (bytes[0] == 169 && bytes[1] == 254) || (bytes[0] == 192 && bytes[1] == 168)
            || (bytes[0] == 172 && bytes[1] is >= 16 and < 32) || (bytes[0] == 100 && bytes[1] is >= 64 and < 128)));

    [Fact]
    public void No_IPv6_address_outside_of_global_unicast_passes() => Gen.Byte.Array[16].Sample(static bytes =>
        !HostRules.IsPublic(new IPAddress(bytes)) || bytes[0] >> 5 == 1 || (bytes[0] == 0 && bytes[1] == 0x64));

    [Fact]
    public void The_hosts_that_the_certificate_names_are_planned()
    {
        var (endpoints, refused) = Plan("shop.example.com, api.example.com:8443,,shop.example.com:443");
        Assert.Equal(["shop.example.com", "api.example.com:8443"], endpoints.Keys.Select(static endpoint => endpoint.ToString()));
        Assert.All(endpoints, static one => Assert.Equal(Secret.Source, one.Value.Source));
        Assert.Empty(refused);
    }

    [Theory]
    [InlineData("bank.example.org", "not for the host bank.example.org")]
    [InlineData("169.254.169.254", "not HOST or HOST:PORT")]
    [InlineData("[::1]:6443", "not HOST or HOST:PORT")]
    [InlineData("kubernetes.default.svc", "not for the host")]
    [InlineData("a.example.com,b.example.com,c.example.com,d.example.com,e.example.com", "at most 4")]
    public void Anything_else_is_refused_and_named(string annotation, string sentence)
    {
        var (endpoints, refused) = Plan(annotation);
        Assert.Empty(endpoints);
        Assert.Equal((ServingState.Refused, Secret.Source), (Assert.Single(refused).State, refused[0].Secret!.Source));
        Assert.Contains(sentence, refused[0].Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void The_Secrets_of_a_certificate_together_have_four_endpoints_the_owners_before_those_of_a_copy()
    {
        var copy = Make.Secret("a/web", endpoints: "1.example.com,2.example.com");
        var secrets = Enumerable.Range(0, 2).Select(static i => Make.Secret($"shop/web-{i}", endpoints: $"a{i}.example.com,b{i}.example.com")).ToArray();
        var (endpoints, refused) = new EndpointPlanner(Make.Policy).Plan([copy, .. secrets], Holding([.. secrets, copy]));
        Assert.Equal(["a0.example.com", "b0.example.com", "a1.example.com", "b1.example.com"], endpoints.Keys.Select(static endpoint => $"{endpoint}"));
        Assert.Equal(["1.example.com", "2.example.com"], refused.Select(static line => line.Endpoint));
    }

    [Fact]
    public void A_namespace_that_does_not_own_the_name_has_no_endpoints()
    {
        var evil = Make.Secret("evil/x", endpoints: "shop.example.com:22");
        var shop = Make.Secret("shop/web-tls", endpoints: "shop.example.com");
        var (endpoints, refused) = new EndpointPlanner(Make.Policy).Plan([evil, shop], Holding(shop));
        Assert.Equal("shop.example.com", Assert.Single(endpoints).Key.ToString());
        Assert.Contains("does not belong to namespace evil", Assert.Single(refused).Sentence, StringComparison.Ordinal);
        Assert.Equal(2, new EndpointPlanner(Make.Granting("evil=web")).Plan([evil, shop], Holding(shop)).Endpoints.Count);
        Assert.Equal(2, new EndpointPlanner(Make.Policy).Plan([evil, shop], Holding(shop, evil)).Endpoints.Count);
    }

    [Fact]
    public void A_certificate_of_others_has_no_endpoints()
    {
        var shop = Make.Secret("shop/web-tls", endpoints: "shop.example.com");
        var ours = Holding(shop);
        var (endpoints, refused) = new EndpointPlanner(Make.Policy).Plan([shop], ours with { Current = ours.Current with { Tags = ImmutableDictionary<string, string>.Empty } });
        Assert.Empty(endpoints);
        Assert.Contains("not written by this job", Assert.Single(refused).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_is_in_the_annotation_no_host_passes_that_the_certificate_does_not_name()
    {
        var piece = Make.Any("shop.example.com", "x.example.com:80", "localhost", "10.0.0.1", "[::1]", "bank.org", "", " ", ":", "a.b.example.com", "..", "*.example.com", "@example.com", "\0");
        Gen.Select(piece.Array[0, 6], Gen.String).Sample((pieces, rest) =>
        {
            var (endpoints, _) = Plan(string.Join(',', [.. pieces, rest]));
            Assert.True(endpoints.Count <= EndpointPlanner.MaximumEndpoints);
            Assert.All(endpoints.Keys, static endpoint => Assert.Matches("^[a-z0-9-]+\\.example\\.com$", endpoint.Host));
        });
    }

    private static (IReadOnlyDictionary<Endpoint, TlsSecretRef> Endpoints, ImmutableArray<EndpointCheck> Refused) Plan(string annotation)
    {
        var secret = Make.Secret("shop/web-tls", endpoints: annotation);
        return new EndpointPlanner(Make.Policy).Plan([secret], Holding(secret));
    }

    private static VaultHistory Holding(params TlsSecretRef[] sources)
    {
        var current = Make.Ours(Make.Target(sources), Make.Facts());
        return new VaultHistory(current, [current], ["DNS:*.example.com"], true);
    }
}
