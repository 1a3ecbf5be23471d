using System.Text.RegularExpressions;

namespace ClusterTrust.Oidc.Site;

/// <summary>
/// Recognizes what people paste in the place of a repository's address: a command, a browser's URL, an scp address with a port. None of
/// it is guessed silently: the message says what to write.
/// </summary>
internal static partial class PastedAddress
{
    // Where the web pages of GitHub, GitLab, Bitbucket, Gitea and Azure DevOps part from the repository's path.
    private static readonly string[] WebPages =
        ["-", "tree", "blob", "raw", "src", "blame", "edit", "commit", "commits", "branches", "tags", "releases", "issues", "pulls", "pull", "actions", "settings", "wiki", "browse"];

    /// <summary>What a pasted text is, and the address in it.</summary>
    /// <param name="What">Continues "The repository's address is".</param>
    /// <param name="More">What else to write, begins with a comma; may be empty.</param>
    public sealed record Correction(string What, string Correct, string More = "");

    /// <summary>The address in a pasted text; null when the text is none of what is known.</summary>
    public static Correction? Correct(string text)
    {
        Correction? found = null;

        // A command may hold a browser's URL, in quotes.
        for (var step = 0; step < 5 && Once(found?.Correct ?? text) is { } next; step++)
        {
            found = new Correction(found?.What ?? next.What, next.Correct, next.More.Length > 0 ? next.More : found?.More ?? "");
        }

        return found;
    }

    private static Correction? Once(string text)
    {
        if (text.Length > 2 && (text[0], text[^1]) is ('<', '>') or ('"', '"') or ('\'', '\'') or ('`', '`') or ('(', ')'))
        {
            return new Correction("in quotes or brackets", text[1..^1].Trim());
        }

        if (text.Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["git" or "gh" or "ssh" or "$", .. var words]
            && words.FirstOrDefault(word => word[0] != '-' && word.AsSpan().IndexOfAny('/', ':') > 0) is { } address)
        {
            return new Correction("a command", address);
        }

        if (ScpWithPort().Match(text) is { Success: true } scp && int.Parse(scp.Groups["port"].Value) is > 0 and <= 65535)
        {
            return new Correction("one with a port where only the path can stand", $"ssh://{UserOf(scp)}@{scp.Groups["host"]}:{scp.Groups["port"]}/{scp.Groups["path"]}");
        }

        if (UrlWithColon().Match(text) is { Success: true } url)
        {
            return new Correction("a URL with a colon before the path", $"ssh://{UserOf(url)}@{url.Groups["host"]}/{url.Groups["path"]}");
        }

        if (ScpWithSlash().Match(text) is { Success: true } slash)
        {
            return new Correction("one with a slash in place of the colon", $"{slash.Groups["user"]}@{slash.Groups["host"]}:{slash.Groups["path"]}");
        }

        if (WithoutScheme().IsMatch(text))
        {
            return new Correction("a URL without https://", "https://" + text);
        }

        return text.StartsWith("git+https://", StringComparison.Ordinal) || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? OfBrowser(text) : null;
    }

    private static Correction? OfBrowser(string text)
    {
        if (!Uri.TryCreate(text.StartsWith("git+", StringComparison.Ordinal) ? text[4..] : text, UriKind.Absolute, out var uri) || uri.UserInfo.Length > 0)
        {
            return null;
        }

        var segments = uri.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (uri.Host.EndsWith(".github.io", StringComparison.OrdinalIgnoreCase))
        {
            return new Correction("that of the published site", $"{uri.Host[..^".github.io".Length]}/{(segments is [var project, ..] ? project : uri.Host)}");
        }

        var isGitHub = uri.Host is "github.com" or "www.github.com" or "api.github.com";
        var path = uri.Host == "api.github.com" && segments is ["repos", ..] ? segments[1..] : segments;
        var end = isGitHub ? Math.Min(2, path.Length)
            : path is [.., var last] && last.EndsWith(".git", StringComparison.OrdinalIgnoreCase) ? path.Length
            : Enumerable.Range(2, Math.Max(0, path.Length - 2)).FirstOrDefault(index => WebPages.Contains(path[index]), path.Length);
        if (end == segments.Length && uri.Query.Length == 0 && uri.Fragment.Length == 0 && uri.Host is not ("www.github.com" or "api.github.com") && uri.OriginalString == text)
        {
            return null;
        }

        var host = isGitHub ? "github.com" : uri.Authority;
        var suffix = isGitHub && end == 2 && !path[1].EndsWith(".git", StringComparison.OrdinalIgnoreCase) ? ".git" : "";
        return new Correction(
            "that of a web page", $"https://{host}/{string.Join('/', path[..end])}{suffix}", path.Length > end + 1 && path[end] is "tree" or "src" or "-" ? ", and name the branch with --branch" : "");
    }

    private static string UserOf(Match match) => match.Groups["user"] is { Success: true, Value: var user } ? user : "git";

    // Two segments after the number may be OWNER/REPO, and an owner's name may be a number.
    [GeneratedRegex("""^(?:(?<user>[\w.-]+)@)?(?<host>\[[0-9A-Fa-f:.]+\]|[\w.-]+):(?<port>[0-9]{1,5})(?::|/(?=[^/]+/))/?(?<path>[^\s]+)$""", RegexOptions.CultureInvariant)]
    private static partial Regex ScpWithPort();

    [GeneratedRegex("""^(?:git\+)?ssh://(?:(?<user>[\w.-]+)@)?(?<host>[\w.-]+):(?![0-9]+(?:/|$))(?<path>[^\s:/][^\s:]*)$""", RegexOptions.CultureInvariant)]
    private static partial Regex UrlWithColon();

    [GeneratedRegex("""^(?<user>[\w.-]+)@(?<host>[\w-]+(?:\.[\w-]+)+)/(?<path>[^\s:]+)$""", RegexOptions.CultureInvariant)]
    private static partial Regex ScpWithSlash();

    [GeneratedRegex("""^[\w-]+(?:\.[\w-]+)+/[^/\s:]+/[^\s:]+$""", RegexOptions.CultureInvariant)]
    private static partial Regex WithoutScheme();
}
