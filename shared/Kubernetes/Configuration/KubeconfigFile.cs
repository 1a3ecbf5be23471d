using System.Globalization;
using System.Text.Json.Nodes;
using ClusterTrust.Hosting;
using ClusterTrust.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace ClusterTrust.Kubernetes.Configuration;

/// <summary>One kubeconfig file: its named clusters, users and contexts as YAML, and the folder that its relative paths start from.</summary>
/// <remarks>Read as YAML nodes because the client's model knows neither <c>tokenFile</c> nor <c>proxy-url</c> and takes one certificate of a CA bundle.</remarks>
internal sealed class KubeconfigFile
{
    private readonly YamlMappingNode root;
    private readonly string path;

    private KubeconfigFile(string path, YamlMappingNode root) => (this.path, this.root) = (path, root);

    public string? CurrentContext => Text(root, "current-context");

    /// <summary>The folder of the file.</summary>
    public string Folder => Path.GetDirectoryName(Path.GetFullPath(path))!;

    /// <exception cref="JobException">The file is missing, unreadable or no YAML mapping.</exception>
    public static KubeconfigFile Read(string path)
    {
        try
        {
            using var content = FileContent.ReadFile(path, FileKind.Kubeconfig);
            if (content.Fault is { } mistake)
            {
                throw new JobException($"The kubeconfig {Sanitizer.Sanitize(path)} {mistake}.", ExitCode.Usage);
            }

            using var reader = new StringReader(content.Text);
            var yaml = new YamlStream();
            yaml.Load(reader);
            return yaml.Documents is [{ RootNode: YamlMappingNode root }, ..]
                ? new KubeconfigFile(path, root)
                : throw new JobException($"The kubeconfig {Sanitizer.Sanitize(path)} is empty or no mapping: give a file as kubectl writes it.", ExitCode.Usage);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new JobException($"The kubeconfig {Sanitizer.Sanitize(path)} cannot be read: check that the file exists and that this user may read it.", ExitCode.Usage, fault);
        }
        catch (YamlException fault)
        {
            // Without the parser's own words: they may quote a token.
            throw new JobException($"The kubeconfig {Sanitizer.Sanitize(path)} is not YAML (line {fault.Start.Line}, column {fault.Start.Column}): correct it there.", ExitCode.Usage);
        }
    }

    /// <summary>The names in a list such as <c>contexts</c>.</summary>
    public IEnumerable<string> Names(string list) => Entries(list).Select(static entry => Text(entry, "name")).OfType<string>();

    /// <summary>The body of a named entry: <c>Find("users", "user", "admin")</c>. Null when there is none of the name.</summary>
    public YamlMappingNode? Find(string list, string body, string name) =>
        Entries(list).FirstOrDefault(entry => Text(entry, "name") == name) is { } found
            ? Mapping(found, body) ?? new YamlMappingNode()
            : null;

    /// <summary>A scalar of a mapping; null when it is absent, empty or no scalar.</summary>
    public static string? Text(YamlMappingNode mapping, string key) =>
        mapping.Children.TryGetValue(new YamlScalarNode(key), out var node) && node is YamlScalarNode { Value: { Length: > 0 } value } ? value : null;

    /// <summary>A mapping of a mapping; null when it is absent or no mapping.</summary>
    public static YamlMappingNode? Mapping(YamlMappingNode mapping, string key) =>
        mapping.Children.TryGetValue(new YamlScalarNode(key), out var node) ? node as YamlMappingNode : null;

    /// <summary>A list of a mapping; empty when it is absent or null.</summary>
    public static IEnumerable<YamlNode> List(YamlMappingNode mapping, string key) =>
        mapping.Children.TryGetValue(new YamlScalarNode(key), out var node) && node is YamlSequenceNode list ? list.Children : [];

    /// <summary>A node as JSON: plain scalars that YAML reads as null, a truth value or a number are such.</summary>
    public static JsonNode? Json(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(mapping.Children.Where(static pair => pair.Key is YamlScalarNode)
            .Select(static pair => KeyValuePair.Create(((YamlScalarNode)pair.Key).Value ?? "", Json(pair.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Json)]),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" } => null,
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "true" or "false" } scalar => JsonValue.Create(scalar.Value == "true"),
        YamlScalarNode { Style: ScalarStyle.Plain } scalar when long.TryParse(scalar.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) =>
            JsonValue.Create(number),
        YamlScalarNode scalar => JsonValue.Create(scalar.Value),
        _ => null,
    };

    private IEnumerable<YamlMappingNode> Entries(string list) => List(root, list).OfType<YamlMappingNode>();
}
