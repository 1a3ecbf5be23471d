namespace ClusterTrust.Oidc.Site;

/// <summary>
/// Finds the repository's address in what people paste in its place: a command, the URL of a web page, an scp address with a port. It is
/// never used silently: the message states what to write.
/// </summary>
internal static partial class PastedAddress
{
    // The path segments that follow the repository's path in web pages of GitHub, GitLab, Bitbucket, Gitea and Azure DevOps.
    private static readonly string[] WebPages =
        ["-", "tree", "blob", "raw", "src", "blame", "edit", "commit", "commits", "branches", "tags", "releases", "issues", "pulls", "pull", "actions", "settings", "wiki", "browse"];

    /// <summary>The address in a pasted text; null if the text is an address already, or nothing that is known.</summary>
    public static string? Correct(string text)
    {
        string? found = null;

        // A command may contain the URL of a web page in quotes.
        for (var step = 0; step < 5 && CorrectOnce(found ?? text) is { } next; step++)
        {
            found = next;
        }

        return found;
    }

    private static string? CorrectOnce(string text) => text switch
    {
        { Length: > 2 } when (text[0], text[^1]) is ('<', '>') or ('"', '"') or ('\'', '\'') or ('`', '`') or ('(', ')') => text[1..^1].Trim(),
        _ when text.Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["git" or "gh" or "ssh" or "$", .. var words]
            && words.FirstOrDefault(word => word[0] != '-' && word.AsSpan().IndexOfAny('/', ':') > 0) is { } address => address,
        _ when ScpWithPort().Match(text) is { Success: true } scp && int.Parse(scp.Groups["port"].Value) is > 0 and <= 65535 =>
            $"ssh://{UserOf(scp)}@{scp.Groups["host"]}:{scp.Groups["port"]}/{scp.Groups["path"]}",
        _ when UrlWithColon().Match(text) is { Success: true } url => $"ssh://{UserOf(url)}@{url.Groups["host"]}/{url.Groups["path"]}",
        _ when WithoutScheme().Match(text) is { Success: true } slash => slash.Groups["user"].Success
            ? $"{slash.Groups["user"]}@{slash.Groups["host"]}:{slash.Groups["path"]}"
            : "https://" + text,
        _ when text.StartsWith("git+https://", StringComparison.Ordinal) => text[4..],
        _ when text.StartsWith("https://", StringComparison.OrdinalIgnoreCase) && Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.UserInfo.Length == 0 => OfWebPage(uri),
        _ => null,
    };

    private static string? OfWebPage(Uri page)
    {
        var segments = page.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (page.Host.EndsWith(".github.io", StringComparison.OrdinalIgnoreCase))
        {
            return $"{page.Host[..^".github.io".Length]}/{segments.FirstOrDefault(page.Host)}";
        }

        var isGitHub = page.Host is "github.com" or "www.github.com" or "api.github.com";
        var path = page.Host == "api.github.com" && segments is ["repos", ..] ? segments[1..] : segments;
        var length = isGitHub ? Math.Min(2, path.Length)
            : path is [.., var last] && last.EndsWith(".git", StringComparison.OrdinalIgnoreCase) ? path.Length
            : Enumerable.Range(2, Math.Max(0, path.Length - 2)).FirstOrDefault(index => WebPages.Contains(path[index]), path.Length);
        if (length == segments.Length && page.Query.Length == 0 && page.Fragment.Length == 0 && page.Host is not ("www.github.com" or "api.github.com"))
        {
            return null;
        }

        var suffix = isGitHub && length == 2 && !path[1].EndsWith(".git", StringComparison.OrdinalIgnoreCase) ? ".git" : "";
        return $"https://{(isGitHub ? "github.com" : page.Authority)}/{string.Join('/', path[..length])}{suffix}";
    }

    private static string UserOf(Match match) => match.Groups["user"] is { Success: true, Value: var user } ? user : "git";

    // Two segments after the number may be OWNER/REPO, and an owner's name may be a number.
    [GeneratedRegex("""^(?:(?<user>[\w.-]+)@)?(?<host>\[[0-9A-Fa-f:.]+\]|[\w.-]+):(?<port>[0-9]{1,5})(?::|/(?=[^/]+/))/?(?<path>[^\s]+)$""", RegexOptions.CultureInvariant)]
    private static partial Regex ScpWithPort();

    [GeneratedRegex("""^(?:git\+)?ssh://(?:(?<user>[\w.-]+)@)?(?<host>[\w.-]+):(?![0-9]+(?:/|$))(?<path>[^\s:/][^\s:]*)$""", RegexOptions.CultureInvariant)]
    private static partial Regex UrlWithColon();

    // A user can only precede a host; without one, a single segment behind a name is not known to be a repository.
    [GeneratedRegex("""^(?:(?<user>[\w.-]+)@(?<host>[\w.-]+)/(?<path>[^\s:]+)|(?<host>[\w-]+(?:\.[\w-]+)+)/(?<path>[^/\s:]+/[^\s:]+))$""", RegexOptions.CultureInvariant)]
    private static partial Regex WithoutScheme();
}
