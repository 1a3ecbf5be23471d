namespace ClusterTrust.Hosting;

/// <summary>
/// A fault that ends the run and that a person can act on. Its message is one sentence that says what failed, where, and
/// what to do; it is shown as it is, without a stack trace, and must never contain key material, tokens or passwords.
/// </summary>
/// <param name="message">The sentence shown to the user.</param>
/// <param name="exitCode">What the process exits with.</param>
/// <param name="innerException">The technical cause, shown with <c>--verbose</c> only.</param>
public class JobException(string message, ExitCode exitCode = ExitCode.Failed, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>What the process exits with.</summary>
    public ExitCode ExitCode { get; } = exitCode;
}
