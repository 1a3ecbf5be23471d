namespace ClusterTrust.Oidc.Issuer;

/// <summary>What the rules find in an issuer's documents, so that one run reports every fault and not only the first.</summary>
internal sealed class IssuerFindings
{
    /// <summary>The reasons not to publish: one sentence each on what was found, where, and what to do.</summary>
    public List<(string Message, ExitCode ExitCode)> Refusals { get; } = [];

    /// <summary>What works but may surprise someone.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>What will be published differently from what was read, and why.</summary>
    public List<string> Notices { get; } = [];

    /// <summary>Refuses what is unsafe: a person must decide.</summary>
    public void Refuse(string message) => Refusals.Add((message, ExitCode.Refused));

    /// <summary>Refuses because of a setting of this job or of the API server, which must be corrected.</summary>
    public void RefuseSetting(string message) => Refusals.Add((message, ExitCode.Usage));

    /// <summary>Every refusal in one message; the most severe determines the exit code.</summary>
    public JobException ToException() =>
        new(string.Join(" ", Refusals.Select(static refusal => refusal.Message)), Refusals.Max(static refusal => refusal.ExitCode));
}
