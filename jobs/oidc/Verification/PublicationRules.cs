namespace ClusterTrust.Oidc.Verification;

/// <summary>Compares the public site's responses with the expected documents, and names the cause of each difference and what to do.</summary>
internal static class PublicationRules
{
    private const string Discovery = "discovery document";
    private const string KeySet = "key set";
    private const int MaximumNamed = KeySetEntries.MaximumNamed;

    /// <summary>Checks the discovery document; null if it is missing or invalid.</summary>
    public static DiscoveryDocument? CheckDiscovery(FetchedDocument fetched, ExpectedPublication expected, List<Check> checks)
    {
        var document = Open(fetched, Discovery, IssuerRules.ReadDiscovery, checks);
        if (document is null)
        {
            return null;
        }

        if (document.Issuer != expected.Issuer)
        {
            checks.Add(Differs($"{Sanitizer.Sanitize(fetched.Url)} names the issuer '{Sanitizer.Sanitize(document.Issuer)}' and not '{Sanitizer.Sanitize(expected.Issuer)}': {IssuerUrl.Difference(expected.Issuer, document.Issuer)}; clouds refuse it."));
            return null;
        }

        if (!expected.JwksUris.Contains(document.JwksUri, StringComparer.Ordinal))
        {
            checks.Add(Differs(WithAdvice($"{Sanitizer.Sanitize(fetched.Url)} has the jwks_uri '{Sanitizer.Sanitize(document.JwksUri)}' and not '{Sanitizer.Sanitize(expected.JwksUris[0])}' ({IssuerUrl.Difference(expected.JwksUris[0], document.JwksUri)}), and clouds take the keys from there", fetched)));
            return null;
        }

        checks.Add(new Check(Discovery, CheckResult.Ok, Describe(fetched)));
        return document;

        Check Differs(string sentence) => new(Discovery, expected.DiscoveryChanged && fetched.CachedFor is not null ? CheckResult.Stale : CheckResult.Unexpected, sentence);
    }

    /// <summary>Checks that the key set has every expected key, and finds the others; null if it is missing or invalid.</summary>
    /// <returns>The keys, and those of them that are not expected.</returns>
    public static (JsonWebKeySet Keys, IReadOnlyList<JsonWebKey> Extra)? CheckKeys(FetchedDocument fetched, ExpectedPublication expected, List<Check> checks)
    {
        if (Open(fetched, KeySet, KeySetRules.ReadEntries, checks) is not { Keys: var keys } entries)
        {
            return null;
        }

        checks.AddRange(KeySetRules.WarningsOf(keys, Sanitizer.Sanitize(fetched.Url)).Select(static warning => new Check(KeySet, CheckResult.Warning, warning)));
        checks.AddRange(entries.Surplus.Take(MaximumNamed).Select(entry => new Check(KeySet, CheckResult.Warning, entry.Members.Length > 0
            ? $"The key '{Sanitizer.Sanitize(entry.Kid)}' at {Sanitizer.Sanitize(fetched.Url)} is served with members that are no part of the key ({Sanitizer.Sanitize(entry.Members)}): Google Cloud refuses the whole set for certificates, so run 'oidc publish'."
            : $"The key '{Sanitizer.Sanitize(entry.Kid)}' is served more than once at {Sanitizer.Sanitize(fetched.Url)}: run 'oidc publish'.")));
        checks.AddRange(entries.Faults.Take(MaximumNamed).Select(entry => new Check(KeySet, CheckResult.Unexpected, WithAdvice(entry.TrimEnd('.'), fetched))));
        var replaced = expected.Keys.Keys.Where(key => keys.TryGet(key.Kid, out var other) && other != key).ToArray();
        checks.AddRange(replaced.Take(MaximumNamed).Select(key => new Check(KeySet, CheckResult.Unexpected, WithAdvice(
            $"{Sanitizer.Sanitize(fetched.Url)} has another key than the cluster's, or another alg, under the kid '{Sanitizer.Sanitize(key.Kid)}'", fetched))));
        checks.AddRange(expected.Keys.Keys.Where(key => expected.DroppedKids.Contains(key.Kid)).Select(static key => new Check(KeySet, CheckResult.Unexpected,
            $"The key '{Sanitizer.Sanitize(key.Kid)}' of --drop-key is still served by the API server: remove it from --service-account-key-file and "
            + "--service-account-signing-key-file on every API server, then run 'oidc publish'.")));
        CheckMissing(fetched, [.. expected.Keys.Keys.Where(key => !keys.Contains(key.Kid)).Select(static key => key.Kid)], checks);
        return (keys, [.. keys.Keys.Where(key => !expected.Keys.Contains(key.Kid))]);
    }

    /// <summary>Checks the keys that are published besides the expected ones, and adds a result if nothing is wrong.</summary>
    /// <param name="stateFile">The published state, which has the times of retained keys; null where none may be retained.</param>
    public static void CheckExtra(
        FetchedDocument fetched, ExpectedPublication expected, IReadOnlyList<JsonWebKey> extra, FetchedDocument? stateFile, DateTimeOffset now, List<Check> checks)
    {
        if (extra.Count > 0 && stateFile is not null && StateFault(stateFile) is { } stateFault)
        {
            checks.Add(stateFault);
            return;
        }

        var state = stateFile is null ? null : ReadState(stateFile);
        var unexpected = extra.Select(key => CheckExtraKey(key, fetched, expected, state, now)).OfType<Check>().OrderByDescending(static check => check.Result).ToArray();
        var retained = extra.Count - unexpected.Length;
        checks.AddRange(unexpected.Take(MaximumNamed));
        if (unexpected.Length > MaximumNamed)
        {
            checks.Add(new Check(KeySet, unexpected[MaximumNamed].Result, $"{Sanitizer.Sanitize(fetched.Url)} has {unexpected.Length - MaximumNamed} more keys that are not the cluster's."));
        }

        if (checks.All(static check => check.Subject != KeySet || check.Result <= CheckResult.Warning))
        {
            var count = expected.Keys.Keys.Count;
            checks.Add(new Check(KeySet, CheckResult.Ok, $"{Describe(fetched)}; {count} expected {(count == 1 ? "key is" : "keys are")} there"
                + (retained > 0 ? $", and {retained} more (kept until {(retained == 1 ? "its" : "their")} retention is over, by the published state)" : "")));
        }
    }

    /// <summary>Why it is not known what the published state is; null when it is, and when there is none (404).</summary>
    public static Check? StateFault(FetchedDocument fetched) => fetched.Status == 404 ? null : FaultOf(fetched, "state file");

    /// <summary>Reads the published state; null when there is none that is valid.</summary>
    public static PublishedState? ReadState(FetchedDocument fetched) => fetched is { Status: 200, Fault: null } ? PublishedState.Parse(fetched.Bytes) : null;

    private static Check? CheckExtraKey(JsonWebKey key, FetchedDocument fetched, ExpectedPublication expected, PublishedState? state, DateTimeOffset now)
    {
        var what = $"{Sanitizer.Sanitize(fetched.Url)} has the key '{Sanitizer.Sanitize(key.Kid)}', which is not the cluster's";
        var known = state?.Find(key);
        return known switch
        {
            _ when expected.RemovedKids.Contains(key.Kid) && fetched.CachedFor is { } rest => new Check(
                KeySet, CheckResult.Stale, $"{what}, perhaps because a cache still serves an earlier copy, which expires in {rest.TotalSeconds:0} seconds."),
            _ when expected.DroppedKids.Contains(key.Kid) || state?.DroppedAt(key.Kid) is not null => Unexpected($"{what} and was dropped"),
            _ when expected.Retention is null => Unexpected(what),
            null => Unexpected($"{what}, and it is not in the published state"),
            _ when known.FaultOf(now) is { } fault => Unexpected($"{what}, and {fault}"),
            // A cache may serve the key until its copy expires.
            { RemovedAt: { } removed } when now - removed >= expected.Retention + (fetched.MaxAge ?? TimeSpan.Zero) =>
                Unexpected($"{what}, and its retention is over since {Sentence.Time(removed + expected.Retention!.Value)}"),
            _ => null,
        };

        Check Unexpected(string sentence) => new(KeySet, CheckResult.Unexpected, WithAdvice(sentence, fetched));
    }

    private static void CheckMissing(FetchedDocument fetched, string[] missing, List<Check> checks)
    {
        if (missing.Length == 0)
        {
            return;
        }

        var what = $"{Sanitizer.Sanitize(fetched.Url)} lacks {string.Join(", ", missing.Take(MaximumNamed).Select(kid => $"'{Sanitizer.Sanitize(kid)}'"))}{(missing.Length > MaximumNamed ? $" and {missing.Length - MaximumNamed} more" : "")}";
        checks.Add(fetched.CachedFor is { } rest
            ? new Check(KeySet, CheckResult.Stale, $"{what}, perhaps because a cache still serves an earlier copy ({AgeOf(fetched)}), which expires in {rest.TotalSeconds:0} seconds; if the key is still missing then, run 'oidc publish'.")
            : new Check(KeySet, CheckResult.Fault, $"{what}: run 'oidc publish', and check that the site's last deployment succeeded."));
    }

    private static T? Open<T>(FetchedDocument fetched, string subject, Func<JsonElement, string, IssuerFindings, T?> read, List<Check> checks)
        where T : class
    {
        if (FaultOf(fetched, subject) is { } fault)
        {
            checks.Add(fault);
            return null;
        }

        var url = Sanitizer.Sanitize(fetched.Url);
        T? document = null;
        if (StrictJson.Read(fetched.Bytes, root => document = ReadRoot(root)) is { } malformed)
        {
            checks.Add(new Check(subject, CheckResult.Fault, $"{url} {malformed} (content type: {Sanitizer.Sanitize(fetched.ContentType)}): something else is served there."));
        }

        return document;

        T? ReadRoot(JsonElement root)
        {
            if (fetched.RedirectedTo is { } target)
            {
                checks.Add(new Check(subject, CheckResult.Warning, $"{url} redirects to {Sanitizer.Sanitize(target)} on the same host, which some clouds refuse to follow: serve the document at the first address."));
            }

            var findings = new IssuerFindings();
            var valid = read(root, url, findings);
            var severity = PrivateMembers.Find(root) is null ? CheckResult.Fault : CheckResult.Unexpected;
            checks.AddRange(findings.Refusals.Select(refusal => new Check(subject, severity, refusal.Message)));
            return valid;
        }
    }

    private static Check? FaultOf(FetchedDocument fetched, string subject)
    {
        var url = Sanitizer.Sanitize(fetched.Url);
        return fetched switch
        {
            { IsUnreachable: true } => new Check(subject, CheckResult.Unreachable, fetched.Fault!),
            { Fault: { } fault } => Fault(fault),
            { Status: 200 } => null,
            { Status: 404 } => Fault(
                $"{url} was not found (404): wait for the site's deployment, check that Pages is enabled for the root of this branch, and that neither a missing .nojekyll nor the deploying workflow drops dot-folders (include-hidden-files: true)."),
            { Status: >= 500 or 429 } => new Check(subject, CheckResult.Unreachable, $"{url} was answered with {fetched.Status}; try again later."),
            { Status: 401 or 403 or 407 } => Not200("clouds send no credentials, so it must be public"),
            { Status: 204 or 206 or 304 } => Not200("only part of the document, or nothing, although all of it was requested unconditionally; purge the cache that answered"),
            _ => Not200("another kind of server answers there; publish the documents as files of the site"),
        };

        Check Fault(string sentence) => new(subject, CheckResult.Fault, sentence);
        Check Not200(string reason) => Fault($"{url} was answered with {fetched.Status} and not 200: {reason}.");
    }

    private static string WithAdvice(string what, FetchedDocument fetched)
    {
        // A key that was removed or dropped a moment ago, perhaps by another run, is the usual cause.
        var ifSo = fetched.CachedFor is { } rest
            ? $"if it is still so in {rest.TotalSeconds:0} seconds, when no cache serves an earlier copy any more, and you did not publish it"
            : "unless you published it";
        return $"{what}: {ifSo}, someone else can write to the site: check the repository's last commits and who can push, then run 'oidc publish'.";
    }

    private static string Describe(FetchedDocument fetched) =>
        $"{Sanitizer.Sanitize(fetched.Url)} is served with 200 as {Sanitizer.Sanitize(fetched.ContentType)}, {AgeOf(fetched)}"
        + (fetched.MaxAge is { } most ? $" and cached for {most.TotalSeconds:0} s" : "");

    private static string AgeOf(FetchedDocument fetched) => fetched.Age is { } age ? $"{age.TotalSeconds:0} s old" : "of unknown age";
}

/// <summary>The documents that the public site must serve.</summary>
/// <param name="JwksUris">The values of <c>jwks_uri</c> that may be published, at least one; the first is preferred.</param>
internal sealed record ExpectedPublication(string Issuer, IReadOnlyList<string> JwksUris, JsonWebKeySet Keys)
{
    /// <summary>
    /// How long a key that no API server serves any more may stay published, by the published state file. Null where
    /// <see cref="Keys"/> are all that may be published.
    /// </summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>The time by the API server's clock, by which keys are retained; null for this machine's.</summary>
    public DateTimeOffset? ServedAt { get; init; }

    public IReadOnlyCollection<string> DroppedKids { get; init; } = [];

    /// <summary>Kids that were removed a moment ago, which a cache may still serve.</summary>
    public IReadOnlyCollection<string> RemovedKids { get; init; } = [];

    /// <summary>Whether the discovery document changed a moment ago, so that a cache may still serve the earlier one.</summary>
    public bool DiscoveryChanged { get; init; }

    /// <summary>The documents to expect for the cluster's issuer.</summary>
    /// <remarks>The <c>jwks_uri</c> is the published one, or the API server's own where it names the issuer's host.</remarks>
    public static ExpectedPublication Of(CheckedIssuer issuer) => new(
        issuer.Issuer,
        Uri.TryCreate(issuer.ServedJwksUri, UriKind.Absolute, out var served)
            && served.IdnHost.Equals(new Uri(issuer.Issuer).IdnHost, StringComparison.OrdinalIgnoreCase)
            ? [.. new[] { issuer.Discovery.JwksUri, issuer.ServedJwksUri }.Distinct(StringComparer.Ordinal)]
            : [issuer.Discovery.JwksUri],
        issuer.Keys)
    {
        ServedAt = issuer.ServedAt,
    };
}
