namespace ClusterTrust.Oidc.Repository.GitHub;

/// <summary>A repository on GitHub and its credentials: a GitHub App, otherwise a token, otherwise the token in a file.</summary>
internal sealed record GitHubOptions
{
    public static Uri DefaultApiUrl { get; } = new("https://api.github.com/");

    public required string Owner { get; init; }
    public required string Name { get; init; }

    /// <summary>The branch's short name; null for the repository's default branch.</summary>
    public string? Branch { get; init; }

    /// <summary>Whether a <see cref="Branch"/> that is missing in a repository with others is created, without history.</summary>
    public bool CreateBranch { get; init; }

    public Uri ApiUrl { get; init; } = DefaultApiUrl;

    // The file is read with every request, so that a mounted Secret may rotate.
    public string? Token { get; init; }
    public string? TokenFile { get; init; }
    public GitHubAppOptions? App { get; init; }

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
    public int Retries { get; init; } = 5;

    /// <summary>The delay before the first retry; it doubles each time, with jitter. Default 500 ms.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    public override string ToString() => $"{nameof(GitHubOptions)} {{ Repository = {Owner}/{Name}, Branch = {Branch}, ApiUrl = {ApiUrl} }}";

    /// <exception cref="JobException">A setting is wrong (exit code 2).</exception>
    internal void Check()
    {
        if (!IsName(Owner) || !IsName(Name))
        {
            throw new JobException("The GitHub repository must be OWNER/REPO, each of letters, digits, hyphens, dots and underscores: correct --repository.", ExitCode.Usage);
        }

        if (this is { Token: null, TokenFile: null, App: null })
        {
            throw new JobException("GitHub requires credentials: set a token, a token file or a GitHub App.", ExitCode.Usage);
        }
    }

    private static bool IsName(string name) =>
        name.Length > 0 && name is not ("." or "..") && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '.' or '_');
}

/// <summary>A GitHub App and the location of its private key.</summary>
/// <param name="PrivateKeyFile">The file with the App's RSA private key as GitHub generates it (PKCS#1), or in PKCS#8. Read for every token.</param>
/// <param name="InstallationId">The installation; null to look up the one of the repository.</param>
internal sealed record GitHubAppOptions(string AppId, string PrivateKeyFile, long? InstallationId = null);
