namespace ClusterTrust.Oidc.Site;

/// <summary>The owner and name in a repository's address, which decide where GitHub Pages serves it.</summary>
/// <param name="Host">The host, or null when the address has none (<c>OWNER/REPO</c>, <c>file://</c>).</param>
/// <param name="Owner">The owner, or null when it cannot be told.</param>
/// <param name="Name">The name without <c>.git</c>.</param>
public sealed record RepositoryName(string? Host, string? Owner, string Name)
{
    /// <summary>Whether the repository is on github.com, where owner and name say for certain which site it serves.</summary>
    public bool IsOnGitHub => string.Equals(Host, "github.com", StringComparison.OrdinalIgnoreCase)
        || string.Equals(Host, "ssh.github.com", StringComparison.OrdinalIgnoreCase);

    /// <summary>Understands <c>https://</c>, <c>ssh://</c> and <c>file://</c> URLs, <c>git@host:owner/repo.git</c> and <c>owner/repo</c>.</summary>
    /// <returns>The name, or null when there is none in it.</returns>
    public static RepositoryName? Parse(string repository)
    {
        string? host = null;
        var path = repository.Trim();
        if (path.Contains("://", StringComparison.Ordinal))
        {
            if (!Uri.TryCreate(path, UriKind.Absolute, out var uri))
            {
                return null;
            }

            host = uri.IsFile || uri.Host.Length == 0 ? null : uri.Host;
            path = uri.AbsolutePath;
        }
        else if (path.IndexOf(':', StringComparison.Ordinal) is var colon and > 0)
        {
            host = path[(path.IndexOf('@', StringComparison.Ordinal) + 1)..colon];
            path = path[(colon + 1)..];
        }
        else if (path.Count('/') == 1 && path[0] is not ('/' or '.'))
        {
            host = "github.com";
        }

        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var name = segments.LastOrDefault() ?? "";
        name = name.EndsWith(".git", StringComparison.OrdinalIgnoreCase) ? name[..^4] : name;
        return name.Length == 0 ? null : new RepositoryName(host, host is not null && segments.Length > 1 ? segments[^2] : null, name);
    }
}
