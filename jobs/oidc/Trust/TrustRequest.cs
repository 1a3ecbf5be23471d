namespace ClusterTrust.Oidc.Trust;

/// <summary>Which trust is to be set up on a cloud's side.</summary>
/// <param name="Cloud">The cloud.</param>
/// <param name="Issuer">The published issuer, to the character.</param>
/// <param name="Subject">The one ServiceAccount that is trusted.</param>
/// <param name="Audience">The audience its tokens are asked for; null takes the cloud's own.</param>
public sealed record TrustRequest(Cloud Cloud, string Issuer, ServiceAccountSubject Subject, string? Audience = null)
{
    /// <summary>The audience that a cloud expects when nothing else is agreed on; null for Google, whose default names the provider itself.</summary>
    public string? EffectiveAudience => Audience ?? Cloud switch
    {
        Cloud.Azure => "api://AzureADTokenExchange",
        Cloud.Aws => "sts.amazonaws.com",
        _ => null,
    };

    /// <summary>The issuer without its scheme, as AWS names providers and condition keys.</summary>
    public string IssuerWithoutScheme => Issuer["https://".Length..];

    /// <summary>A name for what is made, fit for every cloud: lower-case letters, digits and hyphens, 4 to 32 characters.</summary>
    public string ResourceName
    {
        get
        {
            var name = $"{Subject.Namespace}-{Subject.Name}".Replace('.', '-');
            name = name.Length <= 32 ? name : name[..32].TrimEnd('-');
            return name.Length < 4 ? $"sa-{name}" : name;
        }
    }
}
