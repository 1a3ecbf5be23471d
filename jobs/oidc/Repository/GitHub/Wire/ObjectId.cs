using System.Text.Json.Serialization;

namespace ClusterTrust.Oidc.Repository.GitHub.Wire;

/// <summary>A Git object named by its id.</summary>
internal sealed record ObjectId([property: JsonRequired] string Sha);
