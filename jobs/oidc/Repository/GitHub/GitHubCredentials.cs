using System.Net;
using System.Text.Json;
using ClusterTrust.Hosting;
using ClusterTrust.Text;
using Microsoft.Extensions.Logging;
using Octokit;

namespace ClusterTrust.Oidc.Repository.GitHub;

/// <summary>A token that is given, or that lies in a file.</summary>
internal sealed class TokenCredentials(string? token, SecretFile? file) : ICredentialStore
{
    public Task<Credentials> GetCredentials()
    {
        var current = (token ?? file!.Read(FileKind.Token)).Trim();
        return current.Length > 0 && current.All(character => character is > ' ' and <= '~')
            ? Task.FromResult(new Credentials(current, AuthenticationType.Bearer))
            : throw new JobException("The GitHub token is empty or has characters that no token has: correct it.", ExitCode.Usage);
    }
}

/// <summary>The token of a GitHub App's installation, asked for when there is none or when it is about to expire.</summary>
/// <param name="options">The repository and the App.</param>
/// <param name="connect">Opens a connection with other credentials.</param>
/// <param name="clock">The time.</param>
/// <param name="logger">Takes warnings about the key's file.</param>
internal sealed class AppCredentials(GitHubOptions options, Func<ICredentialStore, IConnection> connect, TimeProvider clock, ILogger logger) : ICredentialStore
{
    private static readonly TimeSpan Reserve = TimeSpan.FromMinutes(5);

    private readonly GitHubAppOptions app = options.App!;
    private readonly SecretFile _key = new(options.App!.PrivateKeyFile, "private key of the GitHub App", "--github-app-key", logger);
    private InstallationToken? current;

    public async Task<Credentials> GetCredentials()
    {
        if (current is null || current.ExpiresAt - clock.GetUtcNow() <= Reserve)
        {
            current = await AskAsync();
        }

        return new Credentials(current.Token, AuthenticationType.Bearer);
    }

    private async Task<InstallationToken> AskAsync()
    {
        var jwt = AppJwt.Create(app.AppId, _key.Read(FileKind.PrivateKey), app.PrivateKeyFile, clock.GetUtcNow());
        var connection = connect(new FixedCredentials(new Credentials(jwt, AuthenticationType.Bearer)));
        try
        {
            var installation = app.InstallationId ?? (await LookUpAsync(connection)).Id;

            // No more than what is needed, whatever else the App may do.
            var request = new InstallationTokenRequest([options.Name], new Dictionary<string, string> { ["contents"] = "write" });
            var answer = await connection.Post<InstallationToken>(
                new Uri($"app/installations/{installation}/access_tokens", UriKind.Relative), request, GitHubApi.Accept, null, parameters: null);
            return answer.Body is { Token: { Length: > 0 } token } body && token.All(static character => character is > ' ' and <= '~')
                ? body
                : throw new JsonException("The answer has no token that can be sent.");
        }
        catch (ApiException refused) when (Throttle.DelayOf(refused, clock.GetUtcNow()) is null && FaultOf(refused) is { } fault)
        {
            throw new JobException($"{fault} ({GitHubFaults.Describe(refused)}).", ExitCode.Usage, refused);
        }
    }

    private async Task<InstallationInfo> LookUpAsync(IConnection connection) => (await connection.Get<InstallationInfo>(
        new Uri($"repos/{options.Owner}/{options.Name}/installation", UriKind.Relative), null, GitHubApi.Accept, CancellationToken.None)).Body
        ?? throw new JsonException("The answer is not JSON.");

    private string? FaultOf(ApiException refused) => refused.StatusCode switch
    {
        _ when GitHubFaults.PolicyOf(GitHubFaults.MessageOf(refused), options) is { } policy => policy,
        HttpStatusCode.Unauthorized =>
            $"GitHub does not know the App {app.AppId} by its key {app.PrivateKeyFile}: check the App id, the private key and this machine's clock",
        HttpStatusCode.NotFound => app.InstallationId is { } id
            ? $"The GitHub App {app.AppId} has no installation {id}: correct the installation id, or leave it out to have it looked up"
            : $"The GitHub App {app.AppId} is not installed on {options.Owner}/{options.Name}: install it there, or correct --repository",
        HttpStatusCode.UnprocessableEntity =>
            $"The installation of the GitHub App {app.AppId} has no write access to the contents of {options.Owner}/{options.Name}: give the App the permission Contents: write and that repository",
        HttpStatusCode.Forbidden => $"GitHub gives the App {app.AppId} no token for {options.Owner}/{options.Name}: see what it says and correct that in the App's installation",
        _ => null,
    };

    private sealed class FixedCredentials(Credentials credentials) : ICredentialStore
    {
        public Task<Credentials> GetCredentials() => Task.FromResult(credentials);
    }
}
