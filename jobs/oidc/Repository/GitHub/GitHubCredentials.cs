using System.Buffers.Text;
using Octokit;
using Octokit.Internal;

namespace ClusterTrust.Oidc.Repository.GitHub;

internal sealed class TokenCredentials(string? token, SecretFile? file) : ICredentialStore
{
    public Task<Credentials> GetCredentials()
    {
        var current = (token ?? file!.Read(FileKind.Token)).Trim();
        return current.Length > 0 && current.All(character => character is > ' ' and <= '~')
            ? Task.FromResult(new Credentials(current, AuthenticationType.Bearer))
            : throw new JobException("The GitHub token is empty or contains invalid characters: correct it.", ExitCode.Usage);
    }
}

/// <summary>The token of a GitHub App's installation, requested if there is none or it is about to expire.</summary>
internal sealed class AppCredentials(GitHubOptions options, Func<ICredentialStore, IConnection> connect, TimeProvider clock, ILogger logger) : ICredentialStore
{
    private static readonly TimeSpan Reserve = TimeSpan.FromMinutes(5);

    private readonly GitHubAppOptions _app = options.App!;
    private readonly SecretFile _key = new(options.App!.PrivateKeyFile, "private key of the GitHub App", "--github-app-key", logger);
    private InstallationToken? _current;

    public async Task<Credentials> GetCredentials()
    {
        if (_current is null || _current.ExpiresAt - clock.GetUtcNow() <= Reserve)
        {
            _current = await RequestTokenAsync();
        }

        return new Credentials(_current.Token, AuthenticationType.Bearer);
    }

    private async Task<InstallationToken> RequestTokenAsync()
    {
        var jwt = AppJwt.Create(_app.AppId, _key.Read(FileKind.PrivateKey), _app.PrivateKeyFile, clock.GetUtcNow());
        var connection = connect(new InMemoryCredentialStore(new Credentials(jwt, AuthenticationType.Bearer)));
        try
        {
            var installation = _app.InstallationId ?? (await LookUpAsync(connection)).Id;

            // Only the permission that is needed, even if the App has more.
            var request = new InstallationTokenRequest([options.Name], new Dictionary<string, string> { ["contents"] = "write" });
            var response = await connection.Post<InstallationToken>(
                new Uri($"app/installations/{installation}/access_tokens", UriKind.Relative), request, GitHubApi.Accept, null, parameters: null);
            return response.Body is { Token: { Length: > 0 } token } body && token.All(static character => character is > ' ' and <= '~')
                ? body
                : throw new JsonException("The response has no token that can be sent.");
        }
        catch (ApiException refused) when (Throttle.DelayOf(refused, clock.GetUtcNow()) is null && FaultOf(refused) is { } fault)
        {
            throw new JobException($"{fault} ({GitHubFaults.Describe(refused)}).", ExitCode.Usage, refused);
        }
    }

    private async Task<InstallationInfo> LookUpAsync(IConnection connection) => (await connection.Get<InstallationInfo>(
        new Uri($"repos/{options.Owner}/{options.Name}/installation", UriKind.Relative), null, GitHubApi.Accept, CancellationToken.None)).Body
        ?? throw new JsonException("The response is not JSON.");

    private string? FaultOf(ApiException refused) => refused.StatusCode switch
    {
        _ when GitHubFaults.PolicyOf(GitHubFaults.MessageOf(refused), options) is { } policy => policy,
        _ when GitHubFaults.MessageOf(refused).Length == 0 => null,
        HttpStatusCode.Unauthorized =>
            $"GitHub does not accept the key {_app.PrivateKeyFile} of the App {_app.AppId}: check the App id, the private key and this machine's clock",
        HttpStatusCode.NotFound => _app.InstallationId is { } id
            ? $"The GitHub App {_app.AppId} has no installation {id}: correct the installation id, or remove it to use the one of the repository"
            : $"The GitHub App {_app.AppId} is not installed on {options.Owner}/{options.Name}: install it there, or correct --repository",
        HttpStatusCode.UnprocessableEntity =>
            $"The installation of the GitHub App {_app.AppId} has no write access to the contents of {options.Owner}/{options.Name}: grant the App the permission Contents: write and access to that repository",
        HttpStatusCode.Forbidden => $"GitHub refuses to issue a token of the App {_app.AppId} for {options.Owner}/{options.Name}: correct what its message names in the App's installation",
        _ => null,
    };
}

/// <summary>Creates the token with which a GitHub App authenticates: an RS256 JWT that is valid for at most ten minutes.</summary>
internal static class AppJwt
{
    /// <exception cref="JobException">The key is not an RSA key (exit code 2).</exception>
    public static string Create(string appId, string privateKey, string source, DateTimeOffset now)
    {
        using var rsa = RSA.Create();
        try
        {
            rsa.ImportFromPem(privateKey);
            // Issued one minute earlier, in case this clock is ahead of GitHub's; GitHub refuses more than ten minutes in total.
            var header = """{"alg":"RS256","typ":"JWT"}"""u8;
            var payload = string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"iat":{{now.ToUnixTimeSeconds() - 60}},"exp":{{now.ToUnixTimeSeconds() + 480}},"iss":"{{JsonEncodedText.Encode(appId)}}"}""");
            var content = $"{Base64Url.EncodeToString(header)}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload))}";
            var signature = rsa.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            return $"{content}.{Base64Url.EncodeToString(signature)}";
        }
        catch (Exception unfit) when (unfit is ArgumentException or CryptographicException)
        {
            throw new JobException(
                $"The GitHub App's key {source} is not an RSA private key in PEM format: use the file that GitHub generated for the App.", ExitCode.Usage, unfit);
        }
    }
}
