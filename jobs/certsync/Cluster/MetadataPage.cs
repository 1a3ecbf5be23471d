using System.Text.Json.Serialization;

namespace ClusterTrust.CertSync.Cluster;

/// <summary>A page of a <c>PartialObjectMetadataList</c> (meta.k8s.io/v1).</summary>
/// <remarks>A response without either property is not a list: read as an empty one, it would cause certificates to be pruned.</remarks>
/// <param name="Items">The objects; the API server writes <c>null</c> for an empty page.</param>
internal sealed record MetadataPage(
    [property: JsonRequired] MetadataPage.ListMeta? Metadata,
    [property: JsonRequired] IReadOnlyList<MetadataPage.Item?>? Items)
{
    internal sealed record ListMeta(string? Continue);

    internal sealed record Item(ObjectMeta? Metadata);

    internal sealed record ObjectMeta(
        string? Name,
        string? Namespace,
        string? Uid,
        string? ResourceVersion,
        DateTimeOffset? CreationTimestamp,
        ImmutableDictionary<string, string>? Labels,
        ImmutableDictionary<string, string>? Annotations);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(MetadataPage))]
internal sealed partial class ClusterJson : JsonSerializerContext
{
    /// <summary>A context that keeps only labels and annotations with these keys.</summary>
    public static ClusterJson ForKeys(IReadOnlyList<string> keys) =>
        new(new JsonSerializerOptions(Default.Options) { Converters = { new SelectedEntries(keys) }, TypeInfoResolver = null });
}

/// <summary>
/// Reads labels and annotations, keeping only the given keys. The others never become strings: they are the larger part of a listing,
/// and kubectl's last-applied annotation may contain a whole Secret.
/// </summary>
internal sealed class SelectedEntries(IReadOnlyList<string> keys) : JsonConverter<ImmutableDictionary<string, string>>
{
    /// <summary>
    /// Replaces every value longer than <see cref="Annotations.MaximumLength"/>, and is itself too long: what a tenant writes there, up
    /// to 256 KiB a Secret, is neither kept nor shown.
    /// </summary>
    private static string TooLong { get; } = new('.', Annotations.MaximumLength + 1);

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
                // Skip throws on a partial body, although a converter is only called with its whole value.
                throw new JsonException();
            }
        }

        return kept;
    }

    public override void Write(Utf8JsonWriter writer, ImmutableDictionary<string, string> value, JsonSerializerOptions options) =>
        throw new NotSupportedException();

    /// <summary>Bytes of the value; of its escaped form if that has more than six bytes for each that may be kept.</summary>
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
