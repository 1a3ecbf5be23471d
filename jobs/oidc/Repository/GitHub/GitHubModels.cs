using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Octokit.Internal;

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
[JsonSerializable(typeof(CommitInfo[]))]
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

/// <summary>Stands in for Octokit's own serializer, which works by reflection and so fails in a natively compiled program.</summary>
internal sealed class GitHubSerializer : IJsonSerializer
{
    public string Serialize(object item) => JsonSerializer.Serialize(item, TypeInfoOf(item.GetType()));

    public T Deserialize<T>(string json) =>
        JsonSerializer.Deserialize(json, (JsonTypeInfo<T>)TypeInfoOf(typeof(T))) ?? throw new JsonException("The answer is null.");

    private static JsonTypeInfo TypeInfoOf(Type type) =>
        GitHubJson.Default.GetTypeInfo(type) ?? throw new NotSupportedException($"{type} is missing in {nameof(GitHubJson)}.");
}

/// <summary>An error as GitHub words it.</summary>
internal sealed record Problem(string? Message = null);

/// <summary>The part of a repository that is read.</summary>
internal sealed record RepositoryInfo([property: JsonRequired] string? DefaultBranch);

/// <summary>A branch and its tip.</summary>
internal sealed record BranchInfo([property: JsonRequired] string Name, [property: JsonRequired] ObjectId Commit);

/// <summary>A branch as a reference.</summary>
/// <param name="Ref">The full name, as in <c>refs/heads/main</c>.</param>
internal sealed record RefInfo([property: JsonRequired] string Ref);

/// <summary>A branch to move.</summary>
internal sealed record RefUpdate(string Sha, bool Force);

/// <summary>A branch to make.</summary>
/// <param name="Ref">The full name, as in <c>refs/heads/main</c>.</param>
internal sealed record NewRef(string Ref, string Sha);

/// <summary>A Git object named by its id.</summary>
internal sealed record ObjectId([property: JsonRequired] string Sha);

/// <summary>A commit.</summary>
internal sealed record CommitInfo(string Sha, ObjectId? Tree = null, VerificationInfo? Verification = null);

/// <summary>What GitHub thinks of a commit's signature.</summary>
/// <param name="Reason">A word such as <c>valid</c>, <c>unknown_key</c>, <c>unverified_email</c>.</param>
/// <param name="Payload">The commit as it was signed, or null without a signature.</param>
internal sealed record VerificationInfo(bool Verified = false, string? Reason = null, string? Payload = null);

/// <summary>How two commits relate.</summary>
/// <param name="Status">Of the second to the first: <c>ahead</c>, <c>behind</c>, <c>identical</c> or <c>diverged</c>.</param>
internal sealed record Comparison(string? Status = null);

/// <summary>A commit to make. Members that are null are left out, and GitHub fills them from the credentials.</summary>
internal sealed record NewCommit(
    string Message, string Tree, IReadOnlyList<string> Parents, NewIdentity? Author, NewIdentity? Committer, string? Signature);

/// <summary>An author or committer.</summary>
/// <param name="Date">ISO 8601 in UTC, whole seconds.</param>
internal sealed record NewIdentity(string Name, string Email, string Date);

/// <summary>One folder.</summary>
/// <param name="Truncated">Whether entries are left out, as there are too many.</param>
internal sealed record TreeInfo(string Sha, IReadOnlyList<TreeEntry>? Tree = null, bool Truncated = false);

/// <summary>An entry of a folder.</summary>
/// <param name="Path">Its name.</param>
/// <param name="Mode">Git's file mode in octal digits.</param>
/// <param name="Size">The length in bytes of a file.</param>
internal sealed record TreeEntry(string Path, string Mode, string Sha, long? Size = null);

/// <summary>A tree to make: another one with some files replaced.</summary>
internal sealed record NewTree(string? BaseTree, IReadOnlyList<NewTreeEntry> Tree);

/// <summary>A file to write, by its text or by the id of its content.</summary>
internal sealed record NewTreeEntry(string Path, string Mode, string Type, string? Content, string? Sha);

/// <summary>A file's content.</summary>
/// <param name="Encoding"><c>base64</c> or <c>utf-8</c>.</param>
internal sealed record BlobInfo(string Content, string? Encoding = null);

/// <summary>A content to store.</summary>
internal sealed record NewBlob(string Content, string Encoding);

/// <summary>A file to commit by itself.</summary>
/// <param name="Content">In base64.</param>
internal sealed record NewFile(string Message, string Content, string? Branch, NewIdentity? Author, NewIdentity? Committer);

/// <summary>The commit that wrote a file by itself.</summary>
internal sealed record NewFileResult([property: JsonRequired] CommitInfo Commit);

/// <summary>An installation of a GitHub App.</summary>
internal sealed record InstallationInfo(long Id);

/// <summary>What a token of an installation shall be good for.</summary>
internal sealed record InstallationTokenRequest(IReadOnlyList<string> Repositories, IReadOnlyDictionary<string, string> Permissions);

/// <summary>A token of an installation, which lives for an hour.</summary>
internal sealed record InstallationToken(string Token, DateTimeOffset ExpiresAt)
{
    /// <summary>Without the token.</summary>
    public override string ToString() => $"{nameof(InstallationToken)} {{ ExpiresAt = {ExpiresAt} }}";
}
