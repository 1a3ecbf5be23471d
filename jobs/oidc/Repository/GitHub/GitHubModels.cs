using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Octokit.Internal;

namespace ClusterTrust.Oidc.Repository.GitHub;

/// <summary>The JSON of GitHub's REST API, as far as it is used.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(RepositoryInfo))]
[JsonSerializable(typeof(BranchInfo))]
[JsonSerializable(typeof(TreeInfo))]
[JsonSerializable(typeof(BlobInfo))]
[JsonSerializable(typeof(CommitInfo))]
[JsonSerializable(typeof(CommitInfo[]))]
[JsonSerializable(typeof(Comparison))]
[JsonSerializable(typeof(NewTree))]
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

/// <summary>Replaces Octokit's serializer, which uses reflection and fails under NativeAOT.</summary>
internal sealed class GitHubSerializer : IJsonSerializer
{
    public string Serialize(object item) => JsonSerializer.Serialize(item, TypeInfoOf(item.GetType()));

    public T Deserialize<T>(string json) =>
        JsonSerializer.Deserialize(json, (JsonTypeInfo<T>)TypeInfoOf(typeof(T))) ?? throw new JsonException("The response is null.");

    private static JsonTypeInfo TypeInfoOf(Type type) =>
        GitHubJson.Default.GetTypeInfo(type) ?? throw new NotSupportedException($"{type} is missing in {nameof(GitHubJson)}.");
}

internal sealed record Problem(string? Message = null);

internal sealed record RepositoryInfo(string? DefaultBranch);

internal sealed record BranchInfo(string Name, ObjectId Commit);

internal sealed record RefInfo(string Ref);

internal sealed record RefUpdate(string Sha, bool Force);

internal sealed record NewRef(string Ref, string Sha);

internal sealed record ObjectId(string Sha);

internal sealed record CommitInfo(string Sha, ObjectId? Tree = null, VerificationInfo? Verification = null);

/// <param name="Reason">A word such as <c>valid</c>, <c>unknown_key</c>, <c>unverified_email</c>.</param>
/// <param name="Payload">The commit as it was signed, or null without a signature.</param>
internal sealed record VerificationInfo(bool Verified = false, string? Reason = null, string? Payload = null);

/// <param name="Status">Of the second to the first: <c>ahead</c>, <c>behind</c>, <c>identical</c> or <c>diverged</c>.</param>
internal sealed record Comparison(string? Status = null);

/// <summary>A commit to create. Members that are null are omitted, and GitHub derives them from the credentials.</summary>
internal sealed record NewCommit(
    string Message, string Tree, IReadOnlyList<string> Parents, NewIdentity? Author, NewIdentity? Committer, string? Signature);

/// <param name="Date">ISO 8601 in UTC, whole seconds.</param>
internal sealed record NewIdentity(string Name, string Email, string Date);

/// <param name="Truncated">Whether entries are omitted because there are too many.</param>
internal sealed record TreeInfo(string Sha, IReadOnlyList<TreeEntry>? Tree = null, bool Truncated = false);

internal sealed record TreeEntry(string Path, string Mode, string Sha, long? Size = null);

/// <summary>A tree to create: another one with some files replaced.</summary>
internal sealed record NewTree(string? BaseTree, IReadOnlyList<NewTreeEntry> Tree);

internal sealed record NewTreeEntry(string Path, string Mode, string Type, string Content);

internal sealed record BlobInfo(string Content, string? Encoding = null);

internal sealed record NewFile(string Message, string Content, string? Branch, NewIdentity? Author, NewIdentity? Committer);

internal sealed record NewFileResult(CommitInfo Commit);

internal sealed record InstallationInfo(long Id);

internal sealed record InstallationTokenRequest(IReadOnlyList<string> Repositories, IReadOnlyDictionary<string, string> Permissions);

/// <summary>A token of an installation, valid for one hour.</summary>
internal sealed record InstallationToken(string Token, DateTimeOffset ExpiresAt)
{
    public override string ToString() => $"{nameof(InstallationToken)} {{ ExpiresAt = {ExpiresAt} }}";
}
