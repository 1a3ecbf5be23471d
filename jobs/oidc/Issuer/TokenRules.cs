namespace ClusterTrust.Oidc.Issuer;

/// <summary>Validates a ServiceAccount token against an issuer and its key set, as a cloud does.</summary>
internal static class TokenRules
{
    /// <summary>The tolerance for clocks that differ, of clouds and here.</summary>
    public static TimeSpan ClockDifference { get; } = TimeSpan.FromMinutes(5);

    /// <param name="now">The time; null ignores the token's times.</param>
    /// <param name="audience">The audience it must be for; null accepts any.</param>
    /// <returns>Null if it would be accepted; otherwise one sentence on why not and what to do, without secret parts of the token.</returns>
    public static string? FaultOf(JsonWebToken token, string issuer, JsonWebKeySet keys, DateTimeOffset? now, string? audience = null)
    {
        keys.TryGet(token.Kid ?? "", out var key);
        return token switch
        {
            _ when token.Issuer != issuer =>
                $"The token's issuer is '{Sanitizer.Sanitize(token.Issuer)}' and not '{Sanitizer.Sanitize(issuer)}'"
                + (token.Issuer is null ? "" : $" ({IssuerUrl.Difference(issuer, token.Issuer)})")
                + ": put this issuer first in the API server's --service-account-issuer flags.",
            { Kid: null } => "The token names no key (kid) in its header, so clouds cannot find the key that verifies it.",
            _ when key is null =>
                $"The token is signed by the key '{Sanitizer.Sanitize(token.Kid)}', which is not among the {keys.Keys.Count} of the key set: "
                + "publish again, or find the API server that signs with a key that the others do not serve.",
            // The key decides the algorithm; a token that names another is not signed by it.
            _ when key.Alg != token.Alg || !key.Verify(token.SignedPart.Span, token.Signature.Span) =>
                $"The token's signature does not verify with the key '{Sanitizer.Sanitize(token.Kid)}' ({key.Alg}; the token names {Sanitizer.Sanitize(token.Alg)}): "
                + "the API server signs with another key than it serves under this kid.",
            { ExpiresAt: null } when now is not null =>
                "The token has no time of expiry (exp), without which clouds refuse it: use a token of the TokenRequest API, not one of a Secret.",
            { ExpiresAt: { } end } when now - end > ClockDifference => $"The token expired at {Sentence.Time(end)}: the kubelet has not renewed it, or a clock is wrong.",
            { NotBefore: { } start } when start - now > ClockDifference => $"The token is not valid before {Sentence.Time(start)}: a clock is wrong.",
            _ when audience is not null && !token.Audiences.Contains(audience, StringComparer.Ordinal) =>
                $"The token is for {(token.Audiences.Count > 0 ? Sanitizer.Sanitize(string.Join(", ", token.Audiences)) : "no audience")} and not for '{Sanitizer.Sanitize(audience)}': set the audience of the projected token.",
            _ => null,
        };
    }
}
