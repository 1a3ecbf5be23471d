using Azure.Core;

namespace ClusterTrust.CertSync.Tests.Vaults;

public sealed class IssuerWaitCredentialTests
{
    private readonly SwiftClock _time = new(DateTimeOffset.UnixEpoch);
    private readonly ListLogger<IssuerWaitCredential> _log = new();
    private int _asked;

    [Theory]
    [InlineData("AADSTS50166: Request to External OIDC endpoint failed.")]
    [InlineData("AADSTS501661: Request to External OIDC endpoint failed.")]
    [InlineData("AADSTS90061: Request to External OIDC endpoint failed.")]
    [InlineData("AADSTS7000272: The certificate with identifier x could not be found in the metadata of identity provider.")]
    public async Task Retries_until_the_issuer_is_served(string said)
    {
        var entra = Refusing(said, times: 5);
        Assert.Equal("token", (await TokenAsync(entra, minutes: 5)).Token);
        Assert.Equal((6, 1), (_asked, _log.Entries.Count));
    }

    [Theory]
    [InlineData("AADSTS700211: No matching federated identity record found for presented assertion issuer.", 5)]
    [InlineData("AADSTS700024: Client assertion is not within its valid time range.", 5)]
    [InlineData("AADSTS50166999: none of the four.", 5)]
    [InlineData("nothing with a code", 5)]
    [InlineData("AADSTS50166", 0)]
    public async Task Every_other_refusal_or_any_without_a_limit_is_final_at_once(string said, int minutes)
    {
        var entra = Refusing(said, times: 1);
        await Assert.ThrowsAsync<AuthenticationFailedException>(() => TokenAsync(entra, minutes));
        Assert.Equal((1, 0), (_asked, _log.Entries.Count));
    }

    [Fact]
    public async Task Ends_with_the_refusal_when_the_limit_is_over_and_counts_it_once_for_all_vaults()
    {
        var entra = Refusing("AADSTS50166", times: int.MaxValue);
        var credential = new IssuerWaitCredential(entra, TimeSpan.FromMinutes(2), _time, _log);
        var began = _time.Now;
        await Assert.ThrowsAsync<AuthenticationFailedException>(() => GetAsync(credential));
        Assert.InRange(_time.Now - began, TimeSpan.FromSeconds(90), TimeSpan.FromMinutes(2));
        var asked = _asked;
        await Assert.ThrowsAsync<AuthenticationFailedException>(() => GetAsync(credential));
        Assert.Equal(asked + 1, _asked);
    }

    [Fact]
    public async Task Cancellation_ends_the_wait()
    {
        using var stop = new CancellationTokenSource();
        _time.IsFrozen = true;
        var waiting = new IssuerWaitCredential(Refusing("AADSTS50166", int.MaxValue), TimeSpan.FromMinutes(5), _time, _log)
            .GetTokenAsync(new TokenRequestContext(["scope"]), stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    /// <summary>Entra ID that refuses a number of times before it issues a token.</summary>
    private TokenCredential Refusing(string said, int times) => DelegatedTokenCredential.Create(
        static (_, _) => throw new NotSupportedException("Synchronous requests block a thread."),
        (_, _) => _asked++ < times ? throw new AuthenticationFailedException(said) : ValueTask.FromResult(new AccessToken("token", DateTimeOffset.MaxValue)));

    private Task<AccessToken> TokenAsync(TokenCredential entra, int minutes) => GetAsync(new IssuerWaitCredential(entra, TimeSpan.FromMinutes(minutes), _time, _log));

    private static Task<AccessToken> GetAsync(TokenCredential credential) =>
        credential.GetTokenAsync(new TokenRequestContext(["https://vault.azure.net/.default"]), CancellationToken.None).AsTask();
}
