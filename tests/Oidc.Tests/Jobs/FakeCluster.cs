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

    /// <summary>Every API server for a rotation.</summary>
    public IReadOnlyList<(int[] Keys, int Signing, DateTimeOffset? StartedAt)> Servers { get; set; } = [];

    Task<IReadOnlyList<ObservedApiServer>> IApiServers.ReadAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<ObservedApiServer>>(
        [.. Servers.Select((server, index) => new ObservedApiServer(
            new Uri($"https://10.0.0.{index + 1}:6443/"), Serve(server.Keys), TokenOf(server.Signing), server.StartedAt))]);

    public Task<CheckedIssuer> ReadAsync(CancellationToken cancellationToken) => Task.FromResult(Serve(Keys));

    public Task<JsonWebToken?> GetTokenAsync(CancellationToken cancellationToken) => Task.FromResult(Signing is { } signing ? TokenOf(signing) : null);

    private CheckedIssuer Serve(int[] keys) => Change(Served([.. keys.Select(key => RsaKey(key))]));

    private JsonWebToken TokenOf(int signing)
    {
        var compact = TestKeys.TokenOf(
            Encoding.UTF8.GetBytes($$"""{"alg":"RS256","kid":"{{RsaKey(signing).Kid}}"}"""),
            Encoding.UTF8.GetBytes($$"""{"iss":"{{TestIssuer}}","sub":"system:serviceaccount:a:b","aud":["x"],"nbf":{{IssuesAt().ToUnixTimeSeconds()}},"exp":4000000000}"""),
            data => Sign(signing, data));
        Assert.True(JsonWebToken.TryParse(compact, out var token));
        return token;
    }
}
