using System.Globalization;
using ClusterTrust.Hosting.Settings;
using ClusterTrust.Oidc.Trust;

namespace ClusterTrust.Oidc;

/// <summary>Everything that can be set, under one name each; see <see cref="OidcOptions"/> for what becomes of it.</summary>
public static class OidcSettings
{
    /// <summary>The issuer.</summary>
    public static Setting<string?> Issuer { get; } = Setting.Text(
        "--issuer",
        "The issuer URL, to the character as it stands in tokens (the API server's --service-account-issuer); by default what the API server says.",
        "URL").Optional();

    /// <summary>The repository.</summary>
    public static Setting<string> Repository { get; } = Setting.Text(
        "--repository",
        "The Git repository that serves the issuer: ssh://, git@HOST:PATH, https://, file://, or OWNER/NAME on GitHub.",
        "URL").WithAlias("GITHUB_REPOSITORY");

    /// <summary>The branch.</summary>
    public static Setting<string?> Branch { get; } = Setting.Text(
        "--branch", "The branch that is published; by default the repository's own.", "NAME").Optional();

    /// <summary>Make the branch.</summary>
    public static Setting<bool> CreateBranch { get; } = Setting.Switch(
        "--create-branch", "Make the branch, without history, if the repository has others but not this one.");

    /// <summary>Git or an API.</summary>
    public static Setting<RepositoryApi> Api { get; } = Setting.Choice(
        "--api",
        "How commits reach the repository; auto takes GitHub's API where a GitHub App is configured, and Git elsewhere.",
        [("auto", RepositoryApi.Auto), ("git", RepositoryApi.Git), ("github", RepositoryApi.GitHub)]).WithDefault(RepositoryApi.Auto);

    /// <summary>The deploy key.</summary>
    public static Setting<string?> SshKey { get; } = Setting.FilePath(
        "--ssh-key", "The private deploy key for SSH, in OpenSSH or PEM form.").Optional();

    /// <summary>The deploy key's passphrase.</summary>
    public static Setting<string?> SshKeyPassphrase { get; } = Setting.Text(
        "--ssh-key-passphrase", "The passphrase of the deploy key.").Optional().AsSecret();

    /// <summary>The deploy key's passphrase, in a file.</summary>
    public static Setting<string?> SshKeyPassphraseFile { get; } = Setting.FilePath(
        "--ssh-key-passphrase-file", "A file with the passphrase of the deploy key.").Optional();

    /// <summary>Host keys.</summary>
    public static Setting<string?> KnownHosts { get; } = Setting.FilePath(
        "--known-hosts", "The host keys to accept, as ssh-keyscan writes them; GitHub's own are built in.").Optional();

    /// <summary>A token file.</summary>
    public static Setting<string?> TokenFile { get; } = Setting.FilePath(
        "--token-file", "A file with the access token for https or GitHub's API.").Optional();

    /// <summary>A token.</summary>
    public static Setting<string?> Token { get; } = Setting.Text(
        "--token", "The access token for https or GitHub's API.").Optional().AsSecret().WithAlias("GITHUB_TOKEN");

    /// <summary>GitHub Enterprise Server.</summary>
    public static Setting<Uri?> GitHubApiUrl { get; } = Setting.Of(
        "--github-api-url",
        "The base of GitHub's REST API; on an Enterprise Server https://HOST/api/v3/. By default api.github.com, or what the repository's host suggests.",
        "URL",
        static text => Uri.TryCreate(text.EndsWith('/') ? text : text + "/", UriKind.Absolute, out var uri)
            && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback))
            ? Parsed.Value(uri)
            : Parsed.Fault<Uri>("must be an https URL, such as https://HOST/api/v3/ (http only on this machine's own loopback address)")).Optional();

    /// <summary>The App.</summary>
    public static Setting<string?> GitHubAppId { get; } = Setting.Text(
        "--github-app-id", "The id or client id of the GitHub App that commits.", "ID").Optional();

    /// <summary>The App's installation.</summary>
    public static Setting<long?> GitHubAppInstallationId { get; } = Setting.Of(
        "--github-app-installation-id", "The App's installation; by default looked up for the repository.", "ID",
        static text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? Parsed.Value(id)
            : Parsed.Fault<long>("must be the installation's number")).Optional();

    /// <summary>The App's key.</summary>
    public static Setting<string?> GitHubAppKey { get; } = Setting.FilePath(
        "--github-app-key", "The App's private key, PEM.").Optional();

    /// <summary>Who commits.</summary>
    public static Setting<string?> CommitName { get; } = Setting.Text(
        "--commit-name", "The author's and committer's name; by default ClusterTrust, or the GitHub App itself.", "NAME").Optional().WithAlias("COMMIT_NAME");

    /// <summary>Who commits.</summary>
    public static Setting<string?> CommitEmail { get; } = Setting.Text(
        "--commit-email", "The author's and committer's e-mail address.", "ADDRESS").Optional().WithAlias("COMMIT_EMAIL");

    /// <summary>The message's first line.</summary>
    public static Setting<string?> CommitMessage { get; } = Setting.Text(
        "--commit-message", "The message's first line; by default it says what changes. The key changes stand in the message's body either way.").Optional();

    /// <summary>The signing key.</summary>
    public static Setting<string?> SigningKey { get; } = Setting.FilePath(
        "--signing-key", "Sign commits with this private key: OpenPGP, armored, or OpenSSH.").Optional();

    /// <summary>The signing key's passphrase.</summary>
    public static Setting<string?> SigningKeyPassphrase { get; } = Setting.Text(
        "--signing-key-passphrase", "The passphrase of the signing key.").Optional().AsSecret();

    /// <summary>The signing key's passphrase, in a file.</summary>
    public static Setting<string?> SigningKeyPassphraseFile { get; } = Setting.FilePath(
        "--signing-key-passphrase-file", "A file with the passphrase of the signing key.").Optional();

    /// <summary>Several API servers.</summary>
    public static Setting<IReadOnlyList<Uri>> ApiServers { get; } = Setting.ListOf(Setting.HttpsUri(
        "--api-server", "An API server to read, by its own address; give each one of the cluster, so that no key is missed while they rotate."));

    /// <summary>All API servers.</summary>
    public static Setting<bool> AllApiServers { get; } = Setting.Switch(
        "--all-api-servers", "Read every API server that the EndpointSlice default/kubernetes names.");

    /// <summary>Retention.</summary>
    public static Setting<TimeSpan> RetainRemovedKeys { get; } = Setting.Duration(
        "--retain-removed-keys", "How long a key that no API server serves any more stays published; 0 mirrors the API server exactly.").WithDefault(TimeSpan.FromHours(24));

    /// <summary>Compromised keys.</summary>
    public static Setting<IReadOnlyList<string>> DropKeys { get; } = Setting.ListOf(Setting.Text(
        "--drop-key", "Never publish this key, whatever the repository holds: it is compromised. Removed at once, and it may stay set.", "KID"));

    /// <summary>A rebuilt cluster.</summary>
    public static Setting<bool> AcceptNewKeys { get; } = Setting.Switch(
        "--accept-new-keys", "Publish although no key is shared with the published set, it has keys of unknown origin, or another issuer is published there. Run once with it, after looking.");

    /// <summary>Where the root is served.</summary>
    public static Setting<string?> SiteUrl { get; } = Setting.Text(
        "--site-url", "The URL at which the repository's root is served, where it cannot be told from issuer and repository.", "URL").Optional();

    /// <summary>No status page.</summary>
    public static Setting<bool> NoStatusPage { get; } = Setting.Switch(
        "--no-status-page", "Do not write index.html beside the documents.");

    /// <summary>No look from outside.</summary>
    public static Setting<bool> NoVerify { get; } = Setting.Switch(
        "--no-verify", "Do not look at the public URL.");

    /// <summary>How long to look.</summary>
    public static Setting<TimeSpan> VerifyTimeout { get; } = Setting.Duration(
        "--verify-timeout", "How long to wait for the public URL to serve what was committed; a run without a commit looks once.").WithDefault(TimeSpan.FromMinutes(3));

    /// <summary>A token to verify with.</summary>
    public static Setting<string?> VerifyTokenFile { get; } = Setting.FilePath(
        "--verify-token-file", "A ServiceAccount token to verify with, re-read when it rotates; by default the job's own.").Optional();

    /// <summary>A fresh token.</summary>
    public static Setting<string?> VerifyServiceAccount { get; } = Setting.Text(
        "--verify-service-account", "Ask the API server for a fresh token of this ServiceAccount to verify with (needs create on serviceaccounts/token).", "NAMESPACE/NAME").Optional();

    /// <summary>The audience to verify.</summary>
    public static Setting<string?> Audience { get; } = Setting.Text(
        "--audience", "The audience that tokens are for.").Optional();

    /// <summary>The cloud that is to trust.</summary>
    public static Setting<Cloud> Cloud { get; } = Setting.Choice<Cloud>("--cloud", "The cloud that is to trust the issuer.");

    /// <summary>The ServiceAccounts to trust; at least one.</summary>
    public static Setting<IReadOnlyList<ServiceAccountSubject>> Subject { get; } = Setting.ListOf(Setting.Of(
        "--subject", "A ServiceAccount to trust; repeat it for several that sign in as one identity.", "system:serviceaccount:NAMESPACE:NAME",
        static text => ServiceAccountSubject.Parse(text) is { } subject
            ? Parsed.Value(subject)
            : Parsed.Fault<ServiceAccountSubject>("must be system:serviceaccount:NAMESPACE:NAME, with names that Kubernetes accepts")))
        with
    { IsRequired = true };

    /// <summary>Commands or configuration.</summary>
    public static Setting<TrustFormat> TrustFormat { get; } = Setting.Choice(
        "--output",
        "What is printed: commands for the cloud's command line, OpenTofu configuration, or its parts and the commands as JSON.",
        [("commands", Trust.TrustFormat.Commands), ("tofu", Trust.TrustFormat.Tofu), ("json", Trust.TrustFormat.Json)],
        [("table", Trust.TrustFormat.Commands)]).WithDefault(Trust.TrustFormat.Commands);

    /// <summary>What tells which issuer, and where its files lie.</summary>
    public static IReadOnlyList<Setting> OfIssuer { get; } = [Issuer, ApiServers, AllApiServers];

    /// <summary>What reaches the repository.</summary>
    public static IReadOnlyList<Setting> OfRepository { get; } =
    [
        Repository, Branch, CreateBranch, Api, SshKey, SshKeyPassphrase, SshKeyPassphraseFile, KnownHosts, TokenFile, Token,
        GitHubApiUrl, GitHubAppId, GitHubAppInstallationId, GitHubAppKey, SiteUrl,
    ];

    /// <summary>What decides about keys and files.</summary>
    public static IReadOnlyList<Setting> OfPlan { get; } = [RetainRemovedKeys, DropKeys, AcceptNewKeys, NoStatusPage];

    /// <summary>What makes a commit.</summary>
    public static IReadOnlyList<Setting> OfCommit { get; } = [CommitName, CommitEmail, CommitMessage, SigningKey, SigningKeyPassphrase, SigningKeyPassphraseFile];

    /// <summary>What looks from outside.</summary>
    public static IReadOnlyList<Setting> OfVerification { get; } = [VerifyTimeout, VerifyTokenFile, VerifyServiceAccount, Audience];
}
