namespace ClusterTrust.Oidc.Rotation;

/// <summary>Whether a step may be taken with a key now. Pure; what is not known is not safe.</summary>
/// <param name="At">The time from which it is safe if nothing changes, UTC; null when that is not known, or does not apply.</param>
/// <param name="Reason">Why, or why not, one clause.</param>
internal sealed record SafetyCheck(bool IsSafe, DateTimeOffset? At, string Reason)
{
    // How long the site's CDN may serve an earlier copy: GitHub Pages sends max-age=600. A longer max-age of the site takes precedence.
    private static readonly TimeSpan SiteCache = TimeSpan.FromMinutes(10);

    // How long a cloud may use a key set that it fetched. Entra ID, AWS STS and Google STS do not document it, so a safe value is
    // assumed: AKS, which signs for the same validators, keeps both keys for 24 hours.
    private static readonly TimeSpan ValidatorCache = TimeSpan.FromHours(24);

    /// <summary>Whether tokens that the key signs would be accepted everywhere: by every API server, and by every cloud, whatever it has cached.</summary>
    public static SafetyCheck SafeToSign(RotationFacts facts, JsonWebKey key)
    {
        var since = facts.Site.Since(key);
        var cache = (facts.Site.MaxAge > SiteCache ? facts.Site.MaxAge.Value : SiteCache) + ValidatorCache;
        return facts switch
        {
            _ when facts.Addresses(server => !server.Keys.Contains(key.Kid)) is { } without => No($"{without} would refuse its tokens: add it to --service-account-key-file there"),
            _ when !facts.Site.Has(key) => No("it is not in the public key set: run 'oidc publish'"),
            _ when facts.Site.State?.DroppedAt(key.Kid) is { } dropped => No($"--drop-key removed it at {Sentence.Time(dropped)}, because it is compromised: use another key"),
            _ when facts.Site.State?.Find(key)?.FaultOf(facts.Now) is { } implausible => No($"{implausible}: check the repository's last commits and the clock of the publisher"),
            _ when since is null => No("it is not known since when it is public, because the site sends no Last-Modified header: configure it to send one"),
            _ when since > facts.Now + TokenRules.ClockDifference =>
                No($"it is public since {Sentence.Time(since.Value)}, which is in the future: correct the clock of this machine or of the site"),
            _ => By(
                since.Value + cache + TokenRules.ClockDifference,
                facts.Now,
                $"public since {Sentence.Time(since.Value)}; a cache may be {cache.TotalHours.ToString("0.#", CultureInfo.InvariantCulture)} h old"),
        };
    }

    /// <summary>Whether every token that the key signed has expired, so that the API servers need not accept it any more.</summary>
    public static SafetyCheck SafeToRemove(RotationFacts facts, JsonWebKey key)
    {
        var last = facts.Servers.Max(static server => server.StartedAt);
        return facts switch
        {
            _ when facts.Servers.All(server => !server.Keys.Contains(key.Kid)) => new SafetyCheck(true, null, "no API server serves it any more"),
            _ when facts.Addresses(server => server.SigningKid == key.Kid) is { } signing => No($"it signs the tokens of {signing}"),
            _ when facts.SigningKids.FirstOrDefault(kid => facts.Servers.Any(server => !server.Keys.Contains(kid))) is { } signer =>
                No($"{facts.Addresses(server => !server.Keys.Contains(signer))} would refuse the tokens of '{Sanitizer.Sanitize(signer)}', which signs now"),
            _ when facts.Addresses(static server => server.StartedAt is null) is { } unknown =>
                No($"since when {unknown} signs with another key is not known: its /metrics must be readable ('get' on that non-resource URL, as in the ClusterRole system:monitoring) and have process_start_time_seconds"),
            _ when last > facts.Now + TokenRules.ClockDifference =>
                No($"an API server started at {Sentence.Time(last.Value)}, which is in the future: correct the clock of this machine or of that node"),
            _ => By(
                last!.Value + facts.TokenLifetime + TokenRules.ClockDifference,
                facts.Now,
                $"no API server signs with it since {Sentence.Time(last.Value)}; a token is valid for up to {facts.TokenLifetime.TotalHours.ToString("0.#", CultureInfo.InvariantCulture)} h"),
        };
    }

    private static SafetyCheck By(DateTimeOffset at, DateTimeOffset now, string reason) => new(now >= at, at, reason);

    private static SafetyCheck No(string reason) => new(false, null, reason);
}
