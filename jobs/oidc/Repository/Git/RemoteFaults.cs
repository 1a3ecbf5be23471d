using ClusterTrust.Hosting;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>Puts a server's refusal into a sentence. Servers have no codes for it, only words; unknown words are passed on.</summary>
internal static class RemoteFaults
{
    /// <summary>Explains why a service was not had.</summary>
    public static JobException Explain(GitWire wire, GitService service)
    {
        var said = wire.Said;
        var address = wire.Address;
        var quote = said.IsEmpty ? "" : $" The server said: {said}";
        if (said.Says("archived"))
        {
            return Usage($"The repository {address} is archived and takes no commits: unarchive it, or publish to another one.{quote}");
        }

        if (service == GitService.ReceivePack && said.Says("read only", "read-only", "readonly"))
        {
            return ReadOnly(address, quote);
        }

        if (said.Says("not found", "does not exist", "does not appear to be a git repository", "not a git repository", "could not be found", "no such"))
        {
            return Usage($"There is no repository {address}, or it is hidden from these credentials: correct the address, or give them access.{quote}");
        }

        if (said.Says("denied", "not allowed", "forbidden", "permission", "unauthorized", "not authorized", "don't have access", "access rights"))
        {
            return service == GitService.ReceivePack
                ? ReadOnly(address, quote)
                : Usage($"The repository {address} may not be read with these credentials: give them access.{quote}");
        }

        return service == GitService.ReceivePack && !said.IsEmpty
            ? Usage($"The repository {address} takes no commits from this job.{quote}")
            : new TransientGitException($"The server of {address} ended the conversation: try again later.{quote}");
    }

    /// <summary>Explains why the branch was not moved although nobody else moved it.</summary>
    /// <param name="wire">Where.</param>
    /// <param name="branch">The branch.</param>
    /// <param name="reason">The server's word for it.</param>
    public static JobException ExplainPush(GitWire wire, string branch, string reason)
    {
        var said = wire.Said.IsEmpty ? "" : $" The server said: {wire.Said}";
        var shown = RemoteText.Line(reason);
        if (wire.Said.Says("is archived", "was archived"))
        {
            return Explain(wire, GitService.ReceivePack);
        }

        if (reason.Contains("protected", StringComparison.OrdinalIgnoreCase) || wire.Said.Says("protected branch", "GH006", "GH013", "rule violations"))
        {
            return Usage($"The branch {branch} of {wire.Address} is protected and refused the commit ({shown}): let this key or app pass its rules, or publish to another branch.{said}");
        }

        if (reason.Contains("hook", StringComparison.OrdinalIgnoreCase))
        {
            return Usage($"A hook of {wire.Address} refused the commit to {branch} ({shown}): satisfy its rule.{said}");
        }

        return Usage($"The server refused the commit to {branch} of {wire.Address} ({shown}): see its rules.{said}");
    }

    private static JobException ReadOnly(GitAddress address, string quote) =>
        Usage($"The credentials may read the repository {address} but not write to it: allow write access for the deploy key or token.{quote}");

    private static JobException Usage(string message) => new(message, ExitCode.Usage);
}
