using System.Text.Encodings.Web;
using System.Text.Json.Serialization;

namespace ClusterTrust.Oidc.Site;

/// <summary>
/// The publisher's state: a small JSON file beside the key set, which records for people and the next run since when a
/// key is no longer served. Besides the key set it contains only times and the kids of dropped keys. A seal distinguishes this
/// job's state from one that others changed (<see cref="StateSeal"/>).
/// </summary>
internal sealed class PublishedState(IEnumerable<KeyState> keys, IEnumerable<DroppedKey>? dropped = null, string? seal = null) : IEquatable<PublishedState>
{
    public static PublishedState Empty { get; } = new([]);

    /// <summary>The keys by kid; no kid twice.</summary>
    public IReadOnlyList<KeyState> Keys { get; } = [.. keys.OrderBy(static key => key.Kid, StringComparer.Ordinal)];

    /// <inheritdoc cref="Keys"/>
    public IReadOnlyList<DroppedKey> Dropped { get; } = [.. (dropped ?? []).OrderBy(static key => key.Kid, StringComparer.Ordinal)];

    public DateTimeOffset? DroppedAt(string kid) => Dropped.FirstOrDefault(key => key.Kid == kid)?.DroppedAt;

    /// <summary>Whether the file was written with this seal for this issuer and is unchanged.</summary>
    public bool IsSealedBy(StateSeal by, string issuer) => seal is not null && by.Matches(Write(issuer), seal);

    /// <summary>The state of this key; null if there is none, or if it is of another key with the same kid, or of the key with another algorithm.</summary>
    public KeyState? Find(JsonWebKey key) => Keys.FirstOrDefault(state => state.Kid == key.Kid && state.Thumbprint == key.Thumbprint && (state.Alg ?? key.Alg) == key.Alg);

    /// <returns>Null if it is not a state file of a known schema.</returns>
    public static PublishedState? Parse(ReadOnlyMemory<byte> utf8)
    {
        PublishedState? state = null;
        StrictJson.Read(utf8, root => state = Read(root));
        return state;
    }

    /// <inheritdoc cref="Parse"/>
    public static PublishedState? Read(JsonElement root)
    {
        try
        {
            var file = root.Deserialize(StateFileJson.Canonical.StateFile);
            return file is { SchemaVersion: StateFile.Version } && AreDistinct(file.Keys, static key => key.Kid) && AreDistinct(file.Dropped ?? [], static key => key.Kid)
                ? new PublishedState(file.Keys, file.Dropped, file.Seal)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <param name="by">Seals it; null leaves it unsealed.</param>
    public byte[] Write(string issuer, StateSeal? by = null)
    {
        var file = new StateFile(StateFile.Version, Keys, "clustertrust-oidc", issuer, Dropped.Count > 0 ? Dropped : null);
        return StateFileJson.Write(by is null ? file : file with { Seal = by.Of(StateFileJson.Write(file)) });
    }

    public bool Equals(PublishedState? other) => other is not null && Keys.SequenceEqual(other.Keys) && Dropped.SequenceEqual(other.Dropped);

    public override bool Equals(object? obj) => Equals(obj as PublishedState);

    public override int GetHashCode() => Keys.Aggregate(0, HashCode.Combine);

    private static bool AreDistinct<T>(IReadOnlyList<T?> entries, Func<T, string> kid) where T : class =>
        entries.All(static entry => entry is not null) && entries.DistinctBy(entry => kid(entry!)).Count() == entries.Count;
}

/// <summary>The state file. Its bytes are sealed: within a version, members keep their order, and a new one is null, which is not written, where an earlier release wrote the state.</summary>
/// <param name="Dropped">Null where there are none.</param>
internal sealed record StateFile(
    [property: JsonPropertyOrder(-4)] int SchemaVersion,
    IReadOnlyList<KeyState> Keys,
    [property: JsonPropertyOrder(-3)] string? MadeBy = null,
    [property: JsonPropertyOrder(-2)] string? Issuer = null,
    IReadOnlyList<DroppedKey>? Dropped = null,
    string? Seal = null)
{
    public const int Version = 1;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    WriteIndented = true,
    NewLine = "\n",
    Converters = [typeof(StateTimeConverter)])]
[JsonSerializable(typeof(StateFile))]
internal sealed partial class StateFileJson : JsonSerializerContext
{
    /// <summary>In the style of <see cref="CanonicalJson"/>.</summary>
    public static StateFileJson Canonical => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, TypeInfoResolver = null });

    public static byte[] Write(StateFile file) => [.. JsonSerializer.SerializeToUtf8Bytes(file, Canonical.StateFile), (byte)'\n'];
}

/// <summary>Times in whole seconds of UTC, such as <c>2026-11-24T12:00:00Z</c>.</summary>
internal sealed class StateTimeConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String
        && DateTimeOffset.TryParseExact(reader.GetString(), Sentence.TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw new JsonException($"A time is not in the format {Sentence.TimeFormat}.");

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(Sentence.Time(value));
}

/// <summary>The state of one published key.</summary>
/// <param name="Thumbprint">The RFC 7638 thumbprint; another key with the same kid is a different key.</param>
/// <param name="FirstSeen">When this job first saw the key, UTC, whole seconds.</param>
/// <param name="RemovedAt">When no API server served it any more, UTC, whole seconds; null while one does.</param>
/// <param name="Alg">The algorithm, which the thumbprint does not cover; null where an earlier release wrote the state.</param>
internal sealed record KeyState(string Kid, string Thumbprint, DateTimeOffset FirstSeen, DateTimeOffset? RemovedAt = null, string? Alg = null)
{
    public static KeyState Of(JsonWebKey key, DateTimeOffset firstSeen, DateTimeOffset? removedAt = null) =>
        new(key.Kid, key.Thumbprint, firstSeen, removedAt, key.Alg);

    /// <summary>Why this cannot be the history of a served key, as a clause that follows "and"; null if it can.</summary>
    public string? FaultOf(DateTimeOffset now) =>
        FirstSeen - now > TokenRules.ClockDifference ? $"the state file has it first seen in the future ({Sentence.Time(FirstSeen)}){ByClock(now)}"
        : RemovedAt is { } removed && removed - now > TokenRules.ClockDifference ? $"the state file has it removed in the future ({Sentence.Time(removed)}){ByClock(now)}"
        : RemovedAt < FirstSeen ? "the state file has it removed before it was first seen"
        : null;

    // Clocks that differ are a more likely cause than an attacker.
    private static string ByClock(DateTimeOffset now) => $" by the API server's clock, or this run's ({Sentence.Time(now)}), which may be wrong";
}

/// <summary>A key that <c>--drop-key</c> removed. It is never published again, whatever the repository contains.</summary>
/// <param name="DroppedAt">When, UTC, whole seconds.</param>
internal sealed record DroppedKey(string Kid, DateTimeOffset DroppedAt);
