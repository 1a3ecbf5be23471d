using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using ClusterTrust.Hosting;
using ClusterTrust.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace ClusterTrust.Kubernetes;

/// <summary>One kubeconfig file: its named clusters, users and contexts as YAML, and the folder of its relative paths.</summary>
/// <remarks>Read as YAML nodes, because KubernetesClient's model has neither <c>tokenFile</c> nor <c>proxy-url</c> and reads one certificate of a CA bundle.</remarks>
internal sealed class KubeconfigFile
{
    private readonly string _folder;
    private readonly YamlMappingNode _root;

    private KubeconfigFile(string path, YamlMappingNode root) => (_folder, _root) = (Path.GetDirectoryName(Path.GetFullPath(path))!, root);

    public string? CurrentContext => Text(_root, "current-context");

    /// <exception cref="JobException">The file is missing, unreadable or no YAML mapping.</exception>
    public static KubeconfigFile Read(string path)
    {
        try
        {
            using var content = InputFile.Read(path, FileKind.Kubeconfig);
            if (content.Fault is { } mistake)
            {
                throw new JobException($"The kubeconfig {Sanitizer.Sanitize(path)} {mistake}.", ExitCode.Usage);
            }

            using var reader = new StringReader(content.Text);
            var yaml = new YamlStream();
            yaml.Load(reader);
            return yaml.Documents is [{ RootNode: YamlMappingNode root }, ..]
                ? new KubeconfigFile(path, root)
                : throw new JobException($"The kubeconfig {Sanitizer.Sanitize(path)} is empty or not a YAML mapping: use a file that kubectl wrote.", ExitCode.Usage);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new JobException($"The kubeconfig {Sanitizer.Sanitize(path)} cannot be read: check that the file exists and that this user may read it.", ExitCode.Usage, fault);
        }
        catch (YamlException fault)
        {
            // Without the parser's message, which may quote a token.
            throw new JobException($"The kubeconfig {Sanitizer.Sanitize(path)} is not YAML (line {fault.Start.Line}, column {fault.Start.Column}): correct it there.", ExitCode.Usage);
        }
    }

    public IEnumerable<string> ContextNames => Entries("context").Select(static entry => Text(entry, "name")).OfType<string>();

    /// <summary>A <c>context</c>, <c>cluster</c> or <c>user</c> by its name; null when there is none.</summary>
    public KubeconfigEntry? Find(string kind, string name) => Entries(kind).FirstOrDefault(entry => Text(entry, "name") == name) is { } found
        ? new KubeconfigEntry($"{kind} \"{Sanitizer.Sanitize(name, 100)}\" of the kubeconfig", Mapping(found, kind) ?? new YamlMappingNode(), _folder)
        : null;

    /// <summary>A scalar of a mapping; null when it is absent, empty or no scalar.</summary>
    public static string? Text(YamlMappingNode mapping, string key) =>
        mapping.Children.TryGetValue(new YamlScalarNode(key), out var node) && node is YamlScalarNode { Value: { Length: > 0 } value } ? value : null;

    public static YamlMappingNode? Mapping(YamlMappingNode mapping, string key) =>
        mapping.Children.TryGetValue(new YamlScalarNode(key), out var node) ? node as YamlMappingNode : null;

    public static IEnumerable<YamlNode> List(YamlMappingNode mapping, string key) =>
        mapping.Children.TryGetValue(new YamlScalarNode(key), out var node) && node is YamlSequenceNode list ? list.Children : [];

    /// <summary>Converts a node to JSON; plain scalars become null, booleans and numbers as in YAML.</summary>
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

    private IEnumerable<YamlMappingNode> Entries(string kind) => List(_root, $"{kind}s").OfType<YamlMappingNode>();
}

/// <summary>One cluster, user or context of a kubeconfig.</summary>
/// <param name="Title">Its name in messages, such as <c>user "admin" of the kubeconfig</c>.</param>
/// <param name="Body">Its YAML.</param>
/// <param name="Folder">The folder of its relative paths.</param>
internal sealed record KubeconfigEntry(string Title, YamlMappingNode Body, string Folder)
{
    public string? this[string key] => KubeconfigFile.Text(Body, key);

    /// <summary>The path under a key, made absolute.</summary>
    public string? File(string key) => this[key] is { } path ? Path.GetFullPath(path, Folder) : null;

    public bool IsTrue(string key) => bool.TryParse(this[key], out var value) && value;

    /// <summary>PEM in the kubeconfig (<c>KEY-data</c>, base64) or in a file (<c>KEY</c>, a path); the former wins, as with kubectl.</summary>
    public string? Pem(string key)
    {
        var kind = key == "client-key" ? FileKind.PrivateKey : FileKind.Certificate;
        try
        {
            if (this[$"{key}-data"] is { } data)
            {
                return !FileContent.IsRedacted(data)
                    ? Text(key, FileContent.Read(Convert.FromBase64String(data), kind))
                    : throw Fault($"has a {key}-data that was exported redacted: export it again with 'kubectl config view --raw --flatten'");
            }

            return File(key) is { } path ? Text(key, InputFile.Read(path, kind)) : null;
        }
        catch (FormatException)
        {
            throw Fault($"has a {key}-data that is not base64: set it again");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw Fault($"names a {key} file that cannot be read ({Sanitizer.Sanitize(this[key])}): correct the path", fault);
        }
    }

    private string Text(string key, FileContent content)
    {
        using (content)
        {
            return content.Fault is { } fault ? throw Fault($"has a {key} that {fault}") : content.Text;
        }
    }

    /// <summary>The certificates under a key; null when it is absent.</summary>
    public X509Certificate2Collection? Certificates(string key)
    {
        if (Pem(key) is not { } pem)
        {
            return null;
        }

        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(pem);
        }
        catch (CryptographicException fault)
        {
            throw Fault($"has a {key} that is invalid: use PEM certificates", fault);
        }

        return certificates.Count > 0 ? certificates : throw Fault($"has a {key} without a certificate: use PEM certificates");
    }

    /// <summary>An absolute address under a key; null when it is absent.</summary>
    public Uri? Address(string key) => this[key] is not { } text ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var address) ? address
        : throw Fault($"has a {key} that is not a URL: use one such as https://HOST:PORT");

    public JobException Fault(string sentence, Exception? cause = null) => new($"The {Title} {sentence}.", ExitCode.Usage, cause);
}
