namespace ClusterTrust.Oidc.Site;

/// <summary>
/// Which keys are to be published: every key served now, and those no longer served until their retention is over, because tokens
/// they signed are still in use. Nothing else, whatever the repository contains.
/// </summary>
/// <param name="Keys">The key set as it will be published.</param>
/// <param name="Added">Kids that were not published.</param>
/// <param name="Removed">Kids that were published and no longer are.</param>
/// <param name="Kept">Kids that were published and are served.</param>
/// <param name="Retained">Kids that no API server serves, kept until their retention is over.</param>
/// <param name="Unknown">Published keys that no API server serves and whose history is not trusted.</param>
/// <param name="Readded">Kids that were dropped earlier and were added to the published set again.</param>
/// <param name="Lost">Kids in the state, not served and not dropped, whose retention is not over and which someone removed from the published set.</param>
internal sealed record KeyRetention(
    JsonWebKeySet Keys,
    PublishedState State,
    IReadOnlyList<string> Added,
    IReadOnlyList<string> Removed,
    IReadOnlyList<string> Retained,
    IReadOnlyList<string> Kept,
    IReadOnlyList<UnknownKey> Unknown,
    IReadOnlyList<string> Readded,
    IReadOnlyList<string> Lost)
{
    // The latest ones, so that the state file stays far below the size limit.
    private const int MaxDropped = 200;

    private const string ChangedState = "the state file was changed by someone else (its seal is invalid)";

    /// <param name="isSealValid">Whether the state has this job's valid seal.</param>
    public static KeyRetention Decide(
        JsonWebKeySet published, JsonWebKeySet served, PublishedState previous, bool isSealValid, SitePlanOptions options, DateTimeOffset now)
    {
        var time = WholeSecond(now);
        var keys = new List<JsonWebKey>();
        var states = new List<KeyState>();
        var retained = new List<string>();
        var unknown = new List<UnknownKey>();
        var readded = new List<string>();
        foreach (var key in served.Keys)
        {
            keys.Add(key);
            states.Add(KeyState.Of(key, previous.Find(key) is { } known && known.FaultOf(now) is null ? known.FirstSeen : time));
        }

        foreach (var key in published.Keys.Where(key => !served.Contains(key.Kid)))
        {
            var dropped = previous.DroppedAt(key.Kid) is not null;
            if (dropped)
            {
                readded.Add(key.Kid);
            }

            if (options.DropKeys.Contains(key.Kid))
            {
                continue;
            }

            // Only this job's own state distinguishes a dropped key, and one whose retention is over, from one that someone else added.
            var known = previous.Find(key);
            var reason = dropped ? (isSealValid ? null : $"{ChangedState}, and lists it as dropped, so that --accept-new-keys removes it, too")
                : known is null ? "it is not in the state file"
                : known.FaultOf(now) ?? (isSealValid ? null : ChangedState);
            if (reason is not null)
            {
                unknown.Add(new UnknownKey(key.Kid, reason));
            }

            if (dropped)
            {
                continue;
            }

            // An accepted unknown key is retained from now on. Clocks of nodes differ: no key is removed before it was first seen.
            var removedAt = reason is not null ? time : known!.RemovedAt ?? (time > known.FirstSeen ? time : known.FirstSeen);
            if (options.RetainRemovedKeys > TimeSpan.Zero && now - removedAt < options.RetainRemovedKeys)
            {
                keys.Add(key);
                states.Add(KeyState.Of(key, reason is null ? known!.FirstSeen : time, removedAt));
                retained.Add(key.Kid);
            }
        }

        var result = new JsonWebKeySet(keys);
        return new KeyRetention(
            result,
            new PublishedState(states, Dropped(previous, served, options, time)),
            [.. served.Keys.Where(key => !IsIn(published, key)).Select(key => key.Kid)],
            [.. published.Keys.Where(key => !IsIn(result, key)).Select(key => key.Kid)],
            retained,
            [.. served.Keys.Where(key => IsIn(published, key)).Select(key => key.Kid)],
            unknown,
            readded,
            [
                .. previous.Keys.Where(state => !published.Contains(state.Kid) && !served.Contains(state.Kid) && !options.DropKeys.Contains(state.Kid)
                    && now - (state.RemovedAt ?? now) < options.RetainRemovedKeys && state.FaultOf(now) is null).Select(static state => state.Kid),
            ]);
    }

    private static IEnumerable<DroppedKey> Dropped(PublishedState previous, JsonWebKeySet served, SitePlanOptions options, DateTimeOffset time)
    {
        var set = options.DropKeys.Distinct(StringComparer.Ordinal).Select(kid => new DroppedKey(kid, previous.DroppedAt(kid) ?? time)).ToArray();
        var earlier = previous.Dropped
            .Where(drop => !served.Contains(drop.Kid) && !options.DropKeys.Contains(drop.Kid))
            .OrderByDescending(drop => drop.DroppedAt)
            .Take(Math.Max(0, MaxDropped - set.Length));
        return [.. set, .. earlier];
    }

    /// <summary>Whether the set has this key, not another one with its kid.</summary>
    private static bool IsIn(JsonWebKeySet set, JsonWebKey key) => set.TryGet(key.Kid, out var other) && other.Thumbprint == key.Thumbprint;

    /// <summary>Rounded up, so that no key is removed a fraction of a second early.</summary>
    private static DateTimeOffset WholeSecond(DateTimeOffset time) =>
        new((time.UtcTicks + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, TimeSpan.Zero);
}
