namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>
/// Reads <c>application/vnd.kubernetes.protobuf</c>, the form in which <c>kubectl create</c> sends objects: the bytes <c>k8s\0</c>, then a
/// <c>runtime.Unknown</c> that holds the kind and the message.
/// </summary>
internal static class ProtobufBody
{
    public const string ContentType = "application/vnd.kubernetes.protobuf";

    /// <summary>The body as JSON, or null when it is of a kind that is only taken as JSON.</summary>
    public static JsonObject? Read(byte[] body)
    {
        var unknown = Values(body[4..]).ToLookup(static value => value.Field, static value => value.Bytes);
        var (apiVersion, kind) = Pair(unknown[1].LastOrDefault([]));
        if (!ProtobufSchemas.Has(kind))
        {
            return null;
        }

        var json = new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = kind };
        AddFields(json, kind, unknown[2].LastOrDefault([]));
        return json;
    }

    /// <summary>The fields of one message, each with its number or its bytes.</summary>
    /// <exception cref="FormatException">A wire type is none that is read: numbers of fixed width, which no kind here has.</exception>
    private static IEnumerable<(int Field, long Number, byte[] Bytes)> Values(byte[] message)
    {
        using var reader = new BinaryReader(new MemoryStream(message));
        while (reader.BaseStream.Position < message.Length)
        {
            var tag = reader.Read7BitEncodedInt();
            var number = reader.Read7BitEncodedInt64();
            yield return (tag & 7) switch
            {
                0 => (tag >> 3, number, []),
                2 => (tag >> 3, 0L, reader.ReadBytes((int)number)),
                _ => throw new FormatException($"Field {tag >> 3} has the wire type {tag & 7}."),
            };
        }
    }

    private static void AddFields(JsonObject json, string message, byte[] bytes)
    {
        foreach (var (number, value, inner) in Values(bytes))
        {
            if (ProtobufSchemas.Find(message, number) is { } field)
            {
                Add(json, field, value, inner);
            }
            else if (value != 0 || inner.Length > 0)
            {
                // Go writes every string, struct and number that is no pointer, also the empty ones; anything else would be lost.
                throw ApiStatus.BadRequest($"the sandbox does not know field {number} of {message}: add it to its schemas");
            }
        }
    }

    private static void Add(JsonObject json, ProtobufField field, long number, byte[] bytes)
    {
        switch (field.Type)
        {
            case "ignored":
                return;
            case "map" or "quantities":
                var entry = Values(bytes).ToLookup(static value => value.Field, static value => value.Bytes);
                var value = entry[2].LastOrDefault([]);
                json[field.Name] ??= new JsonObject();
                json[field.Name]![Encoding.UTF8.GetString(entry[1].LastOrDefault([]))] = field.Type == "map" ? Encoding.UTF8.GetString(value) : Pair(value).First;
                return;
            case var message when field.Inline:
                AddFields(json, message, bytes);
                return;
        }

        JsonNode read = field.Type switch
        {
            "text" => Encoding.UTF8.GetString(bytes),
            "quantity" => Pair(bytes).First,
            "number" => number,
            "flag" or "optional" => number != 0,
            _ => new JsonObject(),
        };
        if (read is JsonObject inner)
        {
            AddFields(inner, field.Type, bytes);
        }

        if (field.Repeated)
        {
            json[field.Name] ??= new JsonArray();
            json[field.Name]!.AsArray().Add(read);
        }
        else if (read is not JsonObject { Count: 0 } && read.Text() != "" && (field.Type != "flag" || number != 0))
        {
            json[field.Name] = read;
        }
    }

    /// <summary>The first two texts of a message, such as an apiVersion and a kind; empty where they are missing.</summary>
    private static (string First, string Second) Pair(byte[] bytes)
    {
        var texts = Values(bytes).ToLookup(static value => value.Field, static value => Encoding.UTF8.GetString(value.Bytes));
        return (texts[1].LastOrDefault(""), texts[2].LastOrDefault(""));
    }
}
