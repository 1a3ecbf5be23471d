namespace ClusterTrust.Sandbox.Entra;

/// <summary>What an application trusts: tokens of one issuer for one subject. All three are compared to the character, as Entra does.</summary>
/// <param name="Issuer">The token's <c>iss</c>.</param>
/// <param name="Subject">The token's <c>sub</c>, such as <c>system:serviceaccount:NAMESPACE:NAME</c>.</param>
/// <param name="Audience">One of the token's <c>aud</c>.</param>
public sealed record FederatedCredential(string Issuer, string Subject, string Audience = FederatedCredential.DefaultAudience)
{
    /// <summary>The audience Microsoft recommends in the public cloud.</summary>
    public const string DefaultAudience = "api://AzureADTokenExchange";
}
