using ClusterTrust.Hosting;

namespace ClusterTrust.Oidc.Repository;

/// <summary>
/// The commit did not land because the branch moved, or because the connection broke before it could: read, plan and commit again.
/// </summary>
/// <param name="message">The sentence shown when it keeps happening.</param>
/// <param name="innerException">The technical cause.</param>
public sealed class RacedException(string message, Exception? innerException = null)
    : JobException(message, ExitCode.Failed, innerException);
