using System.Security.Authentication;

namespace ClusterTrust.Kubernetes.Transport;

/// <summary>Ends a TLS handshake because of the server's certificate.</summary>
internal sealed class CertificateFaultException(CertificateFault fault, string detail)
    : AuthenticationException($"The server's certificate was not accepted: {detail}.")
{
    public CertificateFault Fault { get; } = fault;

    public string Detail { get; } = detail;
}
