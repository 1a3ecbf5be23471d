using ClusterTrust.Oidc.Issuer;

namespace ClusterTrust.Oidc.Site;

/// <summary>
/// Which keys are to be published: every key served now, and those no longer served until their retention is over, because tokens
/// they signed are still about.
/// </summary>
/// <param name="Keys">The key set to publish.</param>
/// <param name="State">What to remember of it.</param>
/// <param name="Added">Kids that were not published.</param>
/// <param name="Removed">Kids that were published and no longer are.</param>
/// <param name="Retained">Kids that no API server serves, kept until their retention is over.</param>
/// <param name="Kept">Kids that were published and are served.</param>
internal sealed record KeyRetention(
    JsonWebKeySet Keys,
    PublishedState State,
    IReadOnlyList<string> Added,
    IReadOnlyList<string> Removed,
    IReadOnlyList<string> Retained,
    IReadOnlyList<string> Kept)
{
    // A mark further ahead than clocks differ would keep a key longer than anyone asked for.
    private static readonly TimeSpan ClockDifference = TimeSpan.FromMinutes(5);

    /// <summary>Decides for every key.</summary>
    /// <param name="published">What is published now; empty before the first time.</param>
    /// <param name="served">What the API servers serve.</param>
    /// <param name="memory">What is remembered; a key without an entry counts as gone since now at the earliest.</param>
    /// <param name="options">The retention and the keys to drop.</param>
    /// <param name="now">The time of the run.</param>
    public static KeyRetention Decide(
        JsonWebKeySet published, JsonWebKeySet served, PublishedState memory, SitePlanOptions options, DateTimeOffset now)
    {
        var keys = new List<JsonWebKey>();
        var states = new List<KeyState>();
        var retained = new List<string>();
        foreach (var key in served.Keys)
        {
            keys.Add(key);
            states.Add(memory.Find(key) is { } known
                ? known with { RemovedAt = null }
                : new KeyState(key.Kid, key.Thumbprint, WholeSecond(now), null));
        }

        foreach (var key in published.Keys.Where(key => !served.Contains(key.Kid) && !options.DropKeys.Contains(key.Kid)))
        {
            var known = memory.Find(key);
            var removedAt = known?.RemovedAt is { } mark && mark <= now + ClockDifference ? mark : WholeSecond(now);
            if (options.RetainRemovedKeys <= TimeSpan.Zero || now - removedAt >= options.RetainRemovedKeys)
            {
                continue;
            }

            keys.Add(key);
            states.Add(new KeyState(key.Kid, key.Thumbprint, known?.FirstSeen ?? WholeSecond(now), removedAt));
            retained.Add(key.Kid);
        }

        var result = new JsonWebKeySet(keys);
        return new KeyRetention(
            result,
            new PublishedState(states),
            [.. served.Keys.Where(key => !IsIn(published, key)).Select(key => key.Kid)],
            [.. published.Keys.Where(key => !IsIn(result, key)).Select(key => key.Kid)],
            retained,
            [.. served.Keys.Where(key => IsIn(published, key)).Select(key => key.Kid)]);
    }

    /// <summary>Whether the set has this key, not merely another one of its kid.</summary>
    private static bool IsIn(JsonWebKeySet set, JsonWebKey key) => set.TryGet(key.Kid, out var other) && other.Thumbprint == key.Thumbprint;

    /// <summary>Rounded up, so that no key is removed a fraction of a second early.</summary>
    private static DateTimeOffset WholeSecond(DateTimeOffset time)
    {
        var ticks = time.UtcTicks;
        var rest = ticks % TimeSpan.TicksPerSecond;
        return new DateTimeOffset(rest == 0 ? ticks : ticks - rest + TimeSpan.TicksPerSecond, TimeSpan.Zero);
    }
}
