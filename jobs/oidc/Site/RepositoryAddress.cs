namespace ClusterTrust.Oidc.Site;

internal enum RepositoryTransport { Ssh, Https, Local }

/// <summary>A parsed repository address. It never contains a password, so it can be shown. Owner and name decide where GitHub Pages serves the repository.</summary>
/// <param name="Host">The host, in lower case; empty for <see cref="RepositoryTransport.Local"/>.</param>
/// <param name="Port">The TCP port, 1 to 65535; 0 for <see cref="RepositoryTransport.Local"/>.</param>
internal sealed partial record RepositoryAddress(RepositoryTransport Transport, string Host, int Port, string User, string Path)
{
    private const string Forms = "ssh://git@HOST/OWNER/REPO.git, git@HOST:OWNER/REPO.git, https://HOST/OWNER/REPO.git, file:///PATH or OWNER/REPO";
    private const int SshPort = 22;

    /// <summary>The path segment before the last, or null where there is none or the repository is in the file system.</summary>
    public string? Owner => Transport != RepositoryTransport.Local && Segments is [.., var owner, _] ? owner : null;

    /// <summary>The last path segment without <c>.git</c>.</summary>
    public string Name => Segments is [.., var name] ? name.EndsWith(".git", StringComparison.OrdinalIgnoreCase) ? name[..^4] : name : "";

    /// <summary>Whether the repository is on github.com, where owner and name decide which site it serves.</summary>
    public bool IsOnGitHub => Host is "github.com" or "ssh.github.com";

    private string[] Segments => Path.Split('/', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The address in its usual form.</summary>
    public override string ToString() => Transport switch
    {
        RepositoryTransport.Local => Sanitizer.Sanitize(Path),
        RepositoryTransport.Https => Sanitizer.Sanitize($"https://{Host}{(Port == 443 ? "" : $":{Port}")}{Path}"),
        _ => Sanitizer.Sanitize($"ssh://{User}@{Host}{(Port == SshPort ? "" : $":{Port}")}/{Path.TrimStart('/')}"),
    };

    /// <summary>
    /// Parses <c>ssh://user@host:port/path</c>, <c>git@host:owner/repo.git</c>, <c>https://host/owner/repo.git</c>, <c>file:///path</c>,
    /// a path, or <c>OWNER/REPO</c> on github.com.
    /// </summary>
    /// <param name="preferHttps">Whether <c>OWNER/REPO</c> means HTTPS and not SSH.</param>
    /// <exception cref="JobException">It is none of these forms; the message suggests what to write, if possible (exit code 2).</exception>
    public static RepositoryAddress Parse(string address, bool preferHttps = false)
    {
        var (parsed, fault) = Read(address.Trim(), preferHttps);
        return parsed ?? throw new JobException(fault!, ExitCode.Usage);
    }

    /// <summary>What is wrong with an address, in one sentence; null when nothing is.</summary>
    public static string? FaultOf(string address) => Read(address.Trim(), preferHttps: false).Fault;

    private static (RepositoryAddress? Address, string? Fault) Read(string text, bool preferHttps)
    {
        if (text.Any(char.IsControl))
        {
            return (null, $"The repository's address contains control characters: write it as {Forms}.");
        }

        var pasted = PastedAddress.Correct(text);
        var (address, fault) = ReadForm(pasted ?? text, preferHttps);
        return address is null ? (null, (pasted is null ? fault : null) ?? $"The repository's address has an unknown form: write it as {Forms}.")
            : !Ascii.IsValid(address.Host) ? (null, "The host of the repository's address has characters other than ASCII: write it in its ASCII form (xn--...).")
            : pasted is null ? (address, null)
            : (null, $"The repository's address is not in a form that Git uses: write '{Sanitizer.Sanitize(pasted)}'.");
    }

    /// <returns>Neither an address nor a fault for an unknown form.</returns>
    private static (RepositoryAddress? Address, string? Fault) ReadForm(string text, bool preferHttps)
    {
        if (text.Contains("://", StringComparison.Ordinal))
        {
            return ReadUrl(text);
        }

        if (text.StartsWith('/') || text.StartsWith("./", StringComparison.Ordinal) || text.StartsWith("../", StringComparison.Ordinal))
        {
            return (Local(System.IO.Path.GetFullPath(text)), null);
        }

        // A host in brackets is an IPv6 address, whose colons separate nothing.
        var colon = text.IndexOf(':', Math.Max(text.IndexOf(']', StringComparison.Ordinal), 0));
        if (colon > 0)
        {
            var (user, host) = text[..colon].Split('@', 2) is [var before, var after] ? (before, after) : ("git", text[..colon]);
            return (text.Length > colon + 1 && text[colon + 1] != ':' ? Ssh(user, host.Trim('[', ']'), SshPort, text[(colon + 1)..]) : null, null);
        }

        if (OnGitHub().IsMatch(text))
        {
            var path = text.EndsWith(".git", StringComparison.Ordinal) ? text : text + ".git";
            return (preferHttps ? new RepositoryAddress(RepositoryTransport.Https, "github.com", 443, "", "/" + path) : Ssh("git", "github.com", SshPort, path), null);
        }

        return (null, null);
    }

    private static (RepositoryAddress? Address, string? Fault) ReadUrl(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            return (null, null);
        }

        var path = Uri.UnescapeDataString(uri.AbsolutePath);
        var host = uri.DnsSafeHost.Trim('[', ']');
        switch (uri.Scheme)
        {
            case "file" when host.Length == 0 || uri.IsLoopback:
                return (Local(path), null);
            case "https" when uri.UserInfo.Length > 0:
                return (null, $"The address of the repository at {host} contains a user or a token, which would appear in logs: remove it, and set the token with --token-file.");
            case "https" when path.Length > 1:
                return (new RepositoryAddress(RepositoryTransport.Https, uri.Host.ToLowerInvariant(), uri.Port, "", uri.AbsolutePath.TrimEnd('/')), null);
            case "ssh" or "git+ssh" or "ssh+git" when path.Length > 1 && host.Length > 0:
                var user = uri.UserInfo.Split(':') is [{ Length: > 0 } name, ..] ? Uri.UnescapeDataString(name) : "git";
                // As in Git: /~user means a home directory.
                return (Ssh(user, host, uri.Port > 0 ? uri.Port : SshPort, path.StartsWith("/~", StringComparison.Ordinal) ? path[1..] : path), null);
            case "http" or "git":
                return (null, $"The repository's address starts with {uri.Scheme}://, which protects neither the token nor what is published: use https:// or ssh://.");
            default:
                return (null, null);
        }
    }

    private static RepositoryAddress Local(string path) => new(RepositoryTransport.Local, "", 0, "", path);

    /// <summary>An address over SSH; null if user or host is invalid.</summary>
    private static RepositoryAddress? Ssh(string user, string host, int port, string path) =>
        // OpenSSH once interpreted a host or user that starts with a hyphen as an option.
        user.Length == 0 || host.Length == 0 || user[0] == '-' || host[0] == '-' || host.Any(char.IsWhiteSpace) || path.Contains('\\', StringComparison.Ordinal)
            ? null
            : new RepositoryAddress(RepositoryTransport.Ssh, host.ToLowerInvariant(), port, user, path.Length > 1 ? path.TrimEnd('/') : path);

    // The characters that GitHub allows in the names of owners and repositories. Anything else may name another host, and a token would go to GitHub.
    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9_-]*/(?!\.{1,2}$|\.git$)[A-Za-z0-9._-]+$", RegexOptions.CultureInvariant)]
    private static partial Regex OnGitHub();
}
