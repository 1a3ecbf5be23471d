using ClusterTrust.Oidc.Issuer;

namespace ClusterTrust.Oidc.Site;

/// <summary>
/// Which keys are to be published: every key served now, and those no longer served until their retention is over, because tokens
/// they signed are still in use. Nothing else, whatever the repository holds.
/// </summary>
/// <param name="Keys">The key set to publish.</param>
/// <param name="State">What to remember of it.</param>
/// <param name="Added">Kids that were not published.</param>
/// <param name="Removed">Kids that were published and no longer are.</param>
/// <param name="Retained">Kids that no API server serves, kept until their retention is over.</param>
/// <param name="Kept">Kids that were published and are served.</param>
/// <param name="Unknown">Published keys that no API server serves and whose history is not believed.</param>
/// <param name="PutBack">Kids that were dropped earlier and are in the published set again.</param>
internal sealed record KeyRetention(
    JsonWebKeySet Keys,
    PublishedState State,
    IReadOnlyList<string> Added,
    IReadOnlyList<string> Removed,
    IReadOnlyList<string> Retained,
    IReadOnlyList<string> Kept,
    IReadOnlyList<UnknownKey> Unknown,
    IReadOnlyList<string> PutBack)
{
    // The latest drops; a state file stays far below the size that is read.
    private const int MaxDropped = 200;

    /// <summary>Decides for every key.</summary>
    /// <param name="published">What is published now; empty before the first time.</param>
    /// <param name="served">What the API servers serve.</param>
    /// <param name="memory">What is remembered.</param>
    /// <param name="isBelieved">Whether the memory is known to be this job's own.</param>
    /// <param name="options">The retention and the keys to drop.</param>
    /// <param name="now">The time of the run.</param>
    public static KeyRetention Decide(
        JsonWebKeySet published, JsonWebKeySet served, PublishedState memory, bool isBelieved, SitePlanOptions options, DateTimeOffset now)
    {
        var time = WholeSecond(now);
        var keys = new List<JsonWebKey>();
        var states = new List<KeyState>();
        var retained = new List<string>();
        var unknown = new List<UnknownKey>();
        var putBack = new List<string>();
        foreach (var key in served.Keys)
        {
            keys.Add(key);
            states.Add(memory.Find(key) is { } known && known.FaultOf(now) is null
                ? known with { RemovedAt = null }
                : new KeyState(key.Kid, key.Thumbprint, time, null));
        }

        foreach (var key in published.Keys.Where(key => !served.Contains(key.Kid)))
        {
            var dropped = memory.DroppedAt(key.Kid) is not null;
            if (dropped || options.DropKeys.Contains(key.Kid))
            {
                if (dropped)
                {
                    putBack.Add(key.Kid);
                }

                continue;
            }

            var known = memory.Find(key);

            // A state that has the retention as over needs no belief: the key is removed.
            var reason = known is null ? "the state file does not know it"
                : now - known.RemovedAt >= options.RetainRemovedKeys ? null
                : known.FaultOf(now) ?? (isBelieved ? null : "the state file was edited by somebody else (it does not carry this job's seal)");
            if (reason is not null)
            {
                unknown.Add(new UnknownKey(key.Kid, reason));
            }

            // Whoever accepts an unknown key has it kept from now on.
            var removedAt = reason is null && known!.RemovedAt is { } removed ? removed : time;
            if (options.RetainRemovedKeys > TimeSpan.Zero && now - removedAt < options.RetainRemovedKeys)
            {
                keys.Add(key);
                states.Add(new KeyState(key.Kid, key.Thumbprint, reason is null ? known!.FirstSeen : time, removedAt));
                retained.Add(key.Kid);
            }
        }

        var result = new JsonWebKeySet(keys);
        return new KeyRetention(
            result,
            new PublishedState(states, Dropped(memory, served, options, time)),
            [.. served.Keys.Where(key => !IsIn(published, key)).Select(key => key.Kid)],
            [.. published.Keys.Where(key => !IsIn(result, key)).Select(key => key.Kid)],
            retained,
            [.. served.Keys.Where(key => IsIn(published, key)).Select(key => key.Kid)],
            unknown,
            putBack);
    }

    private static IEnumerable<DroppedKey> Dropped(PublishedState memory, JsonWebKeySet served, SitePlanOptions options, DateTimeOffset time)
    {
        var set = options.DropKeys.Distinct(StringComparer.Ordinal).Select(kid => new DroppedKey(kid, memory.DroppedAt(kid) ?? time)).ToArray();
        var earlier = memory.Dropped
            .Where(drop => !served.Contains(drop.Kid) && !options.DropKeys.Contains(drop.Kid))
            .OrderByDescending(drop => drop.DroppedAt)
            .Take(Math.Max(0, MaxDropped - set.Length));
        return [.. set, .. earlier];
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
