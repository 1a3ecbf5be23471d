using System.Globalization;
using ClusterTrust.Oidc.Issuer;

namespace ClusterTrust.Oidc.Verification;

/// <summary>Holds what the public site answered against what should be there, and names the cause and the cure of each difference.</summary>
public static class PublicationRules
{
    private const string Discovery = "discovery document";
    private const string KeySet = "key set";

    /// <summary>Understands the discovery document; null when it cannot be.</summary>
    /// <param name="fetched">What was answered.</param>
    /// <param name="issuer">The issuer it must name.</param>
    /// <param name="checks">Receives what was found.</param>
    public static DiscoveryDocument? CheckDiscovery(FetchedDocument fetched, string issuer, List<Check> checks)
    {
        var document = Open(fetched, Discovery, DiscoveryRules.ReadMembers, checks);
        if (document is null)
        {
            return null;
        }

        if (document.Issuer != issuer)
        {
            checks.Add(new Check(Discovery, CheckResult.Fault,
                $"{Shown.Of(fetched.Url)} names the issuer '{Shown.Of(document.Issuer)}' and not '{Shown.Of(issuer)}': {IssuerUrl.Difference(issuer, document.Issuer)}; clouds refuse it."));
            return null;
        }

        if (!Uri.TryCreate(document.JwksUri, UriKind.Absolute, out var jwks) || jwks.Scheme != Uri.UriSchemeHttps)
        {
            checks.Add(new Check(Discovery, CheckResult.Fault, $"{Shown.Of(fetched.Url)} has the jwks_uri '{Shown.Of(document.JwksUri)}', which is no https:// URL; publish again."));
            return null;
        }

        checks.Add(new Check(Discovery, CheckResult.Ok, Seen(fetched)));
        return document;
    }

    /// <summary>Understands the key set and looks for every expected key; null when it cannot be understood.</summary>
    /// <param name="fetched">What was answered.</param>
    /// <param name="expected">The keys that must be there.</param>
    /// <param name="checks">Receives what was found.</param>
    public static JsonWebKeySet? CheckKeys(FetchedDocument fetched, JsonWebKeySet expected, List<Check> checks)
    {
        var keys = Open(fetched, KeySet, KeySetRules.Read, checks);
        if (keys is null)
        {
            return null;
        }

        var missing = expected.Keys.Where(key => !keys.TryGet(key.Kid, out var other) || other.Thumbprint != key.Thumbprint).Select(key => key.Kid).ToArray();
        if (missing.Length > 0)
        {
            var what = $"{Shown.Of(fetched.Url)} lacks {string.Join(", ", missing.Select(kid => $"'{Shown.Of(kid)}'"))}";
            checks.Add(fetched.CachedFor is { } rest
                ? new Check(KeySet, CheckResult.Stale, string.Create(CultureInfo.InvariantCulture,
                    $"{what}, perhaps because a cache still serves an earlier copy ({Seconds(fetched.Age)} old), which it may for {rest.TotalSeconds:0} more seconds; if it stays so, run 'oidc publish'."))
                : new Check(KeySet, CheckResult.Fault, $"{what}: run 'oidc publish', and see that the site's last deployment went through."));
            return keys;
        }

        var extra = keys.Keys.Count(key => !expected.Contains(key.Kid));
        checks.Add(new Check(KeySet, CheckResult.Ok,
            $"{Seen(fetched)}; {expected.Keys.Count} expected keys are there" + (extra > 0 ? $", and {extra} more (kept until their retention is over)" : "")));
        return keys;
    }

    private static T? Open<T>(FetchedDocument fetched, string subject, Func<System.Text.Json.JsonElement, string, FindingsCollector, T?> read, List<Check> checks)
        where T : class
    {
        if (FaultOf(fetched, subject) is { } fault)
        {
            checks.Add(fault);
            return null;
        }

        if (!StrictJson.TryParse(fetched.Bytes, out var json, out var malformed))
        {
            checks.Add(new Check(subject, CheckResult.Fault, $"{Shown.Of(fetched.Url)} {malformed} (content type: {Shown.Of(fetched.ContentType)}): something else is served there."));
            return null;
        }

        using (json)
        {
            var findings = new FindingsCollector();
            var document = read(json.RootElement, Shown.Of(fetched.Url), findings);
            checks.AddRange(findings.Refusals.Select(refusal => new Check(subject, CheckResult.Fault, refusal.Message)));
            checks.AddRange(findings.Warnings.Select(warning => new Check(subject, CheckResult.Warning, warning)));
            return document;
        }
    }

    private static Check? FaultOf(FetchedDocument fetched, string subject) => fetched switch
    {
        { IsUnreachable: true } => new Check(subject, CheckResult.Unreachable, fetched.Fault!),
        { Fault: { } fault } => new Check(subject, CheckResult.Fault, fault),
        { Status: 200 } => null,
        { Status: 404 } => new Check(subject, CheckResult.Fault,
            $"{Shown.Of(fetched.Url)} is not there (404): wait for the site's deployment, see that Pages is switched on for this branch, and that neither a missing .nojekyll nor the deploying workflow drops dot-folders (include-hidden-files: true)."),
        { Status: >= 500 or 429 } => new Check(subject, CheckResult.Unreachable, $"{Shown.Of(fetched.Url)} was answered with {fetched.Status}; try again later."),
        _ => new Check(subject, CheckResult.Fault, $"{Shown.Of(fetched.Url)} was answered with {fetched.Status} and not 200: clouds send no credentials, so it must be open to everybody."),
    };

    private static string Seen(FetchedDocument fetched) =>
        $"{Shown.Of(fetched.Url)} is served with 200 as {Shown.Of(fetched.ContentType)}, {Seconds(fetched.Age)} old"
        + (fetched.MaxAge is { } most ? string.Create(CultureInfo.InvariantCulture, $" and cached for {most.TotalSeconds:0} s") : "");

    private static string Seconds(TimeSpan? age) => string.Create(CultureInfo.InvariantCulture, $"{(age ?? TimeSpan.Zero).TotalSeconds:0} s");
}
