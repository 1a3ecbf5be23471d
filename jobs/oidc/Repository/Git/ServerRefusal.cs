using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Site;
using LibGit2Sharp;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>
/// Explains a Git server's refusal. Git has no error codes, so the wording decides; docs/oidc.md lists the wordings that are known. A
/// refusal in other words is quoted as it is.
/// </summary>
internal static class ServerRefusal
{
    // The first row with one of its phrases in the output applies, so that the specific ones stand before the general ones.
    private static readonly (string[] Phrases, Func<RepositoryAddress, string> Sentence)[] Causes =
    [
        (["SAML SSO", "SAML enforcement", "valid SSO session", "single sign-on"], address =>
            $"The organization that owns {address} requires single sign-on: authorize this key or token for it in the account's settings, or use a deploy key of the repository"),
        (["IP allow list", "allowed IP", "whitelist your IP", "allowlist your IP", "IP address is not permitted", "IP address is not allowed", "IP restriction"], address =>
            $"The owner of {address} admits only listed IP addresses, and the address from which this pod reaches the server is not among them: add it to the allow list"),
        (["token's lifetime"], address =>
            $"The token lives longer than the owner of {address} allows: shorten its lifetime in the token's settings, or make a new token"),
        (["personal access token (classic)", "personal access tokens (classic)"], address =>
            $"The owner of {address} forbids classic personal access tokens: use a fine-grained token, a deploy key or a GitHub App"),
        (["forbids access via"], address =>
            $"The owner of {address} forbids this kind of token: use another kind, a deploy key or a GitHub App"),
        (["VS403463", "conditional access policy"], address =>
            $"A conditional access policy keeps this pod away from {address}: let the tenant's administrator exempt it"),
        (["deploy keys are disabled", "deploy keys are not allowed", "deploy keys are not enabled"], address =>
            $"Deploy keys are disabled for {address}: enable them in the settings of the organization or repository, or publish with a token or a GitHub App"),
        (["SSH key has expired", "key has expired", "key is expired"], address =>
            $"The deploy key of {address} has expired: add a new one to the repository"),
        (["SSH certificate"], address =>
            $"The organization that owns {address} admits SSH certificates only, which are not supported: publish with a token or a GitHub App"),
        (["account is suspended", "account has been suspended", "account was suspended", "account has been blocked", "account is blocked", "account has been deactivated",
            "account is disabled", "account has been locked", "account is locked", "pending approval", "prohibited from signing in", "sign-in prohibited", "EPOLICYKEYAGE", "account is not active"], address =>
            $"The account by which this job signs in to {address} is suspended or disabled: settle that with the host's support or administrator, or use credentials of another account"),
        (["archived project", "is archived", "was archived", "been archived", "repo is archived", "read-only because it is archived"], address =>
            $"The repository {address} is archived and takes no commits: unarchive it, or publish to another one"),
        (["over quota", "quota exceeded", "exceeded its size limit", "size limit", "storage limit", "over its size", "user limit", "disk quota", "no space left", "maximum repository size"], address =>
            $"The repository {address} or its owner is over a quota: free space or raise the limit"),
        (["DMCA", "access to this repository has been disabled", "repository access blocked", "repository is disabled", "repository has been disabled", "' is disabled", "` is disabled", "is disabled. Please ask", "repository unavailable"], address =>
            $"The repository {address} or its owner's account is disabled: the owner has to settle that with the host's support"),
        (["access over SSH is not allowed", "access over HTTP is not allowed", "Pushing over HTTP is not allowed", "Pulling over HTTP is not allowed", "SSH access is disabled"], address =>
            $"The server of {address} does not allow this protocol: use {(address.Transport == RepositoryTransport.Ssh ? "https:// with a token" : "ssh:// with a deploy key")}"),
        (["command not found", "git-upload-pack: not found", "git-receive-pack: not found", "Invalid command", "command you're trying to execute", "account is currently not available"], address =>
            $"The server of {address} does not run Git's programs for this user: correct the user and the path of the address"),
    ];

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

    /// <summary>Explains why the server ended the conversation.</summary>
    /// <returns>Exit code 2 with the cure where the server's output names a cause, else a failure that a retry may cure.</returns>
    public static JobException Explain(GitTransport transport, GitService service)
    {
        var (output, address) = (transport.Output, transport.Address);
        var quote = Quote(output);
        if (CauseOf(output.Text, address) is { } cause)
        {
            return Usage($"{cause}.{quote}");
        }

        var text = WithoutPath(output.Text, address);
        if (Has(text, TransientPhrases))
        {
            return Transient(address, quote);
        }

        var writes = service == GitService.ReceivePack;
        if (writes && Has(text, "read only", "read-only", "readonly"))
        {
            return ReadOnly(address, quote);
        }

        if (Has(text, NotFoundPhrases))
        {
            return Usage($"There is no repository {address}, or it is hidden from these credentials: correct the address, or give them access.{quote}");
        }

        if (Has(text, DeniedPhrases))
        {
            return writes ? ReadOnly(address, quote) : Usage($"The repository {address} may not be read with these credentials: give them access.{quote}");
        }

        if (writes && !output.IsEmpty)
        {
            return Usage($"The repository {address} takes no commits from this job.{quote}");
        }

        // The hosts begin so what they decided; a retry gets the same.
        return Has(text, "ERROR:", "remote error:")
            ? Usage($"The server of {address} refused this job: see what it says and correct that.{quote}")
            : Transient(address, quote);
    }

    /// <summary>Explains why the branch was not moved although nobody else moved it.</summary>
    public static JobException ExplainPush(GitTransport transport, string branch, string reason)
    {
        var (output, address) = (transport.Output, transport.Address);
        var quote = Quote(output);
        if (CauseOf(output.Text, address) is { } cause)
        {
            return Usage($"{cause}.{quote}");
        }

        var shown = ServerText.Quote(reason);
        if (Has(reason, "protected") || Has(output.Text, "protected branch", "GH006", "GH013", "rule violations", "TF402455", "not permitted; you must use a pull request", "push to protected"))
        {
            return Usage($"The branch {branch} of {address} is protected and refused the commit ({shown}): let this key or app pass its rules, or publish to another branch.{quote}");
        }

        return Has(reason, "hook")
            ? Usage($"A hook of {address} refused the commit to {branch} ({shown}): satisfy its rule.{quote}")
            : Usage($"The server refused the commit to {branch} of {address} ({shown}): see its rules.{quote}");
    }

    /// <summary>The cause that the output names and its cure, without a full stop; null when it names none that is known.</summary>
    public static string? CauseOf(string output, RepositoryAddress address)
    {
        var text = WithoutPath(output, address);
        return Causes.FirstOrDefault(cause => Has(text, cause.Phrases)).Sentence?.Invoke(address);
    }

    /// <summary>Whether the output says by itself that the server refuses, however the conversation ended.</summary>
    public static bool IsRefusal(string output, RepositoryAddress address) => CauseOf(output, address) is not null || Has(output, "ERROR:", "remote error:");

    /// <summary>The output as a sentence that follows another; empty when there is none.</summary>
    public static string Quote(ServerOutput output) => output.IsEmpty ? "" : $" The server said: {output}";

    // A repository may be called archived-pages.
    private static string WithoutPath(string output, RepositoryAddress address)
    {
        var path = address.Path.Trim('/');
        path = path.EndsWith(".git", StringComparison.OrdinalIgnoreCase) ? path[..^4] : path;
        return path.Length == 0 ? output : output.Replace(path, "", StringComparison.OrdinalIgnoreCase);
    }

    private static bool Has(string text, params ReadOnlySpan<string> phrases)
    {
        foreach (var phrase in phrases)
        {
            if (text.Contains(phrase, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static JobException ReadOnly(RepositoryAddress address, string quote) =>
        Usage($"The credentials may read the repository {address} but not write to it: allow write access for the deploy key or token.{quote}");

    private static TransientGitException Transient(RepositoryAddress address, string quote) =>
        new($"The server of {address} ended the conversation: try again later.{quote}");

    private static JobException Usage(string message) => new(message, ExitCode.Usage);
}

/// <summary>Puts libgit2's failures into sentences.</summary>
internal static class GitFaults
{
    public static Exception Explain(LibGit2SharpException failure, GitTransport transport)
    {
        if (transport.Failure is JobException or OperationCanceledException)
        {
            return transport.Failure;
        }

        var message = ServerText.Quote(failure.Message);
        if (failure is NonFastForwardException)
        {
            return new RacedException($"Someone else committed to {transport.Address} at the same time: try again.", failure);
        }

        // The server's program may write why it ends, and end in the middle of its answer.
        if (ServerRefusal.CauseOf(transport.Output.Text + "\n" + failure.Message, transport.Address) is { } cause)
        {
            return new JobException($"{cause}.{(transport.Output.IsEmpty ? $" The server said: {message}" : ServerRefusal.Quote(transport.Output))}", ExitCode.Usage, failure);
        }

        if (transport.CanBeShallow)
        {
            return new TransientGitException($"The transfer with {transport.Address} failed ({message}): try again later.{ServerRefusal.Quote(transport.Output)}", transport.Failure ?? failure);
        }

        return new JobException(
            failure.Message.Contains("owned by", StringComparison.Ordinal)
                ? $"The repository {transport.Address} belongs to another user, and Git refuses to use such: run as its owner."
                : $"The repository {transport.Address} cannot be used ({message}): correct the address or the permissions of its files.",
            ExitCode.Usage,
            failure);
    }
}

/// <summary>The server could not be reached, or the connection broke; a retry may succeed.</summary>
internal sealed class TransientGitException(string message, Exception? innerException = null)
    : JobException(message, ExitCode.Failed, innerException);
