using LibGit2Sharp;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>Explains why a Git server ended a conversation. Git has no error codes, so the wording decides; an unknown one is quoted as it is.</summary>
internal static class ServerRefusal
{
    private static readonly string[] TransientPhrases =
        ["try again later", "temporarily", "rate limit", "too many", "overloaded", "unavailable", "timed out", "timeout", "maintenance", "internal server error", "internal error", "internal api error", "out of memory"];

    private static readonly string[] NotFoundPhrases =
    [
        "not found", "does not exist", "does not appear to be a git repository", "not a git repository", "could not be found", "no such", "cannot find repository",
        "TF401019", "VS800075",
    ];

    private static readonly string[] DeniedPhrases =
    [
        "denied", "not allowed", "forbidden", "permission", "unauthorized", "not authorized", "don't have access", "access rights", "write access", "marked as read only",
        "may not have access", "TF401027", "TF400813", "authentication failed",
    ];

    /// <returns>Exit code 2 if the server's output names a cause, otherwise a failure that a retry may fix.</returns>
    public static JobException Explain(GitTransport transport, GitSmartSubtransportAction action)
    {
        var (output, address, quote, writes) = (transport.Output, transport.Address, transport.OutputSentence, action.IsPush());
        var text = HostPolicies.WithoutPath(output, PathOf(address));
        var readOnly = $"The credentials may read the repository {address} but not write to it: allow write access for the deploy key or token";
        var cause = text switch
        {
            _ when CauseOf(output, address) is { } known => known,
            _ when Has(text, TransientPhrases) => null,
            _ when writes && Has(text, "read only", "read-only", "readonly") => readOnly,
            _ when Has(text, NotFoundPhrases) => $"There is no repository {address}, or it is hidden from these credentials: correct the address, or grant them access",
            _ when Has(text, DeniedPhrases) => writes ? readOnly : $"The repository {address} may not be read with these credentials: grant them access",
            _ when writes && quote.Length > 0 => $"The repository {address} refuses commits from this job",
            // Hosts begin final refusals with these words; a retry does not help.
            _ when Has(text, "ERROR:", "remote error:") => $"The server of {address} refused this job: correct what its message names",
            _ => null,
        };
        return cause is null ? new TransientGitException($"The server of {address} closed the connection: try again later.{quote}") : Usage($"{cause}.{quote}");
    }

    public static JobException ExplainPush(GitTransport transport, string branch, string reason)
    {
        var (output, address, shown) = (transport.Output, transport.Address, transport.Quote(reason));
        var isProtected = Has(reason, "protected")
            || Has(output, "protected branch", "GH006", "GH013", "rule violations", "TF402455", "not permitted; you must use a pull request", "push to protected");
        var cause = CauseOf(output, address)
            ?? (isProtected
                ? $"The branch {branch} of {address} is protected and refused the commit ({shown}): allow this key or app to bypass its rules, meet them (for example with --signing-key), or publish to another branch"
            : Has(reason, "hook") ? $"A hook of {address} refused the commit to {branch} ({shown}): satisfy the rule that it enforces"
            : $"The server refused the commit to {branch} of {address} ({shown}): check the rules of the branch");
        return Usage($"{cause}.{transport.OutputSentence}");
    }

    /// <summary>Explains a repository whose objects libgit2 cannot read.</summary>
    public static JobException ObjectFormat(RepositoryAddress address) =>
        Usage($"The repository {address} has an object format other than SHA-1, which is not supported: publish to a repository created with 'git init --object-format=sha1', the default.");

    /// <summary>The cause that the output names and the fix, without a full stop; null when it names none that is known.</summary>
    public static string? CauseOf(string output, RepositoryAddress address) => HostPolicies.CauseOf(output, PathOf(address), address.ToString());

    /// <summary>Whether the output is a refusal, regardless of how the conversation ended.</summary>
    public static bool IsRefusal(string output, RepositoryAddress address) => CauseOf(output, address) is not null || Has(output, "ERROR:", "remote error:");

    private static string PathOf(RepositoryAddress address)
    {
        var path = address.Path.Trim('/');
        return path.EndsWith(".git", StringComparison.OrdinalIgnoreCase) ? path[..^4] : path;
    }

    private static bool Has(string text, params IEnumerable<string> phrases) => phrases.Any(phrase => text.Contains(phrase, StringComparison.OrdinalIgnoreCase));

    private static JobException Usage(string message) => new(message, ExitCode.Usage);
}

internal static class GitFaults
{
    public static Exception Explain(LibGit2SharpException failure, GitTransport transport)
    {
        var message = transport.Quote(failure.Message);
        return transport.Failure switch
        {
            Exception own and (JobException or OperationCanceledException) => own,
            // libgit2 writes "remote error" before a server's message.
            _ when (Contains("No space left on device") || Contains("Disk quota exceeded")) && !failure.Message.StartsWith("remote error", StringComparison.Ordinal) => new JobException(
                $"There is no space left to clone the repository ({ServerText.Quote(failure.Message)}): raise the sizeLimit of the volume mounted at {Path.GetTempPath()}, or publish to a repository of its own.",
                ExitCode.Usage,
                failure),
            // Git refuses to create such a branch.
            _ when Contains("requested type does not match") => new JobException(
                $"The branch {transport.OnlyBranch} of {transport.Address} points to a tag, a tree or a file and not to a commit: find out who moved it, and move it to a commit with 'git push --force'.",
                ExitCode.Refused,
                failure),
            _ when Contains("failed to parse signature") || Contains("failed to parse tree") => new JobException(
                $"The latest commit of {transport.Address} is malformed ({message}): find out who created it, and replace it with one that 'git fsck --strict' accepts.",
                ExitCode.Refused,
                failure),
            _ when Contains("object format") => ServerRefusal.ObjectFormat(transport.Address),
            // The server's program may write the reason and end in the middle of its response.
            _ when ServerRefusal.CauseOf(transport.Output + "\n" + failure.Message, transport.Address) is { } cause => new JobException(
                $"{cause}.{(transport.OutputSentence is { Length: > 0 } quoted ? quoted : $" The server reported: {message}")}", ExitCode.Usage, failure),
            _ when transport is not LocalTransport => new TransientGitException(
                $"The transfer with {transport.Address} failed ({message}): try again later.{transport.OutputSentence}", transport.Failure ?? failure),
            _ when Contains("owned by") => new JobException(
                $"The repository {transport.Address} belongs to another user, so Git refuses to use it: run as its owner.", ExitCode.Usage, failure),
            _ when Contains("non-bare") => new JobException(
                $"The repository {transport.Address} has a work tree, which a push would not update: publish to a bare repository, such as one of 'git clone --bare', and pull from there.",
                ExitCode.Usage,
                failure),
            _ => new JobException($"The repository {transport.Address} cannot be used ({message}): correct the address or the permissions of its files.", ExitCode.Usage, failure),
        };

        bool Contains(string phrase) => failure.Message.Contains(phrase, StringComparison.Ordinal);
    }
}

/// <summary>The server could not be reached, or the connection broke; a retry may succeed.</summary>
internal sealed class TransientGitException(string message, Exception? innerException = null)
    : JobException(message, ExitCode.Failed, innerException);
