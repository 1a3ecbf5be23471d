using System.Globalization;
using System.Text.Json;
using ClusterTrust.Oidc.Issuer;

namespace ClusterTrust.Oidc.Site;

/// <summary>
/// The memory of the publisher: a small JSON file beside the key set, for people to read and for the next run to know since when a
/// key is gone. It holds nothing that the key set does not say, except for times.
/// </summary>
public sealed class PublishedState : IEquatable<PublishedState>
{
    private const int SchemaVersion = 1;
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    private readonly SortedDictionary<string, KeyState> keys = new(StringComparer.Ordinal);

    /// <param name="keys">One entry a kid.</param>
    public PublishedState(IEnumerable<KeyState> keys)
    {
        foreach (var key in keys)
        {
            this.keys.Add(key.Kid, key);
        }
    }

    /// <summary>A memory of nothing.</summary>
    public static PublishedState Empty { get; } = new([]);

    /// <summary>The entries by kid.</summary>
    public IReadOnlyCollection<KeyState> Keys => keys.Values;

    /// <summary>What is remembered of this key, or null when there is nothing or it is about another key of the same kid.</summary>
    public KeyState? Find(JsonWebKey key) =>
        keys.TryGetValue(key.Kid, out var state) && state.Thumbprint == key.Thumbprint ? state : null;

    /// <summary>Reads the file.</summary>
    /// <returns>Null when it is not a state file of a known schema; nothing may be concluded from it then.</returns>
    public static PublishedState? Parse(ReadOnlyMemory<byte> utf8)
    {
        if (!StrictJson.TryParse(utf8, out var document, out _))
        {
            return null;
        }

        using (document)
        {
            if (!document.RootElement.TryGetProperty("schemaVersion", out var version)
                || version.ValueKind != JsonValueKind.Number || !version.TryGetInt32(out var number) || number != SchemaVersion
                || !document.RootElement.TryGetProperty("keys", out var list) || list.ValueKind != JsonValueKind.Array)
            {
                return null;
            }

            var entries = list.EnumerateArray().Select(Entry).ToArray();
            return entries.Any(entry => entry is null) || entries.DistinctBy(entry => entry!.Kid).Count() != entries.Length
                ? null
                : new PublishedState(entries!);
        }
    }

    /// <summary>The file, UTF-8.</summary>
    /// <param name="issuer">For people who read it.</param>
    public byte[] Write(string issuer) => CanonicalJson.Write(writer =>
    {
        writer.WriteNumber("schemaVersion", SchemaVersion);
        writer.WriteString("madeBy", "clustertrust-oidc");
        writer.WriteString("issuer", issuer);
        writer.WriteStartArray("keys");
        foreach (var key in Keys)
        {
            writer.WriteStartObject();
            writer.WriteString("kid", key.Kid);
            writer.WriteString("thumbprint", key.Thumbprint);
            writer.WriteString("firstSeen", Format(key.FirstSeen));
            if (key.RemovedAt is { } removedAt)
            {
                writer.WriteString("removedAt", Format(removedAt));
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });

    /// <inheritdoc/>
    public bool Equals(PublishedState? other) => other is not null && Keys.SequenceEqual(other.Keys);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PublishedState);

    /// <inheritdoc/>
    public override int GetHashCode() => Keys.Aggregate(0, HashCode.Combine);

    /// <summary>A time as it stands in the file and on the status page.</summary>
    internal static string Format(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    private static KeyState? Entry(JsonElement entry)
    {
        if (entry.ValueKind != JsonValueKind.Object
            || Text(entry, "kid") is not { Length: > 0 } kid
            || Text(entry, "thumbprint") is not { Length: > 0 } thumbprint
            || Time(entry, "firstSeen") is not { } firstSeen)
        {
            return null;
        }

        var removedAt = Time(entry, "removedAt");
        return removedAt is null && entry.TryGetProperty("removedAt", out _) ? null : new KeyState(kid, thumbprint, firstSeen, removedAt);
    }

    private static string? Text(JsonElement entry, string name) =>
        entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static DateTimeOffset? Time(JsonElement entry, string name) =>
        DateTimeOffset.TryParseExact(
            Text(entry, name), TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
