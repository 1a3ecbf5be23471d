using Azure.Core;

namespace ClusterTrust.CertSync.Vaults.SignIn;

/// <summary>
/// Signs in to the configured tenant whatever a challenge says: that of an emulator names a tenant of its own making, and the
/// check of it belongs to what <see cref="VaultSettings.DisableChallengeVerification"/> switches off.
/// </summary>
/// <param name="inner">Gets the tokens.</param>
internal sealed class OwnTenantCredential(TokenCredential inner) : TokenCredential
{
    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
        inner.GetToken(WithoutTenant(requestContext), cancellationToken);

    public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
        inner.GetTokenAsync(WithoutTenant(requestContext), cancellationToken);

    private static TokenRequestContext WithoutTenant(TokenRequestContext context) =>
        new(context.Scopes, context.ParentRequestId, context.Claims, tenantId: null, context.IsCaeEnabled);
}
