using ClusterTrust.Hosting;
using Octokit;

namespace ClusterTrust.Oidc.Repository.GitHub;

/// <summary>A token that is given, or that lies in a file.</summary>
internal sealed class TokenCredentials(string? token, string? file) : ICredentialStore
{
    public async Task<Credentials> GetCredentials()
    {
        var current = (token ?? await SecretFile.ReadAsync(file!, "GitHub token")).Trim();
        return current.Length > 0 && current.All(character => character is > ' ' and <= '~')
            ? new Credentials(current, AuthenticationType.Bearer)
            : throw new JobException("The GitHub token is empty or has characters that no token has: correct it.", ExitCode.Usage);
    }
}
