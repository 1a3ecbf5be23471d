using ClusterTrust.Hosting;

namespace ClusterTrust.Oidc.Issuer;

/// <summary>A reason not to publish what was read: one sentence on what was found, where, and what to do.</summary>
internal sealed record Refusal(string Message, ExitCode ExitCode);

/// <summary>What the rules find in an issuer's documents, so that one run reports every fault and not only the first.</summary>
internal sealed class IssuerFindings
{
    public List<Refusal> Refusals { get; } = [];

    /// <summary>What works but may surprise someone.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>What will be published differently from what was read, and why.</summary>
    public List<string> Notices { get; } = [];

    /// <summary>The issuer that passed every rule; null when there is a refusal.</summary>
    public CheckedIssuer? Issuer { get; set; }

    /// <summary>Refuses what is unsafe: a person must decide.</summary>
    public void Refuse(string message) => Refusals.Add(new Refusal(message, ExitCode.Refused));

    /// <summary>Refuses because of a setting of this job or of the API server, which must be corrected.</summary>
    public void RefuseSetting(string message) => Refusals.Add(new Refusal(message, ExitCode.Usage));

    /// <summary>Refuses what a later run may accept.</summary>
    public void RefuseForNow(string message) => Refusals.Add(new Refusal(message, ExitCode.Failed));

    /// <exception cref="JobException">At least one rule refused; the message holds every refusal, the exit code is the gravest.</exception>
    public CheckedIssuer ThrowIfRefused() => Refusals.Count > 0
        ? throw new JobException(string.Join(" ", Refusals.Select(refusal => refusal.Message)), Refusals.Max(refusal => refusal.ExitCode))
        : Issuer ?? throw new InvalidOperationException("The issuer is neither checked nor refused.");
}
