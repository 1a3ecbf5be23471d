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

    /// <summary>The body as JSON, or null when it is no such message or of a kind that is only taken as JSON.</summary>
    /// <exception cref="StatusException">400: it has a field that the schemas lack.</exception>
    public static JsonObject? Read(ReadOnlySpan<byte> body)
    {
        if (!body.StartsWith("k8s\0"u8))
        {
            return null;
        }

        var (apiVersion, kind) = ("", "");
        ReadOnlySpan<byte> raw = default;
        var reader = new ProtobufReader(body[4..]);
        while (reader.Next(out var number))
        {
            if (number == 1)
            {
                Pair(reader.Bytes, out var first, out var second);
                (apiVersion, kind) = (Encoding.UTF8.GetString(first), Encoding.UTF8.GetString(second));
            }
            else if (number == 2)
            {
                raw = reader.Bytes;
            }
        }

        if (reader.IsBroken || !ProtobufSchemas.Has(kind))
        {
            return null;
        }

        var json = new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = kind };
        AddFields(json, kind, raw);
        return json;
    }

    private static void AddFields(JsonObject json, string message, ReadOnlySpan<byte> bytes)
    {
        var reader = new ProtobufReader(bytes);
        while (reader.Next(out var number))
        {
            if (ProtobufSchemas.Find(message, number) is { } field)
            {
                Add(json, field, reader);
            }
            else if (reader.Number != 0 || reader.Bytes.Length > 0)
            {
                // Go writes every string, struct and number that is no pointer, also the empty ones; anything else would be lost.
                throw new StatusException(ApiStatus.BadRequest($"the sandbox does not know field {number} of {message}: add it to its schemas"));
            }
        }
    }

    private static void Add(JsonObject json, ProtobufField field, ProtobufReader reader)
    {
        switch (field.Type)
        {
            case "ignored":
                return;
            case "map" or "quantities":
                Pair(reader.Bytes, out var key, out var entry);
                json[field.Name] ??= new JsonObject();
                json[field.Name]![Encoding.UTF8.GetString(key)] = field.Type == "map" ? Encoding.UTF8.GetString(entry) : Quantity(entry);
                return;
            case var message when field.Inline:
                AddFields(json, message, reader.Bytes);
                return;
        }

        JsonNode value = field.Type switch
        {
            "text" => Encoding.UTF8.GetString(reader.Bytes),
            "quantity" => Quantity(reader.Bytes),
            "number" => (long)reader.Number,
            "flag" or "optional" => reader.Number != 0,
            _ => new JsonObject(),
        };
        if (value is JsonObject inner)
        {
            AddFields(inner, field.Type, reader.Bytes);
        }

        if (field.Repeated)
        {
            json[field.Name] ??= new JsonArray();
            json[field.Name]!.AsArray().Add(value);
        }
        else if (value is not JsonObject { Count: 0 } && value.Text() != "" && (field.Type != "flag" || reader.Number != 0))
        {
            json[field.Name] = value;
        }
    }

    /// <summary>The first two values of a message: an entry of a map, or an apiVersion and a kind.</summary>
    private static void Pair(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> first, out ReadOnlySpan<byte> second)
    {
        first = second = default;
        var reader = new ProtobufReader(bytes);
        while (reader.Next(out var number))
        {
            if (number == 1)
            {
                first = reader.Bytes;
            }
            else if (number == 2)
            {
                second = reader.Bytes;
            }
        }
    }

    private static string Quantity(ReadOnlySpan<byte> bytes)
    {
        Pair(bytes, out var text, out _);
        return Encoding.UTF8.GetString(text);
    }
}
