using System.Text;
using System.Text.Json.Nodes;

namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>
/// Reads <c>application/vnd.kubernetes.protobuf</c>, the form in which <c>kubectl create</c> sends objects: the bytes <c>k8s\0</c>, then a
/// <c>runtime.Unknown</c> that holds the kind and the message.
/// </summary>
internal static class ProtobufBody
{
    public const string ContentType = "application/vnd.kubernetes.protobuf";

    private static readonly Dictionary<int, ProtobufField> TypeMeta = new() { [1] = new("apiVersion"), [2] = new("kind") };
    private static readonly Dictionary<int, ProtobufField> QuantityMessage = new() { [1] = new("string") };

    /// <summary>The body as JSON, or null when it is no such message or of a kind that is only taken as JSON.</summary>
    public static JsonObject? Read(ReadOnlySpan<byte> body)
    {
        if (!body.StartsWith("k8s\0"u8))
        {
            return null;
        }

        var json = new JsonObject();
        ReadOnlySpan<byte> raw = default;
        var reader = new ProtobufReader(body[4..]);
        while (reader.Next(out var number))
        {
            switch (number)
            {
                case 1:
                    json = Message(reader.Bytes, TypeMeta);
                    break;
                case 2:
                    raw = reader.Bytes;
                    break;
                default:
                    break;
            }
        }

        if (reader.IsBroken || ProtobufSchemas.Find(json.Text("kind") ?? "") is not { } schema)
        {
            return null;
        }

        foreach (var (name, value) in Message(raw, schema))
        {
            json[name] = value?.DeepClone();
        }

        return json;
    }

    private static JsonObject Message(ReadOnlySpan<byte> bytes, IReadOnlyDictionary<int, ProtobufField> fields)
    {
        var message = new JsonObject();
        var reader = new ProtobufReader(bytes);
        while (reader.Next(out var number))
        {
            if (fields.TryGetValue(number, out var field))
            {
                Add(message, field, reader);
            }
        }

        return message;
    }

    private static void Add(JsonObject message, ProtobufField field, ProtobufReader reader)
    {
        if (field.Kind == ProtobufKind.Embedded)
        {
            foreach (var (name, inner) in Message(reader.Bytes, field.Message!))
            {
                message[name] = inner?.DeepClone();
            }

            return;
        }

        if (field.Kind is ProtobufKind.TextMap or ProtobufKind.QuantityMap)
        {
            if (message[field.Name] is not JsonObject map)
            {
                map = [];
                message[field.Name] = map;
            }

            AddEntry(map, field.Kind, reader.Bytes);
            return;
        }

        if (field.Kind == ProtobufKind.Switch && reader.Number == 0)
        {
            return;
        }

        JsonNode value = field.Kind switch
        {
            ProtobufKind.Number => JsonValue.Create((long)reader.Number),
            ProtobufKind.Flag or ProtobufKind.Switch => JsonValue.Create(reader.Number != 0),
            ProtobufKind.Quantity => Quantity(reader.Bytes),
            ProtobufKind.Message => Message(reader.Bytes, field.Message!),
            _ => JsonValue.Create(Encoding.UTF8.GetString(reader.Bytes)),
        };
        if (field.Repeated)
        {
            if (message[field.Name] is not JsonArray items)
            {
                items = [];
                message[field.Name] = items;
            }

            items.Add(value);
        }
        else if (value is not JsonObject { Count: 0 } && value.Text() != "")
        {
            // Go writes every string and struct, also the empty ones that JSON leaves out.
            message[field.Name] = value;
        }
    }

    private static void AddEntry(JsonObject map, ProtobufKind kind, ReadOnlySpan<byte> entry)
    {
        var (key, value) = ("", "");
        var reader = new ProtobufReader(entry);
        while (reader.Next(out var number))
        {
            if (number == 1)
            {
                key = Encoding.UTF8.GetString(reader.Bytes);
            }
            else if (number == 2)
            {
                value = kind == ProtobufKind.QuantityMap ? Quantity(reader.Bytes) : Encoding.UTF8.GetString(reader.Bytes);
            }
        }

        map[key] = value;
    }

    private static string Quantity(ReadOnlySpan<byte> bytes) => Message(bytes, QuantityMessage).Text("string") ?? "";
}
