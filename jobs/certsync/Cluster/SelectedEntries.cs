using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ClusterTrust.CertSync.Cluster;

/// <summary>
/// Reads labels and annotations, keeping only the entries that mean something here. The others never become strings: they are the
/// larger part of a listing, and kubectl's last-applied annotation may hold a whole Secret.
/// </summary>
/// <param name="keys">The keys to keep.</param>
internal sealed class SelectedEntries(IReadOnlyList<string> keys) : JsonConverter<ImmutableDictionary<string, string>>
{
    public override ImmutableDictionary<string, string> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException();
        }

        var kept = ImmutableDictionary<string, string>.Empty;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = KeyAt(ref reader);
            reader.Read();
            if (key is not null && reader.TokenType == JsonTokenType.String)
            {
                kept = kept.SetItem(key, reader.GetString()!);
            }
            else if (!reader.TrySkip())
            {
                // Skip would refuse a body that is still arriving, though a converter is only called with its whole value at hand.
                throw new JsonException();
            }
        }

        return kept;
    }

    public override void Write(Utf8JsonWriter writer, ImmutableDictionary<string, string> value, JsonSerializerOptions options) =>
        throw new NotSupportedException();

    private string? KeyAt(ref Utf8JsonReader reader)
    {
        foreach (var key in keys)
        {
            if (reader.ValueTextEquals(key))
            {
                return key;
            }
        }

        return null;
    }
}
