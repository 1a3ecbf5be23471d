using ClusterTrust.Oidc.Repository;
using ClusterTrust.Oidc.Trust;
using LibGit2Sharp;

namespace ClusterTrust.Oidc;

/// <summary>All settings of oidc. <see cref="OidcOptions"/> holds their validated values.</summary>
internal static class OidcSettings
{
    public static Setting<string?> Issuer { get; } = Setting.Text(
        "--issuer",
        "The issuer URL, exactly as in tokens (the API server's --service-account-issuer). Defaults to the issuer that the API server reports.",
        "URL").Optional();

    public static Setting<string> Repository { get; } = Setting.Text(
        "--repository",
        "The Git repository that serves the issuer: ssh://, git@HOST:PATH, https://, file://, or OWNER/NAME on GitHub.",
        "URL").WithAlias("GITHUB_REPOSITORY");

    public static Setting<string?> Branch { get; } = Setting.Of(
        "--branch", "The branch to publish. Defaults to the repository's default branch.", "NAME",
        static text =>
        {
            var name = text.StartsWith("refs/heads/", StringComparison.Ordinal) ? text["refs/heads/".Length..] : text;
            return name is not (['-', ..] or "HEAD") && Reference.IsValidName($"refs/heads/{name}") ? Parsed.Value(name) : Parsed.Fault<string>("must be the name of a branch, such as main");
        }).Optional();

    public static Setting<bool> CreateBranch { get; } = Setting.Switch(
        "--create-branch", "Create the branch, without history, if the repository has other branches but not this one.");

    public static Setting<RepositoryApi> Api { get; } = Setting.Choice(
        "--api",
        "How to commit to the repository. auto uses GitHub's API if a GitHub App is configured, otherwise Git.",
        [("auto", RepositoryApi.Auto), ("git", RepositoryApi.Git), ("github", RepositoryApi.GitHub)]).WithDefault(RepositoryApi.Auto);

    public static Setting<string?> SshKey { get; } = Setting.FilePath(
        "--ssh-key", "The file with the private deploy key for SSH, in OpenSSH or PEM format.").Optional();

    public static Setting<string?> SshKeyPassphrase { get; } = Setting.Text(
        "--ssh-key-passphrase", "The passphrase of the deploy key.").Optional().AsSecret();

    public static Setting<string?> SshKeyPassphraseFile { get; } = Setting.FilePath(
        "--ssh-key-passphrase-file", "A file with the passphrase of the deploy key.").Optional();

    public static Setting<string?> KnownHosts { get; } = Setting.FilePath(
        "--known-hosts", "The file with the host keys to accept, in the format of ssh-keyscan. GitHub's host keys are built in.").Optional();

    public static Setting<string?> TokenFile { get; } = Setting.FilePath(
        "--token-file", "A file with the access token for HTTPS or GitHub's API.").Optional();

    public static Setting<string?> Token { get; } = Setting.Text(
        "--token", "The access token for HTTPS or GitHub's API.").Optional().AsSecret().WithAlias("GITHUB_TOKEN");

    public static Setting<Uri?> GitHubApiUrl { get; } = Setting.Of(
        "--github-api-url",
        "The base URL of GitHub's REST API; for GitHub Enterprise Server, https://HOST/api/v3/. Defaults to api.github.com, or to the API of the repository's host.",
        "URL",
        static text => Uri.TryCreate(text.EndsWith('/') ? text : text + "/", UriKind.Absolute, out var uri)
            ? Parsed.Value(uri)
            : Parsed.Fault<Uri>("must be a URL, such as https://HOST/api/v3/")).Optional();

    public static Setting<string?> GitHubAppId { get; } = Setting.Text(
        "--github-app-id", "The id or client id of the GitHub App that commits.", "ID").Optional();

    public static Setting<long?> GitHubAppInstallationId { get; } = Setting.Of(
        "--github-app-installation-id", "The id of the App's installation. By default it is looked up for the repository.", "ID",
        static text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? Parsed.Value(id)
            : Parsed.Fault<long>("must be the installation's number")).Optional();

    public static Setting<string?> GitHubAppKey { get; } = Setting.FilePath(
        "--github-app-key", "The file with the App's private key, in PEM format.").Optional();

    public static Setting<string?> CommitName { get; } = Setting.Of(
        "--commit-name", "The name of the author and committer. Defaults to ClusterTrust, or to the GitHub App.", "NAME", CommitIdentity.ParseName).Optional().WithAlias("COMMIT_NAME");

    public static Setting<string?> CommitEmail { get; } = Setting.Of(
        "--commit-email", "The e-mail address of the author and committer.", "ADDRESS", CommitIdentity.ParseEmail).Optional().WithAlias("COMMIT_EMAIL");

    public static Setting<string?> CommitMessage { get; } = Setting.Text(
        "--commit-message", "The first line of the commit message. By default it describes the change. The message's body always lists the changed keys.").Optional();

    public static Setting<string?> SigningKey { get; } = Setting.FilePath(
        "--signing-key", "Sign commits with this private key: armored OpenPGP, or OpenSSH.").Optional();

    public static Setting<string?> SigningKeyPassphrase { get; } = Setting.Text(
        "--signing-key-passphrase", "The passphrase of the signing key.").Optional().AsSecret();

    public static Setting<string?> SigningKeyPassphraseFile { get; } = Setting.FilePath(
        "--signing-key-passphrase-file", "A file with the passphrase of the signing key.").Optional();

    public static Setting<IReadOnlyList<Uri>> ApiServers { get; } = Setting.ListOf(Setting.Url(
        "--api-server", "The address of an API server to read. Repeat it for each API server of the cluster, so that no key is missed during a rotation.", "https"));

    public static Setting<bool> AllApiServers { get; } = Setting.Switch(
        "--all-api-servers", "Read every API server in the EndpointSlice default/kubernetes.");

    public static Setting<string?> DiscoveryFile { get; } = Setting.FilePath(
        "--discovery-file", "Read the discovery document from this file, which an earlier step wrote, instead of from the API server. Requires --jwks-file, --issuer and --verify-token-file.").Optional();

    public static Setting<string?> JwksFile { get; } = Setting.FilePath(
        "--jwks-file", "Read the key set from this file. The token of --verify-token-file must verify with it, and be no older than an hour.").Optional();

    public static Setting<TimeSpan> RetainRemovedKeys { get; } = Setting.Duration(
        "--retain-removed-keys", "How long to keep publishing a key that no API server serves any more. 0 publishes exactly the keys of the API server. At most 3660d.").WithDefault(TimeSpan.FromHours(24));

    public static Setting<IReadOnlyList<string>> DropKeys { get; } = Setting.ListOf(Setting.Of(
        "--drop-key", "Never publish this key, whatever the repository contains, because it is compromised. An already published key is removed at once. The setting can stay in place.", "KID",
        static text => KeyRules.IsKid(text) ? Parsed.Value(text) : Parsed.Fault<string>("must be the kid of one key, which has no spaces")));

    public static Setting<bool> AcceptNewKeys { get; } = Setting.Switch(
        "--accept-new-keys", "Publish even if the published set shares no key with the cluster, contains keys of unknown origin, or names another issuer or jwks_uri. Investigate first, then use it for one run.");

    public static Setting<string?> SiteUrl { get; } = Setting.Text(
        "--site-url", "The URL that serves the repository's root. Required only if it cannot be derived from the issuer and the repository.", "URL").Optional();

    public static Setting<bool> NoStatusPage { get; } = Setting.Switch(
        "--no-status-page", "Do not write a status page (index.html).");

    public static Setting<bool> NoVerify { get; } = Setting.Switch(
        "--no-verify", "Do not check the public URL.");

    public static Setting<TimeSpan> VerifyTimeout { get; } = Setting.Duration(
        "--verify-timeout", "How long to wait for the public URL to serve the commit. A run without a commit checks once.").WithDefault(TimeSpan.FromMinutes(3));

    public static Setting<string?> VerifyTokenFile { get; } = Setting.FilePath(
        "--verify-token-file", "A file with a ServiceAccount token to verify with, read again when it is rotated. Defaults to the pod's own token.").Optional();

    public static Setting<string?> VerifyServiceAccount { get; } = Setting.Of(
        "--verify-service-account",
        "Request a token of this ServiceAccount from the API server and verify with it (requires create on serviceaccounts/token).",
        "NAMESPACE/NAME",
        static text => text.Split('/') is [{ Length: > 0 }, { Length: > 0 }] ? Parsed.Value(text) : Parsed.Fault<string>("must be NAMESPACE/NAME")).Optional();

    public static Setting<string?> Audience { get; } = Setting.Text(
        "--audience", "The audience of the tokens. For trust, it defaults to the cloud's own.").Optional();

    public static Setting<string?> SafeToSign { get; } = Setting.Text(
        "--safe-to-sign", "Exit with 0 if tokens that this key signs are accepted everywhere, otherwise with 1.", "KID").Optional();

    public static Setting<string?> SafeToRemove { get; } = Setting.Text(
        "--safe-to-remove", "Exit with 0 if every token that this key signed has expired, otherwise with 1.", "KID").Optional();

    public static Setting<Cloud> Cloud { get; } = Setting.Choice<Cloud>("--cloud", "The cloud that will trust the issuer.");

    public static Setting<IReadOnlyList<ServiceAccountSubject>> Subject { get; } = Setting.ListOf(Setting.Of(
        "--subject", "A ServiceAccount to trust. Repeat it for several that sign in as one identity.", "system:serviceaccount:NAMESPACE:NAME",
        ServiceAccountSubject.Parse, "must be system:serviceaccount:NAMESPACE:NAME, with names that Kubernetes accepts"))
        with
    { IsRequired = true };

    public static Setting<TrustFormat> TrustFormat { get; } = Setting.Choice(
        "--output",
        "What to print: commands of the cloud's CLI, an OpenTofu configuration, or JSON with the individual values and the commands.",
        [("commands", Trust.TrustFormat.Commands), ("tofu", Trust.TrustFormat.Tofu), ("json", Trust.TrustFormat.Json)],
        [("table", Trust.TrustFormat.Commands)]).WithDefault(Trust.TrustFormat.Commands);

    public static IReadOnlyList<Setting> OfIssuer { get; } = [Issuer, ApiServers, AllApiServers];

    public static IReadOnlyList<Setting> OfFiles { get; } = [DiscoveryFile, JwksFile];

    public static IReadOnlyList<Setting> OfRepository { get; } =
    [
        Repository, Branch, CreateBranch, Api, SshKey, SshKeyPassphrase, SshKeyPassphraseFile, KnownHosts, TokenFile, Token,
        GitHubApiUrl, GitHubAppId, GitHubAppInstallationId, GitHubAppKey, SiteUrl,
    ];

    public static IReadOnlyList<Setting> OfPlan { get; } = [RetainRemovedKeys, DropKeys, AcceptNewKeys, NoStatusPage];

    public static IReadOnlyList<Setting> OfCommit { get; } = [CommitName, CommitEmail, CommitMessage, SigningKey, SigningKeyPassphrase, SigningKeyPassphraseFile];

    public static IReadOnlyList<Setting> OfVerification { get; } = [VerifyTokenFile, VerifyServiceAccount, Audience];
}
