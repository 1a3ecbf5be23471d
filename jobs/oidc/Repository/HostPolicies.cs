namespace ClusterTrust.Oidc.Repository;

/// <summary>
/// Explains refusals that the policies of a Git host, or the state of an account or a repository, cause. Hosts have no error codes for
/// them, so they are recognized by their wording; docs/oidc.md lists the known ones.
/// </summary>
internal static class HostPolicies
{
    // The first row with one of its phrases in the text applies, so specific rows precede general ones.
    private static readonly (string[] Phrases, string Sentence)[] Rows =
    [
        (["SAML SSO", "SAML enforcement", "valid SSO session", "single sign-on"],
            "The organization that owns REPOSITORY requires single sign-on: authorize this key or token for it in the account's settings, or use a deploy key of the repository"),
        (["IP allow list", "allowed IP", "whitelist your IP", "allowlist your IP", "IP address is not permitted", "IP address is not allowed", "IP restriction"],
            "The owner of REPOSITORY allows only listed IP addresses, and the address from which this pod reaches the server is not listed: add it to the allow list"),
        (["token's lifetime"],
            "The token has a longer lifetime than the owner of REPOSITORY allows: shorten it in the token's settings, or create a new token"),
        (["personal access token (classic)", "personal access tokens (classic)"],
            "The owner of REPOSITORY forbids classic personal access tokens: use a fine-grained token, a deploy key or a GitHub App"),
        (["forbids access via"],
            "The owner of REPOSITORY forbids this kind of token: use another kind, a deploy key or a GitHub App"),
        (["OAuth App access restrictions"],
            "The owner of REPOSITORY restricts OAuth apps, and the token belongs to one: ask the owner to approve it, or use a fine-grained token or a GitHub App"),
        (["installation has been suspended"],
            "The installation of the GitHub App on the owner of REPOSITORY is suspended: unsuspend it in the organization's settings"),
        (["VS403463", "conditional access policy"],
            "A conditional access policy denies this pod access to REPOSITORY: ask the tenant's administrator for an exemption"),
        (["deploy keys are disabled", "deploy keys are not allowed", "deploy keys are not enabled"],
            "Deploy keys are disabled for REPOSITORY: enable them in the settings of the organization or repository, or publish with a token or a GitHub App"),
        (["SSH key has expired", "key has expired", "key is expired"],
            "The deploy key of REPOSITORY has expired: add a new one to the repository"),
        (["SSH certificate"],
            "The organization that owns REPOSITORY accepts only SSH certificates, which are not supported: publish with a token or a GitHub App"),
        (["account is suspended", "account has been suspended", "account was suspended", "account has been blocked", "account is blocked", "account has been deactivated",
            "account is disabled", "account has been locked", "account is locked", "pending approval", "prohibited from signing in", "sign-in prohibited", "EPOLICYKEYAGE", "account is not active"],
            "The account with which this job signs in to REPOSITORY is suspended or disabled: contact the host's support or administrator, or use another account's credentials"),
        (["archived project", "is archived", "was archived", "been archived", "repo is archived", "read-only because it is archived"],
            "The repository REPOSITORY is archived and refuses commits: unarchive it, or publish to another one"),
        (["over quota", "quota exceeded", "size limit", "storage limit", "over its size", "user limit", "disk quota", "no space left", "maximum repository size", "maximum allowed size"],
            "The repository REPOSITORY or its owner has exceeded a quota: free space or raise the limit"),
        (["DMCA", "access to this repository has been disabled", "repository access blocked", "repository is disabled", "repository has been disabled",
            "' is disabled", "` is disabled", "is disabled. Please ask", "repository unavailable"],
            "The repository REPOSITORY or its owner's account is disabled: the owner must contact the host's support"),
        (["access over SSH is not allowed", "access over HTTP is not allowed", "Pushing over HTTP is not allowed", "Pulling over HTTP is not allowed", "SSH access is disabled"],
            "The server of REPOSITORY does not allow this protocol: use another one, ssh:// with a deploy key or https:// with a token"),
        (["command not found", "git-upload-pack: not found", "git-receive-pack: not found", "Invalid command", "command you're trying to execute", "account is currently not available"],
            "The server of REPOSITORY does not run Git's programs for this user: correct the user and the path of the address"),
    ];

    /// <summary>The cause that the text names and what to do, without a full stop; null if it names none that is known.</summary>
    /// <param name="path">The repository's path, which is ignored in the text.</param>
    public static string? CauseOf(string text, string path, string repository)
    {
        var message = WithoutPath(text, path);
        return Rows.FirstOrDefault(row => row.Phrases.Any(phrase => message.Contains(phrase, StringComparison.OrdinalIgnoreCase))).Sentence
            ?.Replace("REPOSITORY", repository, StringComparison.Ordinal);
    }

    /// <summary>The text without the repository's path: a repository may be called archived-pages.</summary>
    public static string WithoutPath(string text, string path) => path.Length == 0 ? text : text.Replace(path, "", StringComparison.OrdinalIgnoreCase);
}
