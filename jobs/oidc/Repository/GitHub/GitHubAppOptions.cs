namespace ClusterTrust.Oidc.Repository.GitHub;

/// <summary>A GitHub App and where its private key is.</summary>
public sealed record GitHubAppOptions
{
    /// <summary>The App's id or its client id.</summary>
    public required string AppId { get; init; }

    /// <summary>The App's RSA private key as GitHub hands it out (PKCS#1), or in PKCS#8. Read whenever a token is asked for.</summary>
    public required string PrivateKeyFile { get; init; }

    /// <summary>The installation; null to ask GitHub for the one on the repository.</summary>
    public long? InstallationId { get; init; }
}
