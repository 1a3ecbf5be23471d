using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace ClusterTrust.Kubernetes;

/// <summary>A kubeconfig file, or one cluster, user or context in it. Something of another type than kubectl expects is a fault.</summary>
/// <remarks>Read as YAML nodes, because KubernetesClient's model has neither <c>tokenFile</c> nor <c>proxy-url</c> and reads one certificate of a CA bundle.</remarks>
/// <param name="title">Its name in messages, such as <c>user "admin" of the kubeconfig</c>.</param>
/// <param name="body">Its YAML.</param>
/// <param name="folder">The folder of its relative paths.</param>
internal sealed class KubeconfigEntry(string title, YamlMappingNode body, string folder)
{
    /// <exception cref="JobException">The file is missing, unreadable or no YAML mapping.</exception>
    public static KubeconfigEntry ReadFile(string path)
    {
        var title = $"kubeconfig {Sanitizer.Sanitize(path)}";
        try
        {
            using var content = InputFile.Read(path, FileKind.Kubeconfig);
            using var reader = new StringReader(content.Fault is { } fault ? throw Fault(title, fault) : content.Text);
            var yaml = new YamlStream();
            yaml.Load(reader);
            return yaml.Documents is [{ RootNode: YamlMappingNode root }, ..]
                ? new KubeconfigEntry(title, root, Path.GetDirectoryName(Path.GetFullPath(path))!)
                : throw Fault(title, "is empty or not a YAML mapping: use a file that kubectl wrote");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw Fault(title, "cannot be read: check that the file exists and that this user may read it", fault);
        }
        catch (YamlException fault)
        {
            // Without the parser's message, which may quote a token.
            throw Fault(title, $"is not YAML (line {fault.Start.Line}, column {fault.Start.Column}): correct it there");
        }
        catch (Exception fault) when (fault is ArgumentException or InvalidOperationException)
        {
            // The library throws these for invalid tags, and for document ends without a document.
            throw Fault(title, "is not YAML: use a file that kubectl wrote");
        }
    }

    /// <summary>The text under a key; null when it is absent, null or empty.</summary>
    public string? this[string key] => Node(key) switch
    {
        null or YamlScalarNode { Value: null or "" } => null,
        YamlScalarNode scalar => scalar.Value,
        _ => throw Fault($"has a value of {key} that is not a text: correct it"),
    };

    /// <summary>Whether a key has a value other than an empty text, list or mapping.</summary>
    public bool Has(string key) => Node(key) is not (null
        or YamlScalarNode { Value: null or "" }
        or YamlSequenceNode { Children.Count: 0 }
        or YamlMappingNode { Children.Count: 0 });

    /// <summary>The boolean under a key; false when it is absent.</summary>
    public bool IsTrue(string key) => this[key] is { } text
        && (bool.TryParse(text, out var value) ? value : throw Fault($"has a value of {key} that is neither true nor false: correct it"));

    /// <summary>The mapping under a key; null when it is absent.</summary>
    public KubeconfigEntry? Child(string key) => Node(key) switch
    {
        null => null,
        YamlMappingNode mapping => new(title, mapping, folder),
        _ => throw Fault($"has a value of {key} that is not a mapping: correct it"),
    };

    /// <summary>The list of mappings under a key; empty when it is absent.</summary>
    public IEnumerable<KubeconfigEntry> Children(string key) => List(key).Select(item => item is YamlMappingNode mapping
        ? new KubeconfigEntry(title, mapping, folder)
        : throw Fault($"has {key} that are not mappings: correct them"));

    /// <summary>The list of texts under a key; empty when it is absent.</summary>
    public IEnumerable<string> Texts(string key) => List(key).Select(item => item is YamlScalarNode scalar
        ? scalar.Value ?? ""
        : throw Fault($"has {key} that are not texts: correct them"));

    /// <summary>The value of a key, as JSON.</summary>
    public JsonNode? Json(string key) => Node(key) is { } node ? ToJson(node) : null;

    /// <summary>A <c>context</c>, <c>cluster</c> or <c>user</c> of the file by its name; null when there is none.</summary>
    public KubeconfigEntry? Find(string kind, string name)
    {
        var entry = $"{kind} \"{Sanitizer.Sanitize(name, 100)}\"";
        return Children($"{kind}s").Where(named => named["name"] == name).ToArray() switch
        {
            [] => null,
            [var found] => found.Named($"{entry} of the kubeconfig").Child(kind) ?? new($"{entry} of the kubeconfig", new YamlMappingNode(), folder),
            _ => throw Fault($"has the {entry} more than once: remove or rename the others"),
        };
    }

    /// <summary>The path under a key, made absolute.</summary>
    public string? File(string key) => this[key] is { } path ? Path.GetFullPath(path, folder) : null;

    /// <summary>PEM in the kubeconfig (<c>KEY-data</c>, base64) or in a file (<c>KEY</c>, a path); the former takes precedence, as with kubectl.</summary>
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
    public Uri? Address(string key, params ReadOnlySpan<string> schemes) => this[key] is not { } text ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var address) && schemes.Contains(address.Scheme) && Ascii.IsValid(address.Host) ? address
        : throw Fault($"has a {key} that is not a URL with {Sentence.List([.. schemes], "or")} and a host in ASCII: use one such as {schemes[^1]}://HOST:PORT");

    /// <summary>A host name or an IP address under a key, as in a URL: IPv6 in brackets. Null when it is absent.</summary>
    public string? HostName(string key) => this[key] is not { } name ? null : Uri.CheckHostName(name) switch
    {
        UriHostNameType.IPv6 when name[0] != '[' => $"[{name}]",
        not UriHostNameType.Unknown when Ascii.IsValid(name) => name,
        _ => throw Fault($"has a {key} that is neither a host name nor an IP address: use one of the names in the server's certificate, without a port"),
    };

    public JobException Fault(string sentence, Exception? cause = null) => Fault(title, sentence, cause);

    private static JobException Fault(string title, string sentence, Exception? cause = null) => new($"The {title} {sentence}.", ExitCode.Usage, cause);

    private KubeconfigEntry Named(string name) => new(name, body, folder);

    /// <summary>The value of a key; null when it is absent or null, which some tools write instead of omitting it.</summary>
    private YamlNode? Node(string key) => Values(body).TryGetValue(new YamlScalarNode(key), out var node) && !IsNull(node) ? node : null;

    /// <summary>The values of a mapping. Merge keys are refused, because YamlDotNet would ignore what they include.</summary>
    private IDictionary<YamlNode, YamlNode> Values(YamlMappingNode mapping) => mapping.Children.ContainsKey(new YamlScalarNode("<<"))
        ? throw Fault("has a merge key (<<), which is not supported: repeat the keys instead")
        : mapping.Children;

    private IEnumerable<YamlNode> List(string key) => Node(key) switch
    {
        null => [],
        YamlSequenceNode list => list.Children,
        _ => throw Fault($"has {key} that are not a list: correct them"),
    };

    private string Text(string key, FileContent content)
    {
        using (content)
        {
            return content.Fault is { } fault ? throw Fault($"has a {key} that {fault}") : content.Text;
        }
    }

    private static bool IsNull(YamlNode node) => node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" or "Null" or "NULL" };

    /// <summary>Plain scalars become null, booleans and numbers as in YAML.</summary>
    private JsonNode? ToJson(YamlNode node) => node switch
    {
        _ when IsNull(node) => null,
        YamlMappingNode mapping => new JsonObject(Values(mapping).Where(static pair => pair.Key is YamlScalarNode)
            .Select(pair => KeyValuePair.Create(((YamlScalarNode)pair.Key).Value ?? "", ToJson(pair.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(ToJson)]),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "true" or "false" } scalar => JsonValue.Create(scalar.Value == "true"),
        YamlScalarNode { Style: ScalarStyle.Plain } scalar when long.TryParse(scalar.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) =>
            JsonValue.Create(number),
        YamlScalarNode scalar => JsonValue.Create(scalar.Value),
        _ => null,
    };
}
