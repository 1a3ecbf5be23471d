using System.Diagnostics.CodeAnalysis;

namespace ClusterTrust.Oidc.Issuer;

/// <summary>A set of public signing keys, ordered by kid, so that two sets with the same keys are equal however they were written.</summary>
internal sealed record JsonWebKeySet
{
    private readonly SortedDictionary<string, JsonWebKey> _keys;

    /// <exception cref="ArgumentException">Two keys have one kid.</exception>
    public JsonWebKeySet(IEnumerable<JsonWebKey> keys) => _keys = new(keys.ToDictionary(static key => key.Kid), StringComparer.Ordinal);

    /// <summary>The keys by kid, in ordinal order.</summary>
    public IReadOnlyCollection<JsonWebKey> Keys => _keys.Values;

    public bool TryGet(string kid, [NotNullWhen(true)] out JsonWebKey? key) => _keys.TryGetValue(kid, out key);

    public bool Contains(string kid) => _keys.ContainsKey(kid);

    public bool Equals(JsonWebKeySet? other) => other is not null && _keys.Values.SequenceEqual(other._keys.Values);

    public override int GetHashCode() => _keys.Keys.Aggregate(_keys.Count, HashCode.Combine);
}
