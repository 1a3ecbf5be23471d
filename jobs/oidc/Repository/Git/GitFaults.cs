using ClusterTrust.Hosting;
using LibGit2Sharp;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>Puts libgit2's failures into sentences.</summary>
internal static class GitFaults
{
    /// <summary>Explains a failure of a transfer.</summary>
    public static Exception Explain(LibGit2SharpException failure, GitWire wire)
    {
        if (wire.Failure is JobException or OperationCanceledException)
        {
            return wire.Failure;
        }

        var message = RemoteText.Line(failure.Message);
        if (failure is NonFastForwardException)
        {
            return new RacedException($"Someone else committed to {wire.Address} at the same time: try again.", failure);
        }

        if (wire.CanBeShallow)
        {
            return new TransientGitException($"The transfer with {wire.Address} failed ({message}): try again later.", wire.Failure ?? failure);
        }

        return new JobException(
            failure.Message.Contains("owned by", StringComparison.Ordinal)
                ? $"The repository {wire.Address} belongs to another user, and Git refuses to use such: run as its owner."
                : $"The repository {wire.Address} cannot be used ({message}): correct the address or the permissions of its files.",
            ExitCode.Usage,
            failure);
    }
}
