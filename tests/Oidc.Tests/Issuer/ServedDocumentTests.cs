using System.Text;
using System.Text.Json.Nodes;
using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Issuer;
using static ClusterTrust.Oidc.Tests.Issuer.TestKeys;

namespace ClusterTrust.Oidc.Tests.Issuer;

/// <summary>What an API server, or a proxy in front of it, may serve as the key set and is never published.</summary>
public sealed class ServedDocumentTests
{
    private const string Secret = "c2VjcmV0LXZhbHVlLXRoYXQtbXVzdC1ub3QtYmUtc2hvd24";

    private static readonly Dictionary<string, (string Sentence, Action<JsonObject> Change)> Keys = new()
    {
        ["a symmetric key"] = ("holds private key material (a member 'k')", key => (key["kty"], key["k"]) = ("oct", Secret)),
        ["a symmetric key without its value"] = ("is symmetric (kty 'oct')", key => key["kty"] = "oct"),
        ["a key without kid"] = ("has no kid", key => key.Remove("kid")),
        ["an empty kid"] = ("has no kid", key => key["kid"] = ""),
        ["a key for encryption"] = ("has the use 'enc' and not 'sig'", key => key["use"] = "enc"),
        ["a short RSA key"] = ("has a modulus of 1024 bits", key => key["n"] = new string('u', 170) + "w"),
        ["an unknown curve"] = ("has the crv 'secp256k1'; it must be P-256, P-384 or P-521", key => (key["kty"], key["crv"]) = ("EC", "secp256k1")),
        ["an algorithm of another key type"] = ("has the alg 'ES256', which is not a signature algorithm of RSA keys", key => key["alg"] = "ES256"),
    };

    public static TheoryData<string> KeyNames => [.. Keys.Keys];

    [Theory]
    [MemberData(nameof(KeyNames))]
    public void A_key_that_no_issuer_has_is_refused(string name)
    {
        var key = Jwk(RsaKey(0));
        Keys[name].Change(key);
        AssertRefused(() => Check(jwks: JwksOf(key)), Keys[name].Sentence);
    }

    [Theory]
    [InlineData("d")]
    [InlineData("p")]
    [InlineData("q")]
    [InlineData("dp")]
    [InlineData("dq")]
    [InlineData("qi")]
    [InlineData("k")]
    [InlineData("oth")]
    public void A_private_member_is_refused_and_its_value_not_shown(string member)
    {
        var key = Jwk(RsaKey(0));
        key[member] = Secret;
        AssertRefused(() => Check(jwks: JwksOf(key)), $"holds private key material (a member '{member}')");
    }

    [Theory]
    [InlineData("""{"keys":[]}""", "is empty; publishing it would invalidate every trust")]
    [InlineData("""{"keys":"none"}""", "has no array 'keys'; its members are: keys.")]
    [InlineData("{}", "has no array 'keys'; it has no members.")]
    [InlineData("""{"keys":[],"keys":[]}""", "has the member 'keys' twice")]
    [InlineData("""{"keys":[""", "is truncated: it ends after 9 bytes")]
    [InlineData("", "is empty")]
    [InlineData("""{"keys": nonsense}""", "is not valid JSON at line 1")]
    [InlineData("<html><head><title>Sign in</title></head></html>", "is HTML or XML, not JSON", "text/html")]
    [InlineData("""{"keys":[]}""", "has the content type text/html, not JSON", "text/html")]
    [InlineData("""{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","message":"no","code":403}""", "was answered with 200 but contains an error: Forbidden: no")]
    [InlineData("""{"error":"invalid_request","error_description":"no"}""", "was answered with 200 but contains an error: invalid_request")]
    [InlineData("\ufeff{}", "starts with a byte order mark")]
    public void Something_else_in_the_place_of_the_key_set_is_refused(string body, string sentence, string contentType = "application/jwk-set+json") =>
        AssertRefused(() => Serve(body, contentType), sentence);

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("HS256")]
    public void An_algorithm_without_a_private_key_is_never_published(string algorithm)
    {
        const string says = "whose tokens are made without a private key";
        AssertRefused(() => Check(DiscoveryOf(TestIssuer, "RS256", algorithm), JwksOf(Jwk(RsaKey(0))), TestIssuer), says);

        var unknown = new JsonObject { ["kty"] = "AKP", ["kid"] = "b", ["use"] = "sig", ["alg"] = algorithm, ["pub"] = "AAAA" };
        AssertRefused(() => Check(jwks: JwksOf(Jwk(RsaKey(0)), unknown)), says);
    }

    [Fact]
    public void A_document_that_is_too_large_is_refused() =>
        AssertRefused(() => Serve("{\"keys\":[" + new string(' ', 70_000) + "]}"), "is larger than 65536 bytes");

    [Fact]
    public void Invalid_entries_are_counted_and_five_are_named()
    {
        var refusal = Assert.Throws<JobException>(() => Check(jwks: JwksOf([.. Enumerable.Range(0, 5000).Select(static _ => new JsonObject())])));

        Assert.Contains("Key 5 of the key set at", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("4995 more entries are invalid", refusal.Message, StringComparison.Ordinal);
        Assert.InRange(refusal.Message.Length, 100, 2000);
    }

    [Fact]
    public void What_works_and_may_surprise_is_a_warning()
    {
        var keys = Enumerable.Range(0, 100).Select(static number => Jwk(RsaKey(1, $"key-{number}"))).Prepend(Jwk(RsaKey(0))).ToArray();
        var issuer = Check(jwks: JwksOf(keys), expected: TestIssuer);

        Assert.Equal(101, issuer.Keys.Keys.Count);
        Assert.Contains(issuer.Warnings, static warning => warning.Contains("has 101 keys; Entra ID reads only the first 100, and AWS refuses every token", StringComparison.Ordinal));
        Assert.Contains(issuer.Warnings, static warning => warning.Contains("The kid 'key-7'", StringComparison.Ordinal) && warning.Contains("is not the SHA-256 of its public key", StringComparison.Ordinal));
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
        using var curve = System.Security.Cryptography.ECDsa.Create(algorithm == "ES512"
            ? System.Security.Cryptography.ECCurve.NamedCurves.nistP521 : System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var key = algorithm[0] == 'E' ? ToKey(curve, algorithm == "ES512" ? "P-521" : "P-256") : RsaKey(1) with { Alg = algorithm };

        var warnings = Check(DiscoveryOf(TestIssuer, "RS256", algorithm), JwksOf(Jwk(RsaKey(0)), Jwk(key)), TestIssuer).Warnings;

        Assert.Equal(warning is null, warnings.Count == 0);
        Assert.True(warning is null || Assert.Single(warnings).EndsWith(warning, StringComparison.Ordinal), string.Join("\n", warnings));
    }

    private static CheckedIssuer Serve(string body, string contentType = "application/jwk-set+json") =>
        Check(Bytes(DiscoveryOf(TestIssuer)), Encoding.UTF8.GetBytes(body), contentType: contentType);

    private static void AssertRefused(Func<CheckedIssuer> check, string sentence)
    {
        var refusal = Assert.Throws<JobException>(check);
        Assert.Equal(ExitCode.Refused, refusal.ExitCode);
        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, refusal.Message, StringComparison.Ordinal);
    }
}
