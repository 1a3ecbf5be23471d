using System.Diagnostics.CodeAnalysis;

namespace ClusterTrust.Oidc.Issuer;

/// <summary>A set of public signing keys, ordered by kid, so that two sets with the same keys are equal however they were written.</summary>
public sealed class JsonWebKeySet : IEquatable<JsonWebKeySet>
{
    private readonly SortedDictionary<string, JsonWebKey> keys = new(StringComparer.Ordinal);

    /// <param name="keys">The keys, in any order.</param>
    /// <exception cref="ArgumentException">Two keys have one kid.</exception>
    public JsonWebKeySet(IEnumerable<JsonWebKey> keys)
    {
        foreach (var key in keys)
        {
            this.keys.Add(key.Kid, key);
        }
    }

    /// <summary>The keys by kid, in ordinal order.</summary>
    public IReadOnlyCollection<JsonWebKey> Keys => keys.Values;

    /// <summary>The key with this kid.</summary>
    public bool TryGet(string kid, [NotNullWhen(true)] out JsonWebKey? key) => keys.TryGetValue(kid, out key);

    /// <summary>Whether there is a key with this kid.</summary>
    public bool Contains(string kid) => keys.ContainsKey(kid);

    /// <inheritdoc/>
    public bool Equals(JsonWebKeySet? other) => other is not null && keys.Values.SequenceEqual(other.keys.Values);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as JsonWebKeySet);

    /// <inheritdoc/>
    public override int GetHashCode() => keys.Keys.Aggregate(keys.Count, HashCode.Combine);
}
