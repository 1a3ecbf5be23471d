using ClusterTrust.Oidc.Repository;
using ClusterTrust.Oidc.Repository.Git;
using ClusterTrust.Oidc.Repository.GitHub;

namespace ClusterTrust.Oidc;

/// <summary>The API that reads and commits (<see cref="OidcSettings.Api"/>).</summary>
internal enum RepositoryApi { Auto, Git, GitHub }

/// <summary>Selects Git or GitHub's API by the settings, and reads its options.</summary>
internal static class RepositorySelection
{
    /// <exception cref="JobException">A setting is missing, or a file cannot be read (exit code 2).</exception>
    public static ISiteRepository Open(SettingValues values, TimeProvider clock, ILoggerFactory logs) =>
        values.Get(OidcSettings.Api) == RepositoryApi.GitHub || IsGitHubApp(values)
            ? new GitHubSiteRepository(GitHub(values), clock, logs.CreateLogger<GitHubSiteRepository>())
            : new GitSiteRepository(Git(values, logs), clock, logs.CreateLogger<GitSiteRepository>());

    /// <summary>Whether a GitHub App makes the commits, which requires GitHub's API.</summary>
    public static bool IsGitHubApp(SettingValues values) =>
        values.TryGet(OidcSettings.GitHubAppId, out var id) && id is not null && values.Get(OidcSettings.Api) != RepositoryApi.Git;

    internal static GitHubOptions GitHub(SettingValues values)
    {
        var url = values.Get(OidcSettings.Repository);
        if (RepositoryAddress.Parse(url) is not { Owner: { } owner, Name: var name, Host: var host } address)
        {
            throw new JobException($"GitHub's API requires a repository with owner and name, not '{url}': correct --repository.", ExitCode.Usage);
        }

        var defaults = new GitHubOptions { Owner = owner, Name = name };
        return defaults with
        {
            Branch = values.Get(OidcSettings.Branch),
            CreateBranch = values.Get(OidcSettings.CreateBranch),
            ApiUrl = values.Get(OidcSettings.GitHubApiUrl)
                ?? (address.IsOnGitHub ? GitHubOptions.DefaultApiUrl
                    : new UriBuilder(Uri.UriSchemeHttps, host, address.Transport == RepositoryTransport.Https ? address.Port : 443, "/api/v3/").Uri),
            Token = FindTokenFile(values) is null && !IsGitHubApp(values) ? ReadToken(values, address) : null,
            TokenFile = values.Get(OidcSettings.TokenFile),
            App = IsGitHubApp(values) ? App(values) : null,
            Timeout = values.Get(RequestSettings.Timeout) ?? defaults.Timeout,
            Retries = values.Get(RequestSettings.Retries) ?? defaults.Retries,
        };
    }

    private static GitHubAppOptions App(SettingValues values) => new(
        values.Get(OidcSettings.GitHubAppId)!,
        values.Get(OidcSettings.GitHubAppKey) ?? throw new JobException("A GitHub App requires its private key: set --github-app-key.", ExitCode.Usage),
        values.Get(OidcSettings.GitHubAppInstallationId));

    private static GitRepositoryOptions Git(SettingValues values, ILoggerFactory logs)
    {
        var defaults = new GitRepositoryOptions { Url = values.Get(OidcSettings.Repository) };
        var address = RepositoryAddress.Parse(defaults.Url);
        return defaults with
        {
            Branch = values.Get(OidcSettings.Branch),
            CreateBranch = values.Get(OidcSettings.CreateBranch),
            SshKeyFile = values.Get(OidcSettings.SshKey),
            SshKeyPassphrase = ReadPassphrase(values, OidcSettings.SshKeyPassphrase, OidcSettings.SshKeyPassphraseFile, "deploy key"),
            KnownHostsFile = values.Get(OidcSettings.KnownHosts),
            Token = FindTokenFile(values, logs)?.Read(FileKind.Token).Trim()
                ?? (address.IsOnGitHub || address.Transport == RepositoryTransport.Https ? ReadToken(values, address) : null),
            IdleTimeout = values.Get(RequestSettings.Timeout) ?? defaults.IdleTimeout,
            ReadRetries = values.Get(RequestSettings.Retries) ?? defaults.ReadRetries,
        };
    }

    /// <summary>The token of the variables. A GITHUB_TOKEN, which many machines have, is for github.com and for the server that GitHub Actions names.</summary>
    /// <exception cref="JobException">It would be sent to another server (exit code 2).</exception>
    private static string? ReadToken(SettingValues values, RepositoryAddress address) =>
        values.NameOf(OidcSettings.Token) != "GITHUB_TOKEN" || address.IsOnGitHub
        || (Uri.TryCreate(values.Variable("GITHUB_SERVER_URL"), UriKind.Absolute, out var server) && server.Host == address.Host)
            ? values.Get(OidcSettings.Token)
            : throw new JobException($"The token in GITHUB_TOKEN is not sent to {address.Host}, because it may be for github.com: set OIDC_TOKEN or --token-file.", ExitCode.Usage);

    /// <summary>The passphrase of a key; null if none is set, and if the file is empty, as an unused key of a Secret is.</summary>
    /// <exception cref="JobException">The file cannot be read (exit code 2).</exception>
    public static string? ReadPassphrase(SettingValues values, Setting<string?> passphrase, Setting<string?> passphraseFile, string key) =>
        values.Get(passphrase) ?? (values.Get(passphraseFile) is { } path ? new SecretFile(path, $"passphrase of the {key}", passphraseFile.Flag).ReadPassphrase() : null);

    /// <summary>
    /// The file with the token; null without one, and if it is empty, as an unused key of a Secret is. It overrides the variables: many
    /// machines have a <c>GITHUB_TOKEN</c>, which must not be sent to the host that the file is for.
    /// </summary>
    private static SecretFile? FindTokenFile(SettingValues values, ILoggerFactory? logs = null) => values.Get(OidcSettings.TokenFile) is { } path
        && new SecretFile(path, "access token", OidcSettings.TokenFile.Flag, logs?.CreateLogger<GitSiteRepository>()) is var file
        && file.ReadPassphrase() is not null
        ? file
        : null;
}
