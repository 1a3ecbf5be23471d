namespace ClusterTrust.Oidc.Tests.Issuer;

public sealed class IssuerRulesTests
{
    // As kube-apiserver 1.36 serves them.
    private const string RecordedDiscovery =
        """{"issuer":"https://example.github.io/cluster-a","jwks_uri":"https://example.github.io/cluster-a/openid/v1/jwks","response_types_supported":["id_token"],"subject_types_supported":["public"],"id_token_signing_alg_values_supported":["RS256"]}""";

    private const string RecordedJwks =
        """{"keys":[{"use":"sig","kty":"RSA","kid":"xnrw87xxEvMIRKxW7Kr0058Z76yZkk2wKw6qxQFMf3w","alg":"RS256","n":"s7FpoVfqImT2MCZ8siozrEKxEt-xw60qRoFRAOf2cYMdOskA3WnbH26thovFA2pdVHpFWixN9kIOxM7Gp5eYCpBuxFW94Bcgk_vuqrObMQF0CwPbdEatom0gsfILFKdDsRIjzGfeGoAsJa5zQlbin_kKrKMDGegsSKuQ5ySC5GBPj0S3QVMeTBO-dX68NNCOfWAHWzBlWZ1Iat35OSv13TAsOSHIiIdPBbsZOirIElQGxWSPvkBfGkSps1SpXfCNcTHb-e6xXahc78HWaU4yUptLeSaT5au0i9tAd3k2vcv2UIn_NRmGQn3sN1ln2AKGovhSExGXdONDtPYU871Zfw","e":"AQAB"}]}""";

    [Fact]
    public void What_kube_apiserver_serves_passes_without_a_warning()
    {
        var issuer = Check(Encoding.UTF8.GetBytes(RecordedDiscovery), Encoding.UTF8.GetBytes(RecordedJwks), TestIssuer);
        Assert.Equal(TestIssuer, issuer.Issuer);
        Assert.Empty(issuer.Warnings);
        Assert.Empty(issuer.Notices);
        var key = Assert.Single(issuer.Keys.Keys);
        Assert.Equal("xnrw87xxEvMIRKxW7Kr0058Z76yZkk2wKw6qxQFMf3w", key.Kid);
        Assert.Equal(key.Kid, key.KubernetesKeyId);
    }

    [Fact]
    public void The_issuer_of_the_document_is_used_with_a_notice_if_none_is_configured() =>
        Assert.Contains(Check().Notices, notice => notice.Contains(TestIssuer, StringComparison.Ordinal));

    [Theory]
    [InlineData("https://example.github.io/cluster-a/", "missing trailing slash")]
    [InlineData("https://example.github.io/cluster-b", "character 35: expected 'b', found 'a'")]
    [InlineData("https://example.github.io/cluster-a2", "expected '2', found '(end)'")]
    public void A_configured_issuer_must_be_equal_to_the_character(string expected, string says) =>
        Assert.Fault(ExitCode.Refused, says, () => Check(expected: expected));

    [Theory]
    [InlineData("http://example.github.io", "not an https:// URL"), InlineData("HTTPS://example.github.io", "not an https:// URL")]
    [InlineData("example.github.io", "not an https:// URL"), InlineData("https://", "not an https:// URL")]
    [InlineData("https://example.github.io?", "query"), InlineData("https://example.github.io/a#", "fragment")]
    [InlineData("https://user:word@example.github.io", "user name")]
    [InlineData("https://example.github.io\\a", "not an https:// URL")]
    [InlineData("https://%65xample.github.io", "not an https:// URL")]
    [InlineData("https://example.github.io/a b", "character that is not allowed in a URL")]
    [InlineData("https://example.github.io/a\u00e9", "character that is not allowed in a URL")]
    [InlineData("https://example.github.io/../b", "path segment '..'"), InlineData("https://example.github.io/./b", "path segment '.'")]
    [InlineData("https://example.github.io//b", "empty path segment")]
    [InlineData("https://example.github.io/.git/hooks", "Git reserves"), InlineData("https://example.github.io/.GIT", "Git reserves")]
    [InlineData("https://example.github.io/git~1", "Git reserves"), InlineData("https://example.github.io/.gitmodules", "Git reserves")]
    [InlineData("https://example.github.io/a/%2e%2e/b", "%2e%2e")]
    [InlineData("https://example.github.io/a%2fb", "only letters"), InlineData("https://example.github.io/a\\b", "only letters")]
    [InlineData("https://example.github.io/a:b", "only letters")]
    [InlineData("https://example.github.io/a.", "ends in a dot"), InlineData("https://example.github.io./a", "has a host that ends in a dot")]
    public void An_issuer_that_no_site_can_have_is_a_setting_to_correct(string issuer, string says) =>
        Assert.Fault(ExitCode.Usage, says, () => Check(DiscoveryOf(issuer)));

    [Theory]
    [InlineData("https://kubernetes.default.svc"), InlineData("https://kubernetes.default.svc", "https://kubernetes.default.svc", "https://OWNER.github.io/REPO")]
    [InlineData("https://kubernetes.default.svc.cluster.local")]
    [InlineData("https://kubernetes.default.svc.cluster.local:443/")]
    [InlineData("kubernetes/serviceaccount")]
    public void The_default_issuer_is_answered_with_the_two_flags_to_set(string issuer, string expected = TestIssuer, string suggested = TestIssuer) => Assert.Fault(
        ExitCode.Usage, $"--service-account-issuer={suggested} and --service-account-jwks-uri={suggested}/openid/v1/jwks.", () => Check(DiscoveryOf(issuer), expected: expected));

    [Fact]
    public void A_trailing_slash_on_both_sides_is_accepted_with_a_warning()
    {
        var issuer = Check(DiscoveryOf(TestIssuer + "/"), expected: TestIssuer + "/");
        Assert.Equal(TestIssuer + "/openid/v1/jwks", issuer.Discovery.JwksUri);
        Assert.Contains("ends in a slash", Assert.Single(issuer.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://10.0.0.1:6443/openid/v1/jwks"), InlineData("https://[fd00::1]:6443/openid/v1/jwks")]
    [InlineData("https://node-1:6443/openid/v1/jwks"), InlineData("https://kubernetes.default.svc.cluster.local/openid/v1/jwks")]
    [InlineData("https://ip-10-0-0-1.ec2.internal:6443/openid/v1/jwks"), InlineData("https://api.cluster.example.com:6443/openid/v1/jwks")]
    public void A_jwks_uri_of_the_API_server_is_replaced_with_a_notice(string jwksUri)
    {
        var issuer = Check(WithJwksUri(jwksUri), null, TestIssuer, "10.0.0.1", "api.cluster.example.com");
        Assert.Equal(TestIssuer + "/openid/v1/jwks", issuer.Discovery.JwksUri);
        Assert.Equal(jwksUri, issuer.ServedJwksUri);
        Assert.Contains($"'{jwksUri}' at {IssuerUrl.DiscoveryPath} names the API server itself", Assert.Single(issuer.Notices), StringComparison.Ordinal);
    }

    [Fact]
    public void The_earliest_time_of_several_API_servers_counts_unless_they_differ_too_much()
    {
        var (issuer, time) = (Served(RsaKey(0)), new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
        Assert.Equal(time, CheckedIssuer.Join([issuer with { ServedAt = time.AddMinutes(5) }, issuer, issuer with { ServedAt = time }]).ServedAt);
        Assert.Fault(ExitCode.Refused, "2021-11-24T12:00:00Z at", () => CheckedIssuer.Join([issuer with { ServedAt = time }, issuer, issuer with { ServedAt = time.AddYears(-5) }]));
        Assert.Null(CheckedIssuer.Join([issuer, issuer]).ServedAt);
    }

    [Theory]
    [InlineData("https://example.github.io/keys.json"), InlineData(TestIssuer + "/openid/v1/jwks/")]
    public void A_jwks_uri_elsewhere_on_the_issuers_host_is_published_as_the_issuers_with_a_warning(string jwksUri)
    {
        var issuer = Check(WithJwksUri(jwksUri), expected: TestIssuer);
        Assert.Equal(TestIssuer + "/openid/v1/jwks", issuer.Discovery.JwksUri);
        Assert.Contains($"'{jwksUri}' at {IssuerUrl.DiscoveryPath} is not published", Assert.Single(issuer.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://attacker.example/openid/v1/jwks", "neither on the issuer's host")]
    [InlineData("https://example.github.io.attacker.example/openid/v1/jwks", "neither on the issuer's host")]
    [InlineData("https://keys.corp/openid/v1/jwks", "neither on the issuer's host"), InlineData("https://keys.test/openid/v1/jwks", "neither on the issuer's host")]
    [InlineData("http://10.0.0.1/openid/v1/jwks", "not an https:// URL"), InlineData("file:///etc/passwd", "not an https:// URL")]
    [InlineData("https://attacker\u3002example/openid/v1/jwks", "not an https:// URL in ASCII")]
    [InlineData("https://xn--\u00e4.example/openid/v1/jwks", "not an https:// URL in ASCII")]
    public void A_jwks_uri_on_a_third_host_is_refused(string jwksUri, string says) =>
        Assert.Fault(ExitCode.Refused, $"The jwks_uri '{jwksUri}' at {IssuerUrl.DiscoveryPath} is {says}", () => Check(WithJwksUri(jwksUri)));

    [Theory]
    [InlineData("issuer"), InlineData("jwks_uri"), InlineData("response_types_supported"), InlineData("subject_types_supported")]
    [InlineData("id_token_signing_alg_values_supported")]
    public void Every_member_of_the_discovery_document_is_required_in_its_type(string member) =>
        Assert.All(["null", "1", "\"\"", "[]", "[1]", "{}"], value =>
            Assert.Fault(ExitCode.Refused, member, () => Check(Patched(DiscoveryOf(TestIssuer), $$"""{"{{member}}":{{value}}}"""))));

    [Fact]
    public void Members_that_are_not_published_are_named() => Assert.Contains(
        Check(Patched(DiscoveryOf(TestIssuer), """{"claims_supported":["sub"]}""")).Notices, notice => notice.Contains("claims_supported", StringComparison.Ordinal));

    [Fact]
    public void A_key_must_sign_with_an_algorithm_that_the_discovery_document_lists() =>
        Assert.Fault(ExitCode.Refused, $"RS256, which the discovery document at {IssuerUrl.DiscoveryPath} does not list", () => Check(DiscoveryOf(TestIssuer, "ES256")));

    [Theory]
    [InlineData("none"), InlineData("None"), InlineData("HS256")]
    public void An_algorithm_without_a_private_key_is_never_published(string algorithm) =>
        Assert.Fault(ExitCode.Refused, $"at {IssuerUrl.DiscoveryPath} names the algorithm '{algorithm}', whose tokens are made without a private key", () => Check(DiscoveryOf(TestIssuer, "RS256", algorithm)));

    [Fact]
    public void Every_fault_is_reported_at_once_and_the_gravest_decides_the_exit_code()
    {
        var refusal = Assert.Fault(
            ExitCode.Refused, "not an https:// URL", () => Check(DiscoveryOf("http://example.com"), JwksOf(Patched(Jwk(RsaKey(0)), """{"use":"enc"}"""))));

        Assert.Contains("'enc'", refusal.Message, StringComparison.Ordinal);
    }

    private static JsonObject WithJwksUri(string jwksUri) => Patched(DiscoveryOf(TestIssuer), $$"""{"jwks_uri":"{{jwksUri}}"}""");
}
