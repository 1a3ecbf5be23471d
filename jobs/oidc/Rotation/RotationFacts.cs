namespace ClusterTrust.Oidc.Rotation;

/// <summary>Everything that determines the status of a key rotation.</summary>
/// <param name="Servers">Every API server of the cluster; at least one.</param>
/// <param name="Site">The key set that the clouds fetch.</param>
/// <param name="TokenLifetime">The longest lifetime of a ServiceAccount token for a cloud; at least 10 minutes, the shortest that can be requested.</param>
internal sealed record RotationFacts(IReadOnlyList<ApiServerFacts> Servers, PublicFacts Site, TimeSpan TokenLifetime, DateTimeOffset Now)
{
    /// <summary>Every key that an API server serves, by kid.</summary>
    public IReadOnlyList<JsonWebKey> ServedKeys { get; } =
        [.. Servers.SelectMany(static server => server.Keys.Keys).DistinctBy(static key => key.Kid).OrderBy(static key => key.Kid, StringComparer.Ordinal)];

    /// <summary>The kids that sign new tokens: one, or more while the API servers are switched one after the other.</summary>
    public IReadOnlyList<string> SigningKids { get; } = [.. Servers.Select(static server => server.SigningKid).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The addresses of some API servers, for a sentence; null for none.</summary>
    public string? Addresses(Func<ApiServerFacts, bool> which) =>
        Servers.Where(which).Select(static server => server.Server).ToArray() is { Length: > 0 } found ? string.Join(", ", found) : null;
}

/// <param name="Keys">The keys whose tokens it accepts.</param>
/// <param name="SigningKid">The key that signed a token which it issued just now.</param>
/// <param name="StartedAt">
/// When its process started, UTC, read after <paramref name="SigningKid"/>: it has signed with this key, and no other, since then, because
/// kube-apiserver reads its key files when it starts. Null when that is not known.
/// </param>
internal sealed record ApiServerFacts(string Server, JsonWebKeySet Keys, string SigningKid, DateTimeOffset? StartedAt);

/// <param name="LastModified">When the site last deployed it (HTTP's <c>Last-Modified</c>), or null.</param>
/// <param name="MaxAge">How long a cache may serve it (<c>max-age</c>), or null.</param>
/// <param name="State">The state file beside it, or null when there is none that can be read.</param>
internal sealed record PublicFacts(JsonWebKeySet Keys, DateTimeOffset? LastModified, TimeSpan? MaxAge, PublishedState? State)
{
    /// <summary>Whether exactly this key is public, for the same algorithm.</summary>
    public bool Has(JsonWebKey key) => Keys.TryGet(key.Kid, out var published) && published == key;

    /// <summary>
    /// Since when a public key is public at the latest: the later one of the site's deployment and of the run that published the key.
    /// Null when the site does not send it.
    /// </summary>
    public DateTimeOffset? Since(JsonWebKey key) => LastModified is { } deployed && FirstSeen(key) is { } seen && seen > deployed ? seen : LastModified;

    /// <summary>When a run of oidc first saw the key, or null.</summary>
    public DateTimeOffset? FirstSeen(JsonWebKey key) => State?.Find(key)?.FirstSeen;
}
