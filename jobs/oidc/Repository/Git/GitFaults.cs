using ClusterTrust.Hosting;
using LibGit2Sharp;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>Puts libgit2's failures into sentences.</summary>
internal static class GitFaults
{
    /// <summary>Explains a failure of a transfer.</summary>
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
/// <param name="message">The sentence shown when it keeps happening.</param>
/// <param name="innerException">The technical cause.</param>
internal sealed class TransientGitException(string message, Exception? innerException = null)
    : JobException(message, ExitCode.Failed, innerException);
