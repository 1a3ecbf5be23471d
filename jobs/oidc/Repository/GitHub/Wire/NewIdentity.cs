namespace ClusterTrust.Oidc.Repository.GitHub.Wire;

/// <summary>An author or committer.</summary>
/// <param name="Date">ISO 8601 in UTC, whole seconds.</param>
internal sealed record NewIdentity(string Name, string Email, string Date);
