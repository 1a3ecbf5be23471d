using ClusterTrust.Hosting;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>The server could not be reached, or the connection broke; the same may well succeed in a moment.</summary>
/// <param name="message">The sentence shown when it keeps happening.</param>
/// <param name="innerException">The technical cause.</param>
internal sealed class TransientGitException(string message, Exception? innerException = null)
    : JobException(message, ExitCode.Failed, innerException);
