using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using ClusterTrust.Oidc.Cluster;
using ClusterTrust.Oidc.Issuer;
using ClusterTrust.Oidc.Tests.Issuer;
using ClusterTrust.Text;

namespace ClusterTrust.Oidc.Tests.Jobs;

/// <summary>A cluster that serves these keys and signs with the first of them.</summary>
internal sealed class FakeCluster : IIssuerReader, IApiServers
{
    /// <summary>The keys by their number in <see cref="TestKeys"/>.</summary>
    public int[] Keys { get; set; } = [0];

    /// <summary>The key that signs tokens; null for no token at all.</summary>
    public int? Signing { get; set; } = 0;

    /// <summary>The clock of the API servers.</summary>
    public Func<DateTimeOffset> IssuesAt { get; set; } = static () => DateTimeOffset.UnixEpoch;

    /// <summary>What is served instead.</summary>
    public Func<CheckedIssuer, CheckedIssuer> Change { get; set; } = static issuer => issuer;

    /// <summary>Every API server for a rotation; the one of <see cref="Keys"/> and <see cref="Signing"/> when empty.</summary>
    public IReadOnlyList<(int[] Keys, int Signing, DateTimeOffset? StartedAt)> Servers { get; set; } = [];

    Task<IReadOnlyList<ObservedApiServer>> IApiServers.ReadAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<ObservedApiServer>>(
        [.. Servers.Select((server, index) => new ObservedApiServer(
            new Uri($"https://10.0.0.{index + 1}:6443/"),
            Change(TestKeys.Served([.. server.Keys.Select(key => TestKeys.RsaKey(key))])),
            TokenOf(server.Signing),
            server.StartedAt))]);

    public Task<CheckedIssuer> ReadAsync(CancellationToken cancellationToken) =>
        Task.FromResult(Change(TestKeys.Served([.. Keys.Select(key => TestKeys.RsaKey(key))])));

    public Task<JsonWebToken?> GetTokenAsync(CancellationToken cancellationToken) => Task.FromResult(Signing is { } signing ? TokenOf(signing) : null);

    private JsonWebToken TokenOf(int signing)
    {
        var signed = Base64Of($$"""{"alg":"RS256","kid":"{{TestKeys.RsaKey(signing).Kid}}"}""") + "."
            + Base64Of($$"""{"iss":"{{TestKeys.TestIssuer}}","sub":"system:serviceaccount:a:b","aud":["x"],"nbf":{{IssuesAt().ToUnixTimeSeconds()}},"exp":4000000000}""");
        var signature = TestKeys.Rsa(signing).SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        Assert.True(JsonWebToken.TryParse($"{signed}.{Base64Url.EncodeToString(signature)}", out var token));
        return token;
    }

    private static string Base64Of(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
