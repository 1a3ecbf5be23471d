using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using ClusterTrust.CertSync.Planning;

namespace ClusterTrust.CertSync.Cluster;

/// <summary>
/// Reads labels and annotations, keeping only the entries that mean something here. The others never become strings: they are the
/// larger part of a listing, and kubectl's last-applied annotation may hold a whole Secret.
/// </summary>
/// <param name="keys">The keys to keep.</param>
internal sealed class SelectedEntries(IReadOnlyList<string> keys) : JsonConverter<ImmutableDictionary<string, string>>
{
    /// <summary>
    /// Stands for every value that is longer than <see cref="Annotations.MaximumLength"/>, and is so itself: what a tenant writes there,
    /// up to 256 KiB a Secret, is neither kept nor shown.
    /// </summary>
    internal static string TooLong { get; } = new('.', Annotations.MaximumLength + 1);

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
                kept = kept.SetItem(key, LengthOf(ref reader) > Annotations.MaximumLength ? TooLong : reader.GetString()!);
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

    /// <summary>Bytes of the value, or of its escaped form where that alone is beyond six bytes for each that may be kept.</summary>
    private static long LengthOf(ref Utf8JsonReader reader)
    {
        const int longestEscaped = 6 * Annotations.MaximumLength;
        var length = reader.HasValueSequence ? reader.ValueSequence.Length : reader.ValueSpan.Length;
        if (!reader.ValueIsEscaped || length is <= Annotations.MaximumLength or > longestEscaped)
        {
            return length;
        }

        Span<byte> value = stackalloc byte[longestEscaped];
        return reader.CopyString(value);
    }

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
