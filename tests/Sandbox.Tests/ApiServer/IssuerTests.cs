using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ClusterTrust.Sandbox.ApiServer;

namespace ClusterTrust.Sandbox.Tests.ApiServer;

public sealed class IssuerTests
{
    [Fact]
    public async Task Anonymous_may_not_read_the_issuer_by_default()
    {
        await using var cluster = await Cluster.StartAsync();
        var answer = await cluster.GetAsync(IssuerEndpoint.DiscoveryPath, token: "");
        Assert.Equal(403, answer.Status);
        Assert.Equal("forbidden: User \"system:anonymous\" cannot get path \"/.well-known/openid-configuration\"", answer.Message);
        Assert.Equal("{}", answer.Json["details"]!.ToJsonString());
    }

    [Theory]
    [InlineData(SigningAlgorithm.RS256)]
    [InlineData(SigningAlgorithm.ES256)]
    public async Task A_token_verifies_with_the_published_key_it_names(SigningAlgorithm algorithm)
    {
        await using var cluster = await Cluster.StartAsync(new ApiServerOptions { SigningAlgorithm = algorithm });
        var token = cluster.Server.IssueToken("demo", "job", ["api://AzureADTokenExchange"]).Split('.');
        var jwks = await cluster.GetAsync(IssuerEndpoint.JwksPath);
        var header = JsonNode.Parse(Base64Url.DecodeFromChars(token[0]))!;
        var key = jwks.Json["keys"]!.AsArray().Single(key => (string?)key!["kid"] == (string?)header["kid"])!;
        Assert.Equal(algorithm.ToString(), (string?)header["alg"]);
        Assert.True(Verify(key, Encoding.ASCII.GetBytes($"{token[0]}.{token[1]}"), Base64Url.DecodeFromChars(token[2])));
    }

    [Fact]
    public async Task A_rotation_publishes_the_new_key_before_the_old_one_and_signs_with_it()
    {
        await using var cluster = await Cluster.StartAsync();
        var keys = cluster.Server.Keys;
        var (old, oldToken) = (keys.Signing, cluster.Server.IssueToken("demo", "job"));
        var fresh = keys.Rotate();
        Assert.Equal([fresh, old], keys.Published);
        Assert.Equal(200, (await cluster.GetAsync("/version", oldToken)).Status);
        Assert.Equal(200, (await cluster.GetAsync("/version", cluster.Server.IssueToken("demo", "job"))).Status);

        keys.Drop(old);
        Assert.Equal(401, (await cluster.GetAsync("/version", oldToken)).Status);
        Assert.Single((await cluster.GetAsync(IssuerEndpoint.JwksPath)).Json["keys"]!.AsArray());
    }

    private static bool Verify(JsonNode jwk, byte[] data, byte[] signature)
    {
        byte[] Part(string name) => Base64Url.DecodeFromChars((string)jwk[name]!);
        if ((string?)jwk["kty"] == "RSA")
        {
            using var rsa = RSA.Create(new RSAParameters { Modulus = Part("n"), Exponent = Part("e") });
            Assert.Equal((string?)jwk["kid"], Base64Url.EncodeToString(SHA256.HashData(rsa.ExportSubjectPublicKeyInfo())));
            return rsa.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }

        using var ecdsa = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = Part("x"), Y = Part("y") } });
        Assert.Equal((string?)jwk["kid"], Base64Url.EncodeToString(SHA256.HashData(ecdsa.ExportSubjectPublicKeyInfo())));
        return ecdsa.VerifyData(data, signature, HashAlgorithmName.SHA256);
    }
}
