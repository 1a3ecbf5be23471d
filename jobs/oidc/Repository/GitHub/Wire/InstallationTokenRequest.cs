namespace ClusterTrust.Oidc.Repository.GitHub.Wire;

/// <summary>What a token of an installation shall be good for.</summary>
internal sealed record InstallationTokenRequest(IReadOnlyList<string> Repositories, IReadOnlyDictionary<string, string> Permissions);
