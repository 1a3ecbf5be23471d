using CsCheck;

namespace ClusterTrust.Oidc.Tests.Rotation;

/// <summary>
/// Random rotations from key 0 to key 1 whose operator does what is advised, checked against every validator with the assumed caches
/// at once (more of them with <c>SOAK=1</c>): a token is refused if, at any time of its life, any copy of the key set that may still be in use lacks its key.
/// </summary>
public sealed class RotationProperties
{
    private static readonly int Iterations = Environment.GetEnvironmentVariable("SOAK") == "1" ? 50 : 1;
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);
    private static readonly Lazy<(JsonWebKey Key, string Thumbprint)[]> Keys = new(static () =>
        [.. Enumerable.Range(0, 2).Select(static key => RsaKey(key)).Select(static key => (key, key.Thumbprint))]);

    private static readonly Gen<World> Worlds =
        from servers in Gen.Int[1, 3]
        from publishes in Gen.Int[5, 180]
        from deploys in Gen.Int[0, 30]
        from looks in Gen.Int[1, 240]
        from skews in Gen.Int[-2, 2].Array[4]
        from delays in Gen.Int[0, 90].Array[12]
        from restarts in Gen.Int[0, 6000].Array[0, 3]
        from redeploys in Gen.Int[0, 6000].Array[0, 2]
        from stale in Gen.Int[0, 10].Array[16]
        select new World(servers, publishes, deploys, looks, skews, delays, restarts, redeploys, stale);

    [Fact]
    public void Whoever_follows_the_advice_rotates_and_no_token_is_refused_anywhere() => Worlds.Sample(static world =>
    {
        var story = world.Run(TimeSpan.Zero, TimeSpan.Zero);
        Assert.True(story.IsDone, story.ToString());
        Assert.Equal([], story.Refused());
    }, iter: 200 * Iterations);

    [Fact]
    public void Whoever_signs_a_few_minutes_before_it_is_safe_has_tokens_refused() => Exact.Sample(static world =>
        Assert.NotEmpty(world.Run(TimeSpan.FromMinutes(7), TimeSpan.Zero).Refused()), iter: 10 * Iterations);

    [Fact]
    public void Whoever_removes_a_few_minutes_before_it_is_safe_strands_tokens() => Exact.Sample(static world =>
        Assert.NotEmpty(world.Run(TimeSpan.Zero, TimeSpan.FromMinutes(7)).Refused()), iter: 10 * Iterations);

    /// <summary>Worlds whose clocks agree, whose operator looks every minute and acts at once, and where nothing else happens: there is no slack.</summary>
    private static Gen<World> Exact => Worlds.Select(static world => world with { Looks = 1, Skews = [0, 0, 0, 0], Delays = [.. world.Delays.Select(static _ => 0)], Restarts = [], Redeploys = [] });

    /// <summary>A cluster, its publisher, its site and its operator. Times are whole minutes.</summary>
    /// <param name="Servers">How many API servers.</param>
    /// <param name="Publishes">Minutes between two runs of the publisher.</param>
    /// <param name="Deploys">Minutes from a commit to its deployment.</param>
    /// <param name="Looks">Minutes between two looks of the operator.</param>
    /// <param name="Skews">By how many minutes the clocks of the servers, and of the site (the last one), are off.</param>
    /// <param name="Delays">Minutes from the operator's decision to each server's restart, by step and server.</param>
    /// <param name="Restarts">When servers restart for other reasons.</param>
    /// <param name="Redeploys">When the site is deployed for other reasons.</param>
    /// <param name="Stale">How old the CDN's copies are that the operator sees.</param>
    private sealed record World(int Servers, int Publishes, int Deploys, int Looks, int[] Skews, int[] Delays, int[] Restarts, int[] Redeploys, int[] Stale)
    {
        private const int End = 14 * 24 * 60;

        /// <param name="signEarly">How much too early the operator signs.</param>
        /// <param name="removeEarly">How much too early the operator removes.</param>
        public Story Run(TimeSpan signEarly, TimeSpan removeEarly)
        {
            var story = new Story(Servers);
            var changes = new List<(int At, int Server, string Keys, int Signing)>();
            var (keys, signing, started) = (Enumerable.Repeat("0", Servers).ToArray(), new int[Servers], new int[Servers]);
            var state = new Dictionary<int, (int FirstSeen, int? RemovedAt)> { [0] = (-90 * 24 * 60, null) };
            var (committed, steps, next, looks) = ("0", 0, 0, 0);
            Array.Fill(started, -24 * 60 * 30);
            story.Site.Add((-90 * 24 * 60, "0", new(state)));
            for (var server = 0; server < Servers; server++)
            {
                story.Servers[server].Add((int.MinValue / 2, "0", 0));
            }

            for (var now = 0; now < End && !story.IsDone; now++)
            {
                foreach (var (_, server, newKeys, newSigning) in changes.Where(change => change.At == now))
                {
                    (keys[server], signing[server], started[server]) = (newKeys, newSigning, now);
                    story.Servers[server].Add((now, newKeys, newSigning));
                }

                if (Restarts.Contains(now))
                {
                    started[now % Servers] = now;
                }

                if (now % Publishes == 0)
                {
                    Publish(now);
                }

                if (Redeploys.Contains(now))
                {
                    var current = story.Site.FindLastIndex(version => version.At <= now);
                    story.Site.Insert(current + 1, (now, story.Site[current].Keys, story.Site[current].State));
                }

                // While the operator is at work on the servers, or after a decision until its last server is done, there is no look.
                if (now >= next && changes.All(change => change.At <= now))
                {
                    // A wait of known length is slept through, up to shortly before its end.
                    next = Math.Max(now + Looks, Look(now) - 10);
                }
            }

            return story;

            void Publish(int now)
            {
                var served = string.Concat(keys.SelectMany(static set => set).Distinct().Order());
                foreach (var key in served.Select(static digit => digit - '0'))
                {
                    state[key] = state.TryGetValue(key, out var known) ? known with { RemovedAt = null } : (now, null);
                }

                foreach (var key in committed.Where(digit => !served.Contains(digit)).Select(static digit => digit - '0'))
                {
                    state[key] = state[key] with { RemovedAt = state[key].RemovedAt ?? now };
                }

                var content = string.Concat(state.Where(key => key.Value.RemovedAt is not { } at || now - at < Lifetime.TotalMinutes).Select(static key => key.Key).Order());
                if (content != committed)
                {
                    committed = content;
                    story.Site.Add((now + Deploys, content, new(state)));
                    story.Site.Sort(static (a, b) => a.At.CompareTo(b.At));
                }
            }

            int Look(int now)
            {
                var copy = story.Site.Last(version => version.At <= now - Stale[looks++ % Stale.Length]);
                var entries = copy.Keys.Select(static digit => digit - '0').Select(key => new KeyState(
                    Keys.Value[key].Key.Kid, Keys.Value[key].Thumbprint, Story.Time(copy.State[key].FirstSeen), copy.State[key].RemovedAt is { } at ? Story.Time(at) : null));
                var facts = new RotationFacts(
                    [.. Enumerable.Range(0, Servers).Select(server => new ApiServerFacts(
                        $"server {server}", Story.Set(keys[server]), Keys.Value[signing[server]].Key.Kid, Story.Time(started[server] + Skews[server])))],
                    new PublicFacts(Story.Set(copy.Keys), Story.Time(copy.At + Skews[^1]), TimeSpan.FromMinutes(10), new PublishedState(entries)),
                    Lifetime,
                    Story.Time(now));
                var status = RotationStatus.Of(facts);
                story.Stages.Add((now, status.Stage));
                if (status.Stage == RotationStage.NewKeyNotCached && status.Until - signEarly <= facts.Now)
                {
                    status = status with { Step = RotationStep.Sign };
                }

                if (status.Stage == RotationStage.OldKeyInUse && status.Until - removeEarly <= facts.Now)
                {
                    status = status with { Step = RotationStep.Remove };
                }

                switch (status.Step)
                {
                    case RotationStep.AddKey when steps == 0:
                        Change(now, "01", 0);
                        break;
                    case RotationStep.AddKey:
                        story.IsDone = true;
                        break;
                    case RotationStep.Sign:
                        Change(now, "01", 1);
                        break;
                    case RotationStep.Remove:
                        Change(now, "1", 1);
                        break;
                    case RotationStep.Publish or RotationStep.Wait:
                        break;
                    default:
                        throw new InvalidOperationException($"{status.Stage}: {status.Message}\n{story}");
                }

                return status is { Step: RotationStep.Wait, Until: { } until } ? (int)(until - Story.Time(0)).TotalMinutes : 0;
            }

            void Change(int now, string newKeys, int newSigning)
            {
                changes.AddRange(Enumerable.Range(0, Servers).Select(server => (now + 1 + Delays[((steps * Servers) + server) % Delays.Length], server, newKeys, newSigning)));
                steps++;
            }
        }
    }

    private sealed class Story(int servers)
    {
        private static readonly int Caches = (int)(TimeSpan.FromMinutes(10) + TimeSpan.FromHours(24)).TotalMinutes;

        public bool IsDone { get; set; }

        /// <summary>What the site served since when.</summary>
        public List<(int At, string Keys, Dictionary<int, (int FirstSeen, int? RemovedAt)> State)> Site { get; } = [];

        /// <summary>What each server accepted, and signed with, since when.</summary>
        public List<(int At, string Keys, int Signing)>[] Servers { get; } = [.. Enumerable.Range(0, servers).Select(static _ => new List<(int, string, int)>())];

        public List<(int At, RotationStage Stage)> Stages { get; } = [];

        public static DateTimeOffset Time(int minutes) => new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero).AddMinutes(minutes);

        public static JsonWebKeySet Set(string digits) => new(digits.Select(static digit => Keys.Value[digit - '0'].Key));

        /// <summary>The tokens that a validator may refuse: each server's first and last of each key, over their whole lifetime.</summary>
        public List<string> Refused()
        {
            var refused = new List<string>();
            foreach (var (history, index) in Servers.Select(static (history, index) => (history, index)))
            {
                for (var at = 0; at < history.Count; at++)
                {
                    var key = (char)('0' + history[at].Signing);
                    var first = history[at].At;
                    var expires = (at + 1 < history.Count ? history[at + 1].At : first) + (int)Lifetime.TotalMinutes;

                    // Any copy that a cache may still hold during the life of the tokens.
                    refused.AddRange(Within(Site.Select(static version => (version.At, version.Keys)), first - Caches, expires)
                        .Where(keys => !keys.Contains(key)).Select(_ => $"a cloud refuses a token of server {index} by key {key}"));
                    refused.AddRange(Servers.SelectMany(other => Within(other.Select(static version => (version.At, version.Keys)), first, expires))
                        .Where(keys => !keys.Contains(key)).Select(_ => $"an API server refuses a token of server {index} by key {key}"));
                }
            }

            return refused;
        }

        public override string ToString() => string.Join(", ", Stages.DistinctBy(static stage => stage.Stage).Select(static stage => $"{stage.At}: {stage.Stage}"));

        /// <summary>The versions that were in force at any time of an interval.</summary>
        private static IEnumerable<string> Within(IEnumerable<(int At, string Keys)> versions, int from, int to)
        {
            var all = versions.ToArray();
            return all.Where((version, index) => version.At < to && (index + 1 == all.Length || all[index + 1].At > from)).Select(static version => version.Keys);
        }
    }
}
