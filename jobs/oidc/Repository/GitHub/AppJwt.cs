using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ClusterTrust.Hosting;

namespace ClusterTrust.Oidc.Repository.GitHub;

/// <summary>Makes the token by which a GitHub App proves who it is: an RS256 JWT that lives for at most ten minutes.</summary>
internal static class AppJwt
{
    /// <param name="appId">The App's id or client id.</param>
    /// <param name="privateKey">The App's private key, PEM.</param>
    /// <param name="source">Where the key comes from, for messages.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="JobException">The key is none (exit code 2).</exception>
    public static string Create(string appId, string privateKey, string source, DateTimeOffset now)
    {
        using var rsa = RSA.Create();
        try
        {
            rsa.ImportFromPem(privateKey);
            // A minute back, for a clock that is ahead of GitHub's; GitHub refuses more than ten minutes in all.
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
                $"The GitHub App's key {source} is no RSA private key in PEM form: put the file there that GitHub gave out for the App.", ExitCode.Usage, unfit);
        }
    }
}
