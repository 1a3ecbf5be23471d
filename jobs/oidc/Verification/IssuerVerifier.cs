namespace ClusterTrust.Oidc.Verification;

/// <param name="Timeout">How long to wait until a commit is served; zero checks once.</param>
/// <param name="Audience">The audience that the token must be for; null accepts any.</param>
internal sealed record VerificationOptions(TimeSpan Timeout, string? Audience = null);

/// <summary>Checks the published issuer from outside, as a cloud does before it accepts a token.</summary>
internal sealed class IssuerVerifier(VerificationOptions options, PublicSite site, TimeProvider clock, ILogger<IssuerVerifier> log)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    // A pod that cannot reach the site must not wait as long as for a deployment.
    private const int UnreachableTries = 3;

    /// <summary>Checks once, with one request per document; the state is read only if there are extra keys.</summary>
    /// <param name="checkTimes">Whether to check the token's times, which do not concern the published documents.</param>
    public async Task<VerificationReport> CheckOnceAsync(ExpectedPublication expected, JsonWebToken? token, bool checkTimes, CancellationToken cancellationToken)
    {
        var checks = new List<Check>();
        var observed = await ReadAsync(expected, checks, needsState: false, cancellationToken);
        if (observed is not null)
        {
            checks.Add(CheckToken(token, expected.Issuer, observed.Keys, observed.Document, checkTimes));
        }

        return new VerificationReport(expected.Issuer, checks) { KeySetAge = observed?.Document.Age };
    }

    /// <summary>Reads and checks the discovery document and the key set.</summary>
    /// <param name="needsState">Whether to read the state file even if there are no extra keys.</param>
    /// <returns>Null if one of the documents is missing or invalid.</returns>
    public async Task<ObservedKeySet?> ReadAsync(ExpectedPublication expected, List<Check> checks, bool needsState, CancellationToken cancellationToken)
    {
        if (PublicationRules.CheckDiscovery(await FetchAsync(IssuerUrl.Append(expected.Issuer, IssuerUrl.DiscoveryPath)), expected, checks) is not { } discovery)
        {
            return null;
        }

        var document = await FetchAsync(discovery.JwksUri);
        if (PublicationRules.CheckKeys(document, expected, checks) is not { } read)
        {
            return null;
        }

        var state = needsState || (read.Extra.Count > 0 && expected.Retention is not null)
            ? await FetchAsync(IssuerUrl.Append(expected.Issuer, IssuerUrl.StatePath))
            : null;
        PublicationRules.CheckExtra(document, expected, read.Extra, state, expected.ServedAt ?? clock.GetUtcNow(), checks);
        return new ObservedKeySet(read.Keys, document, state);

        Task<FetchedDocument> FetchAsync(string url) => site.FetchAsync(new Uri(url), cancellationToken);
    }

    /// <summary>Checks until the commit is served, or until the timeout.</summary>
    public async Task<VerificationReport> WaitAsync(ExpectedPublication expected, JsonWebToken? token, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        var unreachable = 0;
        for (var attempt = 0; ; attempt++)
        {
            var report = await CheckOnceAsync(expected, token, checkTimes: false, cancellationToken);
            var remaining = options.Timeout - clock.GetElapsedTime(start);
            unreachable = report.Result == CheckResult.Unreachable ? unreachable + 1 : 0;
            if (report.Result <= CheckResult.Warning || unreachable == UnreachableTries || remaining <= TimeSpan.Zero)
            {
                return report;
            }

            log.Waiting(expected.Issuer, report.Problems.First().Sentence);
            await Task.Delay(new[] { TimeSpan.FromSeconds(1 << Math.Min(attempt, 4)), LongestPause, remaining }.Min(), clock, cancellationToken);
        }
    }

    private Check CheckToken(JsonWebToken? token, string issuer, JsonWebKeySet keys, FetchedDocument keySet, bool checkTimes)
    {
        if (token is null)
        {
            return new Check("token", CheckResult.Warning, "No ServiceAccount token is available, so none was verified: set --verify-service-account or --verify-token-file.");
        }

        if (TokenRules.FaultOf(token, issuer, keys, checkTimes ? clock.GetUtcNow() : null, options.Audience) is not { } fault)
        {
            return new Check("token", CheckResult.Ok, $"a token of {Sanitizer.Sanitize(token.Subject)} for {Sanitizer.Sanitize(string.Join(", ", token.Audiences))} is accepted (key '{Sanitizer.Sanitize(token.Kid)}')");
        }

        var stale = token.Kid is { } kid && !keys.Contains(kid) && keySet.CachedFor is not null;
        return new Check("token", stale ? CheckResult.Stale : CheckResult.Fault, fault);
    }
}

/// <summary>The published key set, valid as far as its entries are.</summary>
/// <param name="State">The state file; null if it was not read.</param>
internal sealed record ObservedKeySet(JsonWebKeySet Keys, FetchedDocument Document, FetchedDocument? State);

internal static partial class VerificationLog
{
    [LoggerMessage(1007, LogLevel.Debug, "waiting for {issuer} to be served as published: {reason}")]
    public static partial void Waiting(this ILogger log, string issuer, string reason);
}
