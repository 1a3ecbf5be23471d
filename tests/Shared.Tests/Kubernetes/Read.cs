using System.Text.Json.Serialization;

namespace ClusterTrust.Shared.Tests.Kubernetes;

internal static class Read
{
    /// <summary>The path of recording 24, which every test may GET.</summary>
    public const string Version = "/version";

    public static Task<JsonElement> JsonAsync(this KubernetesConnection connection, string path = Version) =>
        connection.GetJsonAsync(path, TextJson.Default.JsonElement, CancellationToken.None);

    /// <summary>The fault that a request ends with.</summary>
    /// <param name="message">A part of its sentence.</param>
    public static async Task<KubernetesException> FaultAsync(this KubernetesConnection connection, ExitCode exitCode, string message, string path = Version) =>
        Assert.IsType<KubernetesException>(await Assert.FaultAsync(exitCode, message, () => connection.JsonAsync(path)));
}

[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class TextJson : JsonSerializerContext;
