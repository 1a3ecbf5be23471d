namespace ClusterTrust.Oidc.Repository.GitHub.Wire;

/// <summary>An installation of a GitHub App.</summary>
internal sealed record InstallationInfo(long Id);
