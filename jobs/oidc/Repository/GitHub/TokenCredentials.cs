using ClusterTrust.Hosting;
using Octokit;

namespace ClusterTrust.Oidc.Repository.GitHub;

/// <summary>A token that is given, or that lies in a file.</summary>
internal sealed class TokenCredentials(string? token, string? file) : ICredentialStore
{
    public Task<Credentials> GetCredentials()
    {
        var current = (token ?? SecretFile.ReadText(file!, "GitHub token", "--token-file")).Trim();
        return current.Length > 0 && current.All(character => character is > ' ' and <= '~')
            ? Task.FromResult(new Credentials(current, AuthenticationType.Bearer))
            : throw new JobException("The GitHub token is empty or has characters that no token has: correct it.", ExitCode.Usage);
    }
}
