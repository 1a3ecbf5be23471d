namespace ClusterTrust.Oidc.Repository.GitHub.Wire;

/// <summary>A Git object named by its id.</summary>
internal sealed record ObjectId(string Sha);
