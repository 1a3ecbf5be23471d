namespace ClusterTrust.Oidc.Repository.GitHub.Wire;

/// <summary>A branch to make.</summary>
/// <param name="Ref">The full name, as in <c>refs/heads/main</c>.</param>
internal sealed record NewRef(string Ref, string Sha);
