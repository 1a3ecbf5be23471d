using Azure.Core;
using Azure.Identity;

namespace ClusterTrust.CertSync.Vaults;

/// <summary>
/// Retries while Entra ID cannot read the issuer, or does not find the token's key there: an issuer that is published for the first time
/// is served after a minute or two, and a rotated key a little later. Every other refusal, such as a federated credential that does not
/// match, is final.
/// </summary>
/// <param name="limit">How long to retry, from the first refusal over all vaults; zero for never.</param>
/// <param name="log">Receives one warning when the wait begins.</param>
internal sealed partial class IssuerWaitCredential(TokenCredential inner, TimeSpan limit, TimeProvider time, ILogger log) : TokenCredential
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(15);

    private readonly Lock _gate = new();
    private DateTimeOffset? _end;

    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
        GetTokenAsync(requestContext, cancellationToken).AsTask().GetAwaiter().GetResult();

    public override async ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await inner.GetTokenAsync(requestContext, cancellationToken);
            }
            catch (AuthenticationFailedException refused) when (SignInFaults.IsIssuerNotServed(refused) && MayWait())
            {
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }

    private bool MayWait()
    {
        lock (_gate)
        {
            if (_end is null && limit > TimeSpan.Zero)
            {
                IssuerNotServed(log, limit);
            }

            _end ??= time.GetUtcNow() + limit;
            return time.GetUtcNow() + Pause <= _end;
        }
    }

    [LoggerMessage(2009, LogLevel.Warning, "Entra ID cannot read the cluster's issuer yet, or does not find the token's key there; waiting up to {limit} for it to be served")]
    private static partial void IssuerNotServed(ILogger log, TimeSpan limit);
}
