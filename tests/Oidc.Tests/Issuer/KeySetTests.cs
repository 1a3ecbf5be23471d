namespace ClusterTrust.Oidc.Tests.Issuer;

/// <summary>Key sets that are published.</summary>
public sealed class KeySetTests
{
    [Fact]
    public void The_same_key_twice_counts_once_with_a_notice()
    {
        var issuer = Check(jwks: JwksOf(RsaKey(0), RsaKey(1), RsaKey(0)), expected: TestIssuer);
        Assert.Equal(2, issuer.Keys.Keys.Count);
        Assert.Contains($"has the key '{RsaKey(0).Kid}' more than once; it is published once", Assert.Single(issuer.Notices), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"use":"sig","kid":"pq","alg":"ML-DSA-44","kty":"AKP","pub":"AAEC"}""", "AKP")]
    [InlineData("""{"use":"sig","kid":"ed","alg":"EdDSA","kty":"OKP","crv":"Ed25519","x":"AAEC"}""", "OKP")]
    [InlineData("""{"use":"sig","kid":"ed","kty":"OKP","crv":"Ed25519","x":"AAEC"}""", "OKP")]
    [InlineData("""{"use":"sig","kid":"new","alg":"X-1","kty":"XYZ","material":"A\"<B"}""", "XYZ")]
    public void The_public_members_of_an_unknown_key_type_are_published_with_a_warning(string jwk, string kty)
    {
        // Google Cloud refuses a whole set with a certificate in it.
        var served = Patched(JsonNode.Parse(jwk)!.AsObject(), """{"x5c":["AA","BB"],"x5t":"AA","x5u":"https://example.com/a","key_ops":["verify"]}""");
        var issuer = Check(jwks: JwksOf(Jwk(RsaKey(0)), served), expected: TestIssuer);
        Assert.EndsWith("has members that are not published, because Google Cloud refuses a set with them: x5c, x5t, x5u, key_ops.", Assert.Single(issuer.Notices), StringComparison.Ordinal);

        var keys = issuer.Keys;
        Assert.Contains(issuer.Warnings, warning => warning.Contains($"has the kty '{kty}'", StringComparison.Ordinal));
        var published = JsonNode.Parse(CanonicalJson.Write(keys))!;
        Assert.Contains(published["keys"]!.AsArray(), key => JsonNode.DeepEquals(JsonNode.Parse(jwk), key));

        // What was published is read as the same set, in whatever order.
        Assert.Equal(keys, Check(jwks: published, expected: TestIssuer).Keys);
    }

    /// <summary>Equal documents have equal bytes, also for the next release.</summary>
    [Fact]
    public void Documents_are_written_in_one_form_to_the_byte()
    {
        var keys = new JsonWebKeySet([new("b+", "X-1", "XYZ", [("material", "A<B"), ("other", "1")]), new("a", "", "OKP", [("x", "AAEC")])]);
        Assert.Equal(
            """
            {
              "keys": [
                {
                  "kid": "a",
                  "use": "sig",
                  "kty": "OKP",
                  "x": "AAEC"
                },
                {
                  "kid": "b+",
                  "use": "sig",
                  "alg": "X-1",
                  "kty": "XYZ",
                  "material": "A<B",
                  "other": "1"
                }
              ]
            }

            """,
            Encoding.UTF8.GetString(CanonicalJson.Write(keys)));
        Assert.Equal(
            """
            {
              "issuer": "https://a.example",
              "jwks_uri": "https://a.example/openid/v1/jwks",
              "response_types_supported": [
                "id_token"
              ],
              "subject_types_supported": [
                "public"
              ],
              "id_token_signing_alg_values_supported": [
                "ES256",
                "RS256"
              ]
            }

            """,
            Encoding.UTF8.GetString(CanonicalJson.Write(new DiscoveryDocument("https://a.example", "https://a.example/openid/v1/jwks", ["id_token"], ["public"], ["RS256", "ES256", "RS256"]))));
    }

    [Fact]
    public void The_thumbprint_of_an_Ed25519_key_is_that_of_RFC_8037()
    {
        // RFC 8037, appendix A.2 and A.3.
        var jwk = JsonNode.Parse("""{"use":"sig","kid":"ed","kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}""")!.AsObject();

        Assert.True(Check(jwks: JwksOf(Jwk(RsaKey(0)), jwk), expected: TestIssuer).Keys.TryGet("ed", out var key));
        Assert.Equal("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", key.Thumbprint);
    }

    [Fact]
    public void API_servers_with_different_issuers_or_with_different_keys_under_one_kid_are_refused()
    {
        var issuer = Served(RsaKey(0, "same")) with { Source = "https://a" };
        var other = issuer with { Discovery = issuer.Discovery with { Issuer = TestIssuer + "2" }, Source = "https://b" };
        Assert.Fault(ExitCode.Refused, $"The API servers have different issuers, '{TestIssuer}' at https://a and '{TestIssuer}2' at https://b: ", () => CheckedIssuer.Join([issuer, other]));
        Assert.Fault(ExitCode.Refused, "different keys under the kid 'same', https://a and https://b: ", () => CheckedIssuer.Join([issuer, Served(RsaKey(1, "same")) with { Source = "https://b" }]));
    }

    [Fact]
    public void What_works_and_may_surprise_is_a_warning_and_of_many_the_one_about_a_key_that_nobody_can_check_is_not_cut()
    {
        var warnings = WarningsOf(99);
        Assert.Contains(warnings, static warning => warning.Contains("has 101 keys; Entra ID reads only the first 100, and AWS refuses every token", StringComparison.Ordinal));
        Assert.Contains(warnings, static warning => warning.StartsWith("The kid 'key-10'", StringComparison.Ordinal) && warning.Contains("is not the SHA-256 of its public key", StringComparison.Ordinal));
        Assert.Single(warnings, static warning => warning.StartsWith("Key 'ed'", StringComparison.Ordinal) && warning.Contains("the whole set", StringComparison.Ordinal));
        Assert.StartsWith("There are 95 more such warnings", warnings[^1], StringComparison.Ordinal);
        Assert.Equal(7, warnings.Count);
        Assert.StartsWith("There is 1 more such warning about keys", WarningsOf(5)[^1], StringComparison.Ordinal);

        static IReadOnlyList<string> WarningsOf(int named)
        {
            JsonWebKey[] keys = [RsaKey(0), .. Enumerable.Range(0, named).Select(static number => RsaKey(1, $"key-{number}")), new("ed", "EdDSA", "OKP", [("crv", "Ed25519"), ("x", "AAEC")])];
            return Check(jwks: JwksOf(keys), expected: TestIssuer).Warnings;
        }
    }

    /// <summary>AWS IAM documents the RS and ES algorithms, Google Cloud RS256 and ES256, Entra ID RS256.</summary>
    [Theory]
    [InlineData("RS256", null)]
    [InlineData("RS384", "Entra ID accepts only RS256, and Google Cloud only RS256 and ES256.")]
    [InlineData("PS256", "Google Cloud only RS256 and ES256, and AWS no PS algorithm.")]
    [InlineData("ES256", "signs with ES256; Entra ID accepts only RS256.")]
    [InlineData("ES512", "Entra ID accepts only RS256, and Google Cloud only RS256 and ES256.")]
    public void The_clouds_that_refuse_an_algorithm_are_named(string algorithm, string? warning)
    {
        using var curve = ECDsa.Create(algorithm == "ES512" ? ECCurve.NamedCurves.nistP521 : ECCurve.NamedCurves.nistP256);
        var key = algorithm[0] == 'E' ? ToKey(curve, algorithm == "ES512" ? "P-521" : "P-256") : RsaKey(1) with { Alg = algorithm };
        var warnings = Check(DiscoveryOf(TestIssuer, "RS256", algorithm), JwksOf(RsaKey(0), key), TestIssuer).Warnings;
        Assert.Equal(warning is null ? 0 : 1, warnings.Count);
        Assert.EndsWith(warning ?? "", string.Concat(warnings), StringComparison.Ordinal);
    }
}
