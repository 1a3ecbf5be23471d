using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Octokit.Internal;

namespace ClusterTrust.Oidc.Repository.GitHub;

/// <summary>Stands in for Octokit's own serializer, which works by reflection and so fails in a natively compiled program.</summary>
internal sealed class GitHubSerializer : IJsonSerializer
{
    public string Serialize(object item) => JsonSerializer.Serialize(item, TypeInfoOf(item.GetType()));

    public T Deserialize<T>(string json) =>
        JsonSerializer.Deserialize(json, (JsonTypeInfo<T>)TypeInfoOf(typeof(T))) ?? throw new JsonException("The answer is null.");

    private static JsonTypeInfo TypeInfoOf(Type type) =>
        GitHubJson.Default.GetTypeInfo(type) ?? throw new NotSupportedException($"{type} is missing in {nameof(GitHubJson)}.");
}
