using System.Text.Json;
using System.Text.Json.Serialization;
using ClusterTrust.Kubernetes;

namespace ClusterTrust.Shared.Tests.Kubernetes;

internal static class Read
{
    /// <summary>The path of recording 24, which every test may GET.</summary>
    public const string Version = "/version";

    public static Task<JsonElement> JsonAsync(this KubernetesConnection connection, string path = Version) =>
        connection.GetJsonAsync(path, TextJson.Default.JsonElement, CancellationToken.None);

    /// <summary>The fault a request ends with.</summary>
    public static Task<KubernetesException> FaultAsync(this KubernetesConnection connection, string path = Version) =>
        Assert.ThrowsAsync<KubernetesException>(() => connection.JsonAsync(path));
}

[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class TextJson : JsonSerializerContext;
