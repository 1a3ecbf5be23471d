namespace ClusterTrust.Hosting.Settings;

/// <summary>The JSON file: one flat object, a key per setting; comments and trailing commas are allowed.</summary>
internal sealed class SettingFile
{
    private static readonly JsonDocumentOptions Options = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        MaxDepth = 8,
    };

    private readonly string _path;
    private readonly Dictionary<string, IReadOnlyList<string>> _values = [];

    private SettingFile(string path) => _path = path;

    /// <summary>Whether all of it was read; if not, a setting without texts may have some.</summary>
    public bool IsRead { get; private set; }

    /// <summary>Reads a file as far as it is valid.</summary>
    /// <param name="settings">Every setting of the application; any other key is a fault.</param>
    public static SettingFile Read(string path, IReadOnlyCollection<Setting> settings, SettingFaults faults)
    {
        var file = new SettingFile(path);
        try
        {
            using var content = InputFile.Read(path);
            using var document = JsonDocument.Parse(content.Memory[(content.Memory.Span.StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0)..], Options);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                faults.Add($"the configuration file {path} must contain a JSON object such as {{\"logLevel\": \"debug\"}}");
                return file;
            }

            file.Add(document.RootElement, settings.ToDictionary(setting => setting.JsonKey), faults);
            file.IsRead = true;
        }
        catch (JsonException e)
        {
            faults.Add($"the configuration file {path} is invalid JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}");
        }
        catch (InvalidOperationException)
        {
            // System.Text.Json rejects texts only when they are read.
            faults.Add($"the configuration file {path} must be valid UTF-8, without unpaired surrogates and NUL characters");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add($"the configuration file {path} must be readable: {Sanitizer.Sanitize(e.Message)}");
        }

        return file;
    }

    /// <summary>The texts of a setting; empty if a fault was reported instead, null if there are none.</summary>
    public IReadOnlyList<string>? Find(Setting setting) => _values.GetValueOrDefault(setting.JsonKey);

    public string NameOf(string key) => $"\"{key}\" in {_path}";

    private void Add(JsonElement root, Dictionary<string, Setting> known, SettingFaults faults)
    {
        var seen = new HashSet<string>();
        foreach (var property in root.EnumerateObject())
        {
            var key = property.Name;
            if (!seen.Add(key))
            {
                faults.Add($"{NameOf(Sanitizer.Sanitize(key))} must occur once; it occurs twice");
            }
            else if (!known.TryGetValue(key, out var setting))
            {
                var near = Sentence.NearMiss(key, known.Keys) is { } miss ? $"; did you mean \"{miss}\"?" : "; --help lists the keys";
                faults.Add($"{NameOf(Sanitizer.Sanitize(key))} is not a setting{near}");
            }
            else if (property.Value.ValueKind != JsonValueKind.Null)
            {
                AddValue(setting, property.Value, faults);
            }
        }
    }

    private void AddValue(Setting setting, JsonElement value, SettingFaults faults)
    {
        JsonElement[] items = setting.IsList && value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
        var texts = items.Select(Scalar).ToArray();
        if (texts.Contains(null))
        {
            var expected = setting.IsList ? "a JSON array of strings" : "a JSON string, number, true or false";
            faults.Add($"{NameOf(setting.JsonKey)} must be {expected}");
            texts = [];
        }
        else if (texts is [])
        {
            return;
        }

        _values[setting.JsonKey] = texts!;
    }

    private static string? Scalar(JsonElement value) => value.ValueKind switch
    {
        // Git and the operating system end a text at this character, which no flag or variable can contain.
        JsonValueKind.String => value.GetString() is var text && text!.Contains('\0') ? throw new InvalidOperationException("NUL") : text,
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => null,
    };
}
