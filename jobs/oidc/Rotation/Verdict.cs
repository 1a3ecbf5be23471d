using System.Globalization;
using ClusterTrust.Oidc.Issuer;
using ClusterTrust.Text;

namespace ClusterTrust.Oidc.Rotation;

/// <summary>Whether a step may be taken with a key now. Pure; what is not known is not safe.</summary>
/// <param name="IsSafe">Whether it may.</param>
/// <param name="At">From when on it may if nothing changes, UTC; null when that is not known, or when it never mattered.</param>
/// <param name="Reason">Why, or why not, one clause.</param>
internal sealed record Verdict(bool IsSafe, DateTimeOffset? At, string Reason)
{
    // How long the site's CDN may serve an earlier copy: GitHub Pages sends max-age=600. A longer max-age of the site wins.
    private static readonly TimeSpan SiteCache = TimeSpan.FromMinutes(10);

    // How long a cloud may use a key set that it fetched. Entra ID, AWS STS and Google STS do not document it, so the careful value is
    // assumed: AKS, which signs for the same validators, keeps both keys for 24 hours.
    private static readonly TimeSpan ValidatorCache = TimeSpan.FromHours(24);

    /// <summary>
    /// Whether tokens that the key signs would be accepted everywhere: by every API server, and by every cloud, whatever it has cached.
    /// </summary>
    public static Verdict SafeToSign(RotationFacts facts, JsonWebKey key)
    {
        if (facts.Addresses(server => !server.Keys.Contains(key.Kid)) is { } without)
        {
            return No($"{without} would refuse its tokens: add it to --service-account-key-file there");
        }

        if (!facts.Site.Has(key))
        {
            return No("it is not in the public key set: run 'oidc publish'");
        }

        if (facts.Site.State?.DroppedAt(key.Kid) is { } dropped)
        {
            return No($"--drop-key removed it at {Sentence.Time(dropped)}, because it is compromised: use another key");
        }

        if (facts.Site.State?.Find(key)?.FaultOf(facts.Now) is { } implausible)
        {
            return No($"{implausible}: check the repository's last commits and the clock of the publisher");
        }

        if (facts.Site.Since(key) is not { } since)
        {
            return No("it is not known since when it is public, because the site sends no Last-Modified header: configure it to send one");
        }

        if (since > facts.Now + TokenRules.ClockDifference)
        {
            return No($"it is public since {Sentence.Time(since)}, which is in the future: correct the clock of this machine or of the site");
        }

        var siteCache = facts.Site.MaxAge > SiteCache ? facts.Site.MaxAge.Value : SiteCache;
        return By(
            since + siteCache + ValidatorCache + TokenRules.ClockDifference,
            facts.Now,
            $"public since {Sentence.Time(since)}; a cache may be {(siteCache + ValidatorCache).TotalHours.ToString("0.#", CultureInfo.InvariantCulture)} h old");
    }

    /// <summary>Whether every token that the key signed has expired, so that the API servers need not accept it any more.</summary>
    public static Verdict SafeToRemove(RotationFacts facts, JsonWebKey key)
    {
        if (facts.Servers.All(server => !server.Keys.Contains(key.Kid)))
        {
            return new Verdict(true, null, "no API server serves it any more");
        }

        if (facts.Addresses(server => server.SigningKid == key.Kid) is { } signing)
        {
            return No($"it signs the tokens of {signing}");
        }

        foreach (var signer in facts.SigningKids)
        {
            if (facts.Addresses(server => !server.Keys.Contains(signer)) is { } refusing)
            {
                return No($"{refusing} would refuse the tokens of '{Sanitizer.Sanitize(signer)}', which signs now");
            }
        }

        if (facts.Addresses(static server => server.StartedAt is null) is { } unknown)
        {
            return No($"since when {unknown} signs with another key is not known: its /metrics must be readable ('get' on that non-resource URL, as in the ClusterRole system:monitoring) and have process_start_time_seconds");
        }

        var last = facts.Servers.Max(static server => server.StartedAt!.Value);
        return last > facts.Now + TokenRules.ClockDifference
            ? No($"an API server started at {Sentence.Time(last)}, which is in the future: correct the clock of this machine or of that node")
            : By(
                last + facts.TokenLifetime + TokenRules.ClockDifference,
                facts.Now,
                $"no API server signs with it since {Sentence.Time(last)}; a token lives up to {facts.TokenLifetime.TotalHours.ToString("0.#", CultureInfo.InvariantCulture)} h");
    }

    private static Verdict By(DateTimeOffset at, DateTimeOffset now, string reason) => new(now >= at, at, reason);

    private static Verdict No(string reason) => new(false, null, reason);
}
