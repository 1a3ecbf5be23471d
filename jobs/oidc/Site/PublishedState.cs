using System.Globalization;
using System.Text.Json;
using ClusterTrust.Oidc.Issuer;

namespace ClusterTrust.Oidc.Site;

/// <summary>
/// The publisher's state: a small JSON file beside the key set, which tells people and the next run since when a
/// key is no longer served. Besides the key set it contains only times and the kids of dropped keys. A seal distinguishes this
/// job's state from one that others changed (<see cref="StateSeal"/>).
/// </summary>
internal sealed class PublishedState : IEquatable<PublishedState>
{
    private const int SchemaVersion = 1;
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    private readonly SortedDictionary<string, KeyState> _keys = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, DroppedKey> _dropped = new(StringComparer.Ordinal);
    private readonly string? _seal;

    public PublishedState(IEnumerable<KeyState> keys, IEnumerable<DroppedKey>? dropped = null, string? seal = null)
    {
        foreach (var key in keys)
        {
            _keys.Add(key.Kid, key);
        }

        foreach (var key in dropped ?? [])
        {
            _dropped.Add(key.Kid, key);
        }

        _seal = seal;
    }

    public static PublishedState Empty { get; } = new([]);

    public IReadOnlyCollection<KeyState> Keys => _keys.Values;

    public IReadOnlyCollection<DroppedKey> Dropped => _dropped.Values;

    public DateTimeOffset? DroppedAt(string kid) => _dropped.TryGetValue(kid, out var entry) ? entry.DroppedAt : null;

    /// <summary>Whether the file was written with this seal for this issuer and is unchanged.</summary>
    public bool IsSealedBy(StateSeal by, string issuer) => _seal is not null && by.Matches(Write(issuer), _seal);

    /// <summary>The state of this key; null if there is none, or if it is of another key with the same kid.</summary>
    public KeyState? Find(JsonWebKey key) =>
        _keys.TryGetValue(key.Kid, out var state) && state.Thumbprint == key.Thumbprint ? state : null;

    /// <returns>Null if it is not a state file of a known schema.</returns>
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
                : new PublishedState(entries!, drops!, StrictJson.TextOf(document.RootElement, "seal"));
        }
    }

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
        if (_dropped.Count > 0)
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

    public bool Equals(PublishedState? other) => other is not null && Keys.SequenceEqual(other.Keys) && Dropped.SequenceEqual(other.Dropped);

    public override bool Equals(object? obj) => Equals(obj as PublishedState);

    public override int GetHashCode() => Keys.Aggregate(0, HashCode.Combine);

    /// <summary>Formats a time for the file and the status page.</summary>
    internal static string Format(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    private static KeyState? Entry(JsonElement entry)
    {
        if (entry.ValueKind != JsonValueKind.Object
            || StrictJson.TextOf(entry, "kid") is not { Length: > 0 } kid
            || StrictJson.TextOf(entry, "thumbprint") is not { Length: > 0 } thumbprint
            || Time(entry, "firstSeen") is not { } firstSeen)
        {
            return null;
        }

        var removedAt = Time(entry, "removedAt");
        return removedAt is null && entry.TryGetProperty("removedAt", out _) ? null : new KeyState(kid, thumbprint, firstSeen, removedAt);
    }

    private static DroppedKey? Drop(JsonElement entry) =>
        entry.ValueKind == JsonValueKind.Object && StrictJson.TextOf(entry, "kid") is { Length: > 0 } kid && Time(entry, "droppedAt") is { } at
            ? new DroppedKey(kid, at)
            : null;

    private static DateTimeOffset? Time(JsonElement entry, string name) =>
        DateTimeOffset.TryParseExact(
            StrictJson.TextOf(entry, name), TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}

/// <summary>The state of one published key.</summary>
/// <param name="Thumbprint">The RFC 7638 thumbprint; another key with the same kid is a different key.</param>
/// <param name="FirstSeen">When this job first saw the key, UTC, whole seconds.</param>
/// <param name="RemovedAt">When no API server served it any more, UTC, whole seconds; null while one does.</param>
internal sealed record KeyState(string Kid, string Thumbprint, DateTimeOffset FirstSeen, DateTimeOffset? RemovedAt)
{
    // The tolerance for clocks that differ.
    private static readonly TimeSpan ClockDifference = TimeSpan.FromMinutes(5);

    /// <summary>Why this cannot be the history of a served key, as a clause that follows "and"; null if it can.</summary>
    public string? FaultOf(DateTimeOffset now) =>
        FirstSeen > now + ClockDifference ? $"the state file has it first seen in the future ({PublishedState.Format(FirstSeen)})"
        : RemovedAt > now + ClockDifference ? $"the state file has it removed in the future ({PublishedState.Format(RemovedAt.Value)})"
        : RemovedAt < FirstSeen ? "the state file has it removed before it was first seen"
        : null;
}

/// <summary>A key that <c>--drop-key</c> removed. It is never published again, whatever the repository holds.</summary>
/// <param name="DroppedAt">When, UTC, whole seconds.</param>
internal sealed record DroppedKey(string Kid, DateTimeOffset DroppedAt);
