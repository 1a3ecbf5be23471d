using Azure.Core;
using Azure.Identity;
using ClusterTrust.CertSync.Reporting;
using Microsoft.Extensions.Logging;

namespace ClusterTrust.CertSync.Vaults.SignIn;

/// <summary>
/// Asks again for a token as long as Entra ID cannot read the issuer, or does not find the token's key there: an issuer that is published
/// for the first time is served after a minute or two, and a rotated key a little later. Every other refusal is final at once, a
/// federated credential that does not match among them.
/// </summary>
/// <param name="inner">Gets the tokens.</param>
/// <param name="limit">How long to ask again, counted from the first refusal over all vaults; zero never does.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Says once that it waits.</param>
internal sealed class IssuerWaitCredential(TokenCredential inner, TimeSpan limit, TimeProvider time, ILogger log) : TokenCredential
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(15);

    private readonly Lock gate = new();
    private DateTimeOffset? end;

    /// <inheritdoc/>
    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
        GetTokenAsync(requestContext, cancellationToken).AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override async ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await inner.GetTokenAsync(requestContext, cancellationToken).ConfigureAwait(false);
            }
            catch (AuthenticationFailedException refused) when (SignInFaults.IsIssuerNotServed(refused) && MayWait())
            {
                await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private bool MayWait()
    {
        lock (gate)
        {
            if (end is null && limit > TimeSpan.Zero)
            {
                log.IssuerNotServed(limit);
            }

            end ??= time.GetUtcNow() + limit;
            return time.GetUtcNow() + Pause <= end;
        }
    }
}
