namespace ClusterTrust.EndToEnd.Tests.Faults;

/// <summary>One row of the matrix in <c>docs/reliability.md</c>.</summary>
/// <param name="Job">The command that runs.</param>
/// <param name="Server">The server that fails.</param>
/// <param name="Fault">How.</param>
/// <param name="Once">The exit code when one request, or the server for a second, shows it; null where that says nothing.</param>
/// <param name="Lasting">The exit code when the server does so all the time.</param>
/// <param name="Says">A part of the sentence that is told then.</param>
/// <param name="Left">What the run has left behind then: <c>nothing</c>, <c>whole items</c> or <c>everything</c>.</param>
public sealed record FaultRow(string Job, string Server, string Fault, int? Once, int Lasting, string Says, string Left)
{
    public override string ToString() => $"{Job} × {Server} × {Fault}";
}
