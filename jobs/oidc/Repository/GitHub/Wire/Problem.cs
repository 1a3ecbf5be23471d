namespace ClusterTrust.Oidc.Repository.GitHub.Wire;

/// <summary>An error as GitHub words it.</summary>
internal sealed record Problem(string? Message = null);
