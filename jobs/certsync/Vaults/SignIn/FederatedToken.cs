using ClusterTrust.Text;

namespace ClusterTrust.CertSync.Vaults.SignIn;

/// <summary>The public claims of a ServiceAccount token: what a federated credential has to match. Never the token itself.</summary>
internal sealed record FederatedToken(string Issuer, string Subject, string Audience, DateTimeOffset? Expires)
{
    private const int LongestToken = 64 * 1024;

    /// <summary>Reads the claims of the token in a file.</summary>
    /// <returns>Null if there is no file that holds such a token.</returns>
    public static FederatedToken? Read(string path)
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: <= LongestToken } ? Parse(File.ReadAllText(path).Trim()) : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static FederatedToken? Parse(string text) => JsonWebToken.TryParse(text, out var token)
        ? new FederatedToken(token.Issuer ?? "", token.Subject ?? "", string.Join(", ", token.Audiences), token.ExpiresAt)
        : null;
}
