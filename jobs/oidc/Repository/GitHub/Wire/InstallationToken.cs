namespace ClusterTrust.Oidc.Repository.GitHub.Wire;

/// <summary>A token of an installation, which lives for an hour.</summary>
internal sealed record InstallationToken(string Token, DateTimeOffset ExpiresAt)
{
    /// <summary>Without the token.</summary>
    public override string ToString() => $"{nameof(InstallationToken)} {{ ExpiresAt = {ExpiresAt} }}";
}
