using ClusterTrust.Hosting;

namespace ClusterTrust.Oidc.Issuer;

/// <summary>Gathers what the rules find, so that one run reports every fault and not only the first.</summary>
internal sealed class FindingsCollector
{
    public List<Refusal> Refusals { get; } = [];

    public List<string> Warnings { get; } = [];

    public List<string> Notices { get; } = [];

    public void Refuse(string message) => Refusals.Add(new Refusal(message));

    public void Misconfigured(string message) => Refusals.Add(new Refusal(message, ExitCode.Usage));

    public void Unavailable(string message) => Refusals.Add(new Refusal(message, ExitCode.Failed));

    public void Warn(string message) => Warnings.Add(message);

    public void Note(string message) => Notices.Add(message);
}
