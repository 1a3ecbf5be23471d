using System.Text.Json.Serialization;

namespace ClusterTrust.Shared.Tests.Kubernetes;

internal static class Read
{
    /// <summary>A path that everybody may GET.</summary>
    public const string Version = "/version";

    public static Task<JsonElement> JsonAsync(this KubernetesConnection connection, string path = Version) =>
        connection.GetJsonAsync(path, TextJson.Default.JsonElement, CancellationToken.None);

    /// <summary>Requests a token of the ServiceAccount <c>job</c>.</summary>
    public static Task<JsonElement> PostTokenRequestAsync(this KubernetesConnection connection) => connection.SendJsonAsync(
        HttpMethod.Post,
        "/api/v1/namespaces/demo/serviceaccounts/job/token", JsonSerializer.SerializeToElement(new { spec = new { expirationSeconds = 600 } }), TextJson.Default.JsonElement, CancellationToken.None);

    /// <summary>The fault that a request ends with.</summary>
    /// <param name="message">A part of its sentence.</param>
    public static async Task<KubernetesException> FaultAsync(this KubernetesConnection connection, ExitCode exitCode, string message, string path = Version) =>
        Assert.IsType<KubernetesException>(await Assert.FaultAsync(exitCode, message, () => connection.JsonAsync(path)));
}

[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class TextJson : JsonSerializerContext;
