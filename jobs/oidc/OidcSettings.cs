using System.Globalization;
using ClusterTrust.Hosting.Settings;
using ClusterTrust.Oidc.Trust;

namespace ClusterTrust.Oidc;

/// <summary>All settings of oidc. <see cref="OidcOptions"/> holds their validated values.</summary>
public static class OidcSettings
{
    /// <summary>The issuer URL; the API server's issuer by default.</summary>
    public static Setting<string?> Issuer { get; } = Setting.Text(
        "--issuer",
        "The issuer URL, exactly as in tokens (the API server's --service-account-issuer). Defaults to the issuer that the API server reports.",
        "URL").Optional();

    /// <summary>The Git repository that serves the issuer; required to publish and plan.</summary>
    public static Setting<string> Repository { get; } = Setting.Text(
        "--repository",
        "The Git repository that serves the issuer: ssh://, git@HOST:PATH, https://, file://, or OWNER/NAME on GitHub.",
        "URL").WithAlias("GITHUB_REPOSITORY");

    /// <summary>The branch to publish; the repository's default branch by default.</summary>
    public static Setting<string?> Branch { get; } = Setting.Text(
        "--branch", "The branch to publish. Defaults to the repository's default branch.", "NAME").Optional();

    /// <summary>Whether to create the branch if it does not exist; off by default.</summary>
    public static Setting<bool> CreateBranch { get; } = Setting.Switch(
        "--create-branch", "Create the branch, without history, if the repository has other branches but not this one.");

    /// <summary>Whether commits use Git or GitHub's API; chosen automatically by default.</summary>
    public static Setting<RepositoryApi> Api { get; } = Setting.Choice(
        "--api",
        "How to commit to the repository. auto uses GitHub's API if a GitHub App is configured, otherwise Git.",
        [("auto", RepositoryApi.Auto), ("git", RepositoryApi.Git), ("github", RepositoryApi.GitHub)]).WithDefault(RepositoryApi.Auto);

    /// <summary>The file with the private deploy key for SSH.</summary>
    public static Setting<string?> SshKey { get; } = Setting.FilePath(
        "--ssh-key", "The file with the private deploy key for SSH, in OpenSSH or PEM format.").Optional();

    /// <summary>The passphrase of the deploy key; a secret, taken from the environment only.</summary>
    public static Setting<string?> SshKeyPassphrase { get; } = Setting.Text(
        "--ssh-key-passphrase", "The passphrase of the deploy key.").Optional().AsSecret();

    /// <summary>The file with the passphrase of the deploy key.</summary>
    public static Setting<string?> SshKeyPassphraseFile { get; } = Setting.FilePath(
        "--ssh-key-passphrase-file", "A file with the passphrase of the deploy key.").Optional();

    /// <summary>The file with the host keys to accept; GitHub's host keys by default.</summary>
    public static Setting<string?> KnownHosts { get; } = Setting.FilePath(
        "--known-hosts", "The file with the host keys to accept, in the format of ssh-keyscan. GitHub's host keys are built in.").Optional();

    /// <summary>The file with the access token for HTTPS or GitHub's API.</summary>
    public static Setting<string?> TokenFile { get; } = Setting.FilePath(
        "--token-file", "A file with the access token for HTTPS or GitHub's API.").Optional();

    /// <summary>The access token for HTTPS or GitHub's API; a secret, taken from the environment only.</summary>
    public static Setting<string?> Token { get; } = Setting.Text(
        "--token", "The access token for HTTPS or GitHub's API.").Optional().AsSecret().WithAlias("GITHUB_TOKEN");

    /// <summary>The base URL of GitHub's REST API; https, or http on loopback.</summary>
    public static Setting<Uri?> GitHubApiUrl { get; } = Setting.Of(
        "--github-api-url",
        "The base URL of GitHub's REST API; for GitHub Enterprise Server, https://HOST/api/v3/. Defaults to api.github.com, or to the API of the repository's host.",
        "URL",
        static text => Uri.TryCreate(text.EndsWith('/') ? text : text + "/", UriKind.Absolute, out var uri)
            && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback))
            ? Parsed.Value(uri)
            : Parsed.Fault<Uri>("must be an https URL, such as https://HOST/api/v3/ (http only on this machine's own loopback address)")).Optional();

    /// <summary>The id or client id of the GitHub App that commits.</summary>
    public static Setting<string?> GitHubAppId { get; } = Setting.Text(
        "--github-app-id", "The id or client id of the GitHub App that commits.", "ID").Optional();

    /// <summary>The number of the App's installation; looked up by default.</summary>
    public static Setting<long?> GitHubAppInstallationId { get; } = Setting.Of(
        "--github-app-installation-id", "The id of the App's installation. By default it is looked up for the repository.", "ID",
        static text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? Parsed.Value(id)
            : Parsed.Fault<long>("must be the installation's number")).Optional();

    /// <summary>The file with the App's private key.</summary>
    public static Setting<string?> GitHubAppKey { get; } = Setting.FilePath(
        "--github-app-key", "The file with the App's private key, in PEM format.").Optional();

    /// <summary>The name of the author and committer; ClusterTrust or the GitHub App by default.</summary>
    public static Setting<string?> CommitName { get; } = Setting.Text(
        "--commit-name", "The name of the author and committer. Defaults to ClusterTrust, or to the GitHub App.", "NAME").Optional().WithAlias("COMMIT_NAME");

    /// <summary>The e-mail address of the author and committer.</summary>
    public static Setting<string?> CommitEmail { get; } = Setting.Text(
        "--commit-email", "The e-mail address of the author and committer.", "ADDRESS").Optional().WithAlias("COMMIT_EMAIL");

    /// <summary>The first line of the commit message; describes the change by default.</summary>
    public static Setting<string?> CommitMessage { get; } = Setting.Text(
        "--commit-message", "The first line of the commit message. By default it describes the change. The message's body always lists the changed keys.").Optional();

    /// <summary>The file with the private key that signs commits; commits are not signed by default.</summary>
    public static Setting<string?> SigningKey { get; } = Setting.FilePath(
        "--signing-key", "Sign commits with this private key: armored OpenPGP, or OpenSSH.").Optional();

    /// <summary>The passphrase of the signing key; a secret, taken from the environment only.</summary>
    public static Setting<string?> SigningKeyPassphrase { get; } = Setting.Text(
        "--signing-key-passphrase", "The passphrase of the signing key.").Optional().AsSecret();

    /// <summary>The file with the passphrase of the signing key.</summary>
    public static Setting<string?> SigningKeyPassphraseFile { get; } = Setting.FilePath(
        "--signing-key-passphrase-file", "A file with the passphrase of the signing key.").Optional();

    /// <summary>The addresses of the API servers to read; the one of the configuration by default.</summary>
    public static Setting<IReadOnlyList<Uri>> ApiServers { get; } = Setting.ListOf(Setting.HttpsUri(
        "--api-server", "The address of an API server to read. Repeat it for each API server of the cluster, so that no key is missed during a rotation."));

    /// <summary>Whether to read every API server of the cluster; off by default.</summary>
    public static Setting<bool> AllApiServers { get; } = Setting.Switch(
        "--all-api-servers", "Read every API server in the EndpointSlice default/kubernetes.");

    /// <summary>The file with the discovery document; read from the API server by default.</summary>
    public static Setting<string?> DiscoveryFile { get; } = Setting.FilePath(
        "--discovery-file", "Read the discovery document from this file, which an earlier step wrote, instead of from the API server. Requires --jwks-file, --issuer and --verify-token-file.").Optional();

    /// <summary>The file with the key set that belongs to the discovery document.</summary>
    public static Setting<string?> JwksFile { get; } = Setting.FilePath(
        "--jwks-file", "Read the key set from this file. The token of --verify-token-file must verify with it, and be no older than an hour.").Optional();

    /// <summary>How long to publish a key after no API server serves it any more; 24 hours by default, 0 for not at all.</summary>
    public static Setting<TimeSpan> RetainRemovedKeys { get; } = Setting.Duration(
        "--retain-removed-keys", "How long to keep publishing a key that no API server serves any more. 0 publishes exactly the keys of the API server.").WithDefault(TimeSpan.FromHours(24));

    /// <summary>The key ids that are never published; none by default. A key that is still served is refused with exit code 3.</summary>
    public static Setting<IReadOnlyList<string>> DropKeys { get; } = Setting.ListOf(Setting.Text(
        "--drop-key", "Never publish this key, whatever the repository contains, because it is compromised. An already published key is removed at once. The setting can stay in place.", "KID"));

    /// <summary>Whether to publish over unrelated keys, keys of unknown origin or another issuer; off by default.</summary>
    public static Setting<bool> AcceptNewKeys { get; } = Setting.Switch(
        "--accept-new-keys", "Publish even if the published set shares no key with the cluster, contains keys of unknown origin, or belongs to another issuer. Investigate first, then use it for one run.");

    /// <summary>The URL of the repository's root; derived from issuer and repository by default.</summary>
    public static Setting<string?> SiteUrl { get; } = Setting.Text(
        "--site-url", "The URL that serves the repository's root. Required only if it cannot be derived from the issuer and the repository.", "URL").Optional();

    /// <summary>Whether to leave index.html out; off by default.</summary>
    public static Setting<bool> NoStatusPage { get; } = Setting.Switch(
        "--no-status-page", "Do not write a status page (index.html).");

    /// <summary>Whether to skip the check of the public URL; off by default.</summary>
    public static Setting<bool> NoVerify { get; } = Setting.Switch(
        "--no-verify", "Do not check the public URL.");

    /// <summary>How long to wait for the public URL to serve a commit; 3 minutes by default.</summary>
    public static Setting<TimeSpan> VerifyTimeout { get; } = Setting.Duration(
        "--verify-timeout", "How long to wait for the public URL to serve the commit. A run without a commit checks once.").WithDefault(TimeSpan.FromMinutes(3));

    /// <summary>The file with the ServiceAccount token to verify with; the pod's own by default.</summary>
    public static Setting<string?> VerifyTokenFile { get; } = Setting.FilePath(
        "--verify-token-file", "A file with a ServiceAccount token to verify with, read again when it is rotated. Defaults to the pod's own token.").Optional();

    /// <summary>The ServiceAccount whose token to request and verify with.</summary>
    public static Setting<string?> VerifyServiceAccount { get; } = Setting.Text(
        "--verify-service-account", "Request a token of this ServiceAccount from the API server and verify with it (requires create on serviceaccounts/token).", "NAMESPACE/NAME").Optional();

    /// <summary>The audience of the tokens; for trust, the cloud's own by default.</summary>
    public static Setting<string?> Audience { get; } = Setting.Text(
        "--audience", "The audience of the tokens. For trust, it defaults to the cloud's own.").Optional();

    /// <summary>The cloud that trusts the issuer; required.</summary>
    public static Setting<Cloud> Cloud { get; } = Setting.Choice<Cloud>("--cloud", "The cloud that will trust the issuer.");

    /// <summary>The ServiceAccounts to trust; at least one.</summary>
    public static Setting<IReadOnlyList<ServiceAccountSubject>> Subject { get; } = Setting.ListOf(Setting.Of(
        "--subject", "A ServiceAccount to trust. Repeat it for several that sign in as one identity.", "system:serviceaccount:NAMESPACE:NAME",
        static text => ServiceAccountSubject.Parse(text) is { } subject
            ? Parsed.Value(subject)
            : Parsed.Fault<ServiceAccountSubject>("must be system:serviceaccount:NAMESPACE:NAME, with names that Kubernetes accepts")))
        with
    { IsRequired = true };

    /// <summary>The form of the printed trust; commands by default.</summary>
    public static Setting<TrustFormat> TrustFormat { get; } = Setting.Choice(
        "--output",
        "What to print: commands of the cloud's CLI, an OpenTofu configuration, or JSON with the individual values and the commands.",
        [("commands", Trust.TrustFormat.Commands), ("tofu", Trust.TrustFormat.Tofu), ("json", Trust.TrustFormat.Json)],
        [("table", Trust.TrustFormat.Commands)]).WithDefault(Trust.TrustFormat.Commands);

    /// <summary>The settings that select the issuer and the API servers.</summary>
    public static IReadOnlyList<Setting> OfIssuer { get; } = [Issuer, ApiServers, AllApiServers];

    /// <summary>The settings that read the issuer from files instead.</summary>
    public static IReadOnlyList<Setting> OfFiles { get; } = [DiscoveryFile, JwksFile];

    /// <summary>The settings that select the repository and its credentials.</summary>
    public static IReadOnlyList<Setting> OfRepository { get; } =
    [
        Repository, Branch, CreateBranch, Api, SshKey, SshKeyPassphrase, SshKeyPassphraseFile, KnownHosts, TokenFile, Token,
        GitHubApiUrl, GitHubAppId, GitHubAppInstallationId, GitHubAppKey, SiteUrl,
    ];

    /// <summary>The settings that determine which keys and files are published.</summary>
    public static IReadOnlyList<Setting> OfPlan { get; } = [RetainRemovedKeys, DropKeys, AcceptNewKeys, NoStatusPage];

    /// <summary>The settings of a commit and its signature.</summary>
    public static IReadOnlyList<Setting> OfCommit { get; } = [CommitName, CommitEmail, CommitMessage, SigningKey, SigningKeyPassphrase, SigningKeyPassphraseFile];

    /// <summary>The settings of the check of the public URL.</summary>
    public static IReadOnlyList<Setting> OfVerification { get; } = [VerifyTimeout, VerifyTokenFile, VerifyServiceAccount, Audience];
}
