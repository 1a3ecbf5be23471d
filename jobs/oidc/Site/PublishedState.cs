using System.Globalization;
using System.Text.Json;
using ClusterTrust.Oidc.Issuer;

namespace ClusterTrust.Oidc.Site;

/// <summary>
/// The memory of the publisher: a small JSON file beside the key set, for people to read and for the next run to know since when a
/// key is gone. It holds nothing that the key set does not say, except for times and the kids of dropped keys. A seal over it tells this
/// job's own state from an edited one (<see cref="StateSeal"/>).
/// </summary>
public sealed class PublishedState : IEquatable<PublishedState>
{
    private const int SchemaVersion = 1;
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    private readonly SortedDictionary<string, KeyState> keys = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, DroppedKey> dropped = new(StringComparer.Ordinal);
    private readonly string? seal;

    /// <param name="keys">One entry a kid.</param>
    /// <param name="dropped">Keys that were dropped, one entry a kid.</param>
    public PublishedState(IEnumerable<KeyState> keys, IEnumerable<DroppedKey>? dropped = null)
        : this(keys, dropped ?? [], seal: null)
    {
    }

    private PublishedState(IEnumerable<KeyState> keys, IEnumerable<DroppedKey> dropped, string? seal)
    {
        foreach (var key in keys)
        {
            this.keys.Add(key.Kid, key);
        }

        foreach (var key in dropped)
        {
            this.dropped.Add(key.Kid, key);
        }

        this.seal = seal;
    }

    /// <summary>A memory of nothing.</summary>
    public static PublishedState Empty { get; } = new([]);

    /// <summary>The entries by kid.</summary>
    public IReadOnlyCollection<KeyState> Keys => keys.Values;

    /// <summary>The keys that were dropped, by kid.</summary>
    public IReadOnlyCollection<DroppedKey> Dropped => dropped.Values;

    /// <summary>When a kid was dropped, or null.</summary>
    public DateTimeOffset? DroppedAt(string kid) => dropped.TryGetValue(kid, out var entry) ? entry.DroppedAt : null;

    /// <summary>Whether the file was written by the holder of this seal for this issuer, and by nobody since.</summary>
    public bool IsSealedBy(StateSeal by, string issuer) => seal is not null && by.Matches(Write(issuer), seal);

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
            var drops = document.RootElement.TryGetProperty("dropped", out var dropped)
                ? dropped.ValueKind == JsonValueKind.Array ? dropped.EnumerateArray().Select(Drop).ToArray() : [null]
                : [];
            return entries.Any(entry => entry is null) || entries.DistinctBy(entry => entry!.Kid).Count() != entries.Length
                || drops.Any(drop => drop is null) || drops.DistinctBy(drop => drop!.Kid).Count() != drops.Length
                ? null
                : new PublishedState(entries!, drops!, Text(document.RootElement, "seal"));
        }
    }

    /// <summary>The file, UTF-8.</summary>
    /// <param name="issuer">For people who read it.</param>
    /// <param name="by">Seals it; null leaves it unsealed.</param>
    public byte[] Write(string issuer, StateSeal? by = null)
    {
        var content = WriteWith(issuer, seal: null);
        return by is null ? content : WriteWith(issuer, by.Of(content));
    }

    private byte[] WriteWith(string issuer, string? seal) => CanonicalJson.Write(writer =>
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
        if (dropped.Count > 0)
        {
            writer.WriteStartArray("dropped");
            foreach (var key in Dropped)
            {
                writer.WriteStartObject();
                writer.WriteString("kid", key.Kid);
                writer.WriteString("droppedAt", Format(key.DroppedAt));
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        if (seal is not null)
        {
            writer.WriteString("seal", seal);
        }
    });

    /// <inheritdoc/>
    public bool Equals(PublishedState? other) => other is not null && Keys.SequenceEqual(other.Keys) && Dropped.SequenceEqual(other.Dropped);

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

    private static DroppedKey? Drop(JsonElement entry) =>
        entry.ValueKind == JsonValueKind.Object && Text(entry, "kid") is { Length: > 0 } kid && Time(entry, "droppedAt") is { } at
            ? new DroppedKey(kid, at)
            : null;

    private static string? Text(JsonElement entry, string name) =>
        entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static DateTimeOffset? Time(JsonElement entry, string name) =>
        DateTimeOffset.TryParseExact(
            Text(entry, name), TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
