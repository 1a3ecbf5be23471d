using System.Text.Json.Serialization;
using ClusterTrust.Oidc.Repository.GitHub.Wire;

namespace ClusterTrust.Oidc.Repository.GitHub;

/// <summary>The JSON of GitHub's REST API, as far as it is spoken here.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(RepositoryInfo))]
[JsonSerializable(typeof(ObjectId))]
[JsonSerializable(typeof(BranchInfo))]
[JsonSerializable(typeof(TreeInfo))]
[JsonSerializable(typeof(BlobInfo))]
[JsonSerializable(typeof(CommitInfo))]
[JsonSerializable(typeof(Comparison))]
[JsonSerializable(typeof(NewTree))]
[JsonSerializable(typeof(NewBlob))]
[JsonSerializable(typeof(NewCommit))]
[JsonSerializable(typeof(RefInfo))]
[JsonSerializable(typeof(RefUpdate))]
[JsonSerializable(typeof(NewRef))]
[JsonSerializable(typeof(NewFile))]
[JsonSerializable(typeof(NewFileResult))]
[JsonSerializable(typeof(InstallationInfo))]
[JsonSerializable(typeof(InstallationTokenRequest))]
[JsonSerializable(typeof(InstallationToken))]
[JsonSerializable(typeof(Problem))]
internal sealed partial class GitHubJson : JsonSerializerContext;
