using ClusterTrust.CertSync.Certificates;
using ClusterTrust.CertSync.Planning;

namespace ClusterTrust.CertSync.Cluster;

/// <summary>A Secret that was read: what the planner wants to know of it, and the certificate with its key, until it is disposed of.</summary>
/// <param name="Inspection">The facts, or why there are none.</param>
/// <param name="Bundle">What can be imported; null without facts.</param>
public sealed record InspectedSecret(Inspection Inspection, CertificateBundle? Bundle) : IDisposable
{
    /// <summary>What is odd about the certificate but does not keep it from going, one sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>The Secret and whether it holds a certificate: never what it holds.</summary>
    public override string ToString() => $"{Inspection.Secret}: {(Bundle is null ? Inspection.Reason : Bundle.Thumbprint)}";

    public void Dispose() => Bundle?.Dispose();
}
