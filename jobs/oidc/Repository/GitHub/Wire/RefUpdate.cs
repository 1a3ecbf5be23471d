namespace ClusterTrust.Oidc.Repository.GitHub.Wire;

/// <summary>A branch to move.</summary>
internal sealed record RefUpdate(string Sha, bool Force);
