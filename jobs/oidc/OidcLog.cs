using ClusterTrust.Oidc.Trust;

namespace ClusterTrust.Oidc;

/// <summary>The log events of oidc, with stable ids and names.</summary>
internal static partial class OidcLog
{
    [LoggerMessage(1001, LogLevel.Information, "published the issuer {issuer} on branch {branch}: commit {sha}, keys added: {added}, removed: {removed}")]
    public static partial void Published(this ILogger log, string issuer, string branch, string sha, int added, int removed);

    /// <summary>Logs what the rules found in the API servers' documents, and why a cloud will refuse the issuer.</summary>
    public static void IssuerFindings(this ILogger log, CheckedIssuer issuer)
    {
        foreach (var notice in issuer.Notices)
        {
            log.IssuerNotice(notice);
        }

        foreach (var warning in issuer.Warnings)
        {
            log.IssuerWarning(warning);
        }

        foreach (var fault in Enum.GetValues<Cloud>().Select(cloud => TrustRules.IssuerFault(cloud, issuer.Issuer)).OfType<string>().Distinct())
        {
            log.IssuerWarning($"The issuer '{Sanitizer.Sanitize(issuer.Issuer)}' {fault}.");
        }
    }

    [LoggerMessage(1002, LogLevel.Information, "{notice}")]
    public static partial void IssuerNotice(this ILogger log, string notice);

    [LoggerMessage(1003, LogLevel.Warning, "{warning}")]
    public static partial void IssuerWarning(this ILogger log, string warning);

    [LoggerMessage(1004, LogLevel.Warning, "{warning}")]
    public static partial void SiteWarning(this ILogger log, string warning);

    [LoggerMessage(1005, LogLevel.Warning, "no ServiceAccount token is available, so it was not verified that tokens of this cluster are valid against {issuer} as published")]
    public static partial void ProofMissing(this ILogger log, string issuer);

    [LoggerMessage(1006, LogLevel.Information, "the commit was not pushed; reading the branch and planning again (retry {retry}): {reason}")]
    public static partial void Raced(this ILogger log, int retry, string reason);

    [LoggerMessage(1008, LogLevel.Information, "{issuer} is served as published")]
    public static partial void Visible(this ILogger log, string issuer);

    [LoggerMessage(1009, LogLevel.Warning, "{issuer} is not confirmed to be served as published yet: {reason}")]
    public static partial void NotVisibleYet(this ILogger log, string issuer, string reason);

    [LoggerMessage(1010, LogLevel.Error, "{issuer} is not served as published: {reason}")]
    public static partial void NotVisible(this ILogger log, string issuer, string reason);

    [LoggerMessage(1015, LogLevel.Warning, "{warning}")]
    public static partial void TrustWarning(this ILogger log, string warning);
}
