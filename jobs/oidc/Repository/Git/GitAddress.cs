using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Issuer;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>A repository's address, taken apart. Its text is fit for messages: it never has a password in it.</summary>
/// <param name="Kind">How it is reached.</param>
/// <param name="Host">The host; empty for <see cref="GitAddressKind.Local"/>.</param>
/// <param name="Port">The TCP port; 0 for <see cref="GitAddressKind.Local"/>.</param>
/// <param name="User">Who logs in over SSH; otherwise empty.</param>
/// <param name="Path">The path as the server is to see it.</param>
internal sealed record GitAddress(GitAddressKind Kind, string Host, int Port, string User, string Path)
{
    private const string Forms = "ssh://git@HOST/OWNER/REPO.git, git@HOST:OWNER/REPO.git, https://HOST/OWNER/REPO.git, file:///PATH or OWNER/REPO";
    private const int SshPort = 22;

    /// <summary>The address as a person would write it.</summary>
    public override string ToString() => Kind switch
    {
        GitAddressKind.Local => Shown.Of(Path),
        GitAddressKind.Https => Shown.Of($"https://{Host}{(Port == 443 ? "" : $":{Port}")}{Path}"),
        _ => Shown.Of($"ssh://{User}@{Host}{(Port == SshPort ? "" : $":{Port}")}/{Path.TrimStart('/')}"),
    };

    /// <summary>Understands the forms that <see cref="GitRepositoryOptions.Url"/> lists.</summary>
    /// <param name="url">The address.</param>
    /// <param name="preferHttps">Whether <c>OWNER/REPO</c> means HTTPS.</param>
    /// <exception cref="JobException">It is none of the forms (exit code 2).</exception>
    public static GitAddress Parse(string url, bool preferHttps = false)
    {
        var text = url.Trim();
        if (text.Any(char.IsControl))
        {
            throw Usage($"The repository's address has control characters in it: write it as {Forms}.");
        }

        if (text.Contains("://", StringComparison.Ordinal))
        {
            return ParseUrl(text);
        }

        if (text.StartsWith('/') || text.StartsWith("./", StringComparison.Ordinal) || text.StartsWith("../", StringComparison.Ordinal))
        {
            return new GitAddress(GitAddressKind.Local, "", 0, "", System.IO.Path.GetFullPath(text));
        }

        // A host in brackets is an IPv6 address, whose colons separate nothing.
        var colon = text.IndexOf(':', Math.Max(text.IndexOf(']', StringComparison.Ordinal), 0));
        if (colon > 0)
        {
            var (user, host) = text[..colon].Split('@', 2) is [var before, var after] ? (before, after) : ("git", text[..colon]);
            return text.Length > colon + 1 && text[colon + 1] != ':' ? Ssh(user, host.Trim('[', ']'), SshPort, text[(colon + 1)..]) : throw Unknown();
        }

        return text.Split('/') is [{ Length: > 0 } owner, { Length: > 0 } name]
            ? OnGitHub(owner, name, preferHttps)
            : throw Unknown();
    }

    /// <summary>What is wrong with an address, one sentence; null when it is one.</summary>
    public static string? FaultOf(string url)
    {
        try
        {
            Parse(url);
            return null;
        }
        catch (JobException fault)
        {
            return fault.Message;
        }
    }

    private static GitAddress ParseUrl(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            throw Unknown();
        }

        var path = Uri.UnescapeDataString(uri.AbsolutePath);
        var host = uri.IdnHost.Trim('[', ']');
        switch (uri.Scheme)
        {
            case "file" when host.Length == 0 || uri.IsLoopback:
                return new GitAddress(GitAddressKind.Local, "", 0, "", path);
            case "https" when uri.UserInfo.Length > 0:
                throw Usage($"The address of the repository at {host} has a user or a token in it, where logs would show it: take it out and give the token by itself.");
            case "https" when path.Length > 1:
                return new GitAddress(GitAddressKind.Https, uri.Host, uri.Port, "", uri.AbsolutePath.TrimEnd('/'));
            case "ssh" or "git+ssh" or "ssh+git" when path.Length > 1 && host.Length > 0:
                var user = uri.UserInfo.Split(':') is [{ Length: > 0 } name, ..] ? Uri.UnescapeDataString(name) : "git";
                // As Git does it: /~user means a home directory.
                return Ssh(user, host, uri.Port > 0 ? uri.Port : SshPort, path.StartsWith("/~", StringComparison.Ordinal) ? path[1..] : path);
            case "http" or "git":
                throw Usage($"The repository's address starts with {uri.Scheme}://, which protects neither the token nor what is published: use https:// or ssh://.");
            default:
                throw Unknown();
        }
    }

    private static GitAddress OnGitHub(string owner, string name, bool https)
    {
        var path = $"{owner}/{(name.EndsWith(".git", StringComparison.Ordinal) ? name : name + ".git")}";
        return https ? new GitAddress(GitAddressKind.Https, "github.com", 443, "", "/" + path) : Ssh("git", "github.com", SshPort, path);
    }

    private static GitAddress Ssh(string user, string host, int port, string path) =>
        // OpenSSH's own trap: a host or user that starts with a hyphen was once taken for an option.
        user.Length == 0 || host.Length == 0 || user[0] == '-' || host[0] == '-' || host.Any(char.IsWhiteSpace)
            ? throw Unknown()
            : new GitAddress(GitAddressKind.Ssh, host.ToLowerInvariant(), port, user, path);

    private static JobException Unknown() => Usage($"The repository's address is not understood: write it as {Forms}.");

    private static JobException Usage(string message) => new(message, ExitCode.Usage);
}
