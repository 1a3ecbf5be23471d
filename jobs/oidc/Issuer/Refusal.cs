using ClusterTrust.Hosting;

namespace ClusterTrust.Oidc.Issuer;

/// <summary>A reason not to publish what was read.</summary>
/// <param name="Message">One sentence: what was seen, where, and what to do.</param>
/// <param name="ExitCode">
/// <see cref="ExitCode.Refused"/> for anything unsafe, <see cref="ExitCode.Usage"/> for a setting to correct (of this job or of the
/// API server), <see cref="ExitCode.Failed"/> where a later run may see something better.
/// </param>
public sealed record Refusal(string Message, ExitCode ExitCode = ExitCode.Refused);
