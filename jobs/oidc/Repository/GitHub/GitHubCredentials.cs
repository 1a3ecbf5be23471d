using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ClusterTrust.Hosting;
using ClusterTrust.Text;
using Microsoft.Extensions.Logging;

namespace ClusterTrust.Oidc.Repository.GitHub;

/// <summary>The token of every request: the one that is set, the one in a file, or one of a GitHub App's installation.</summary>
internal sealed class GitHubCredentials(GitHubOptions options, GitHubApi api, TimeProvider clock, ILogger logger)
{
    /// <summary>How long before its end a token of an installation is replaced.</summary>
    private static readonly TimeSpan Reserve = TimeSpan.FromMinutes(5);

    private readonly SecretFile? _tokenFile = options.TokenFile is { } path ? new(path, "GitHub token", "--token-file", logger) : null;
    private readonly SecretFile? _appKey = options.App is { } app ? new(app.PrivateKeyFile, "private key of the GitHub App", "--github-app-key", logger) : null;
    private InstallationToken? _current;

    public async Task<string> GetTokenAsync(CancellationToken cancellationToken)
    {
        if (options.App is { } app)
        {
            _current = _current?.ExpiresAt - clock.GetUtcNow() > Reserve ? _current : await RequestTokenAsync(app, cancellationToken);
            return _current!.Token;
        }

        var token = (options.Token ?? _tokenFile!.Read(FileKind.Token)).Trim();
        return CanBeSent(token) ? token : throw new JobException("The GitHub token is empty or contains invalid characters: correct it.", ExitCode.Usage);
    }

    private static bool CanBeSent(string token) => token.Length > 0 && token.All(static character => character is > ' ' and <= '~');

    private async Task<InstallationToken> RequestTokenAsync(GitHubAppOptions app, CancellationToken cancellationToken)
    {
        var jwt = AppJwt.Create(app.AppId, _appKey!.Read(FileKind.PrivateKey), app.PrivateKeyFile, clock.GetUtcNow());
        try
        {
            var installation = app.InstallationId ?? (await api.SendOnceAsync<InstallationInfo>(
                HttpMethod.Get, $"repos/{options.Owner}/{options.Name}/installation", null, jwt, cancellationToken)).Id;

            // Only what is needed, whatever else the App may do.
            var request = new InstallationTokenRequest([options.Name], new Dictionary<string, string> { ["contents"] = "write" });
            var answer = await api.SendOnceAsync<InstallationToken>(HttpMethod.Post, $"app/installations/{installation}/access_tokens", request, jwt, cancellationToken);
            return CanBeSent(answer.Token) ? answer : throw new JsonException("The answer has no token that can be sent.");
        }
        catch (GitHubException refused) when (refused.LimitEndsAt is null && FaultOf(refused, app) is { } fault)
        {
            throw new JobException($"{fault} ({refused.Message}).", ExitCode.Usage, refused);
        }
    }

    private string? FaultOf(GitHubException refused, GitHubAppOptions app) => refused.StatusCode switch
    {
        _ when GitHubFaults.PolicyOf(refused.Text, options) is { } policy => policy,
        HttpStatusCode.Unauthorized =>
            $"GitHub does not accept the key {app.PrivateKeyFile} of the App {app.AppId}: check the App id, the private key and this machine's clock",
        HttpStatusCode.NotFound => app.InstallationId is { } id
            ? $"The GitHub App {app.AppId} has no installation {id}: correct the installation id, or remove it to use the one of the repository"
            : $"The GitHub App {app.AppId} is not installed on {options.Owner}/{options.Name}: install it there, or correct --repository",
        HttpStatusCode.UnprocessableEntity =>
            $"The installation of the GitHub App {app.AppId} has no write access to the contents of {options.Owner}/{options.Name}: grant the App the permission Contents: write and access to that repository",
        HttpStatusCode.Forbidden => $"GitHub refuses to issue a token of the App {app.AppId} for {options.Owner}/{options.Name}: correct what its message names in the App's installation",
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
