using System.Text.Json.Nodes;

namespace ClusterTrust.Sandbox.Tests.ApiServer;

/// <summary>One exchange with a real kube-apiserver.</summary>
internal sealed record Recording(
    string Identity, string Method, string Path, string? Accepts, JsonNode? RequestBody, int Status, IReadOnlyDictionary<string, string> Headers, JsonNode Body)
{
    private static readonly string Folder = System.IO.Path.Combine(AppContext.BaseDirectory, "recordings", "kube-apiserver");

    public static IEnumerable<string> Names => Directory.EnumerateFiles(Folder, "*.json").Select(static file => System.IO.Path.GetFileNameWithoutExtension(file)).Order();

    public static Recording Read(string name)
    {
        // A Secret's value that was cut out must still be base64: the server reads it.
        var text = File.ReadAllText(System.IO.Path.Combine(Folder, name + ".json")).Replace("<base64>", "Y3V0IG91dA==", StringComparison.Ordinal);
        var file = JsonNode.Parse(text)!;
        var (request, response) = (file["request"]!, file["response"]!);
        return new Recording(
            (string)file["identity"]!,
            (string)request["method"]!,
            (string)request["path"]!,
            (string?)request["headers"]!["Accept"],
            request["body"]?.DeepClone(),
            (int)response["status"]!,
            response["headers"]!.AsObject().ToDictionary(static header => header.Key, static header => (string)header.Value!, StringComparer.OrdinalIgnoreCase),
            response["body"]!.DeepClone());
    }
}
