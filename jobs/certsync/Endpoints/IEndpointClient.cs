namespace ClusterTrust.CertSync.Endpoints;

public interface IEndpointClient
{
    /// <summary>Makes one TLS handshake with an endpoint, and sends nothing else. Never throws for what a network or an endpoint does.</summary>
    /// <param name="publicOnly">Connect only if every address of the host is one of the public Internet.</param>
    Task<Handshake> ConnectAsync(Endpoint endpoint, bool publicOnly, CancellationToken cancellationToken);
}

/// <summary>The outcome of a handshake: <see cref="Served"/>, or a fault.</summary>
/// <param name="Served">What the endpoint served; null if there was no handshake.</param>
/// <param name="Fault">Why there was none, one sentence; empty if there was one.</param>
/// <param name="IsRefused">Whether no connection was made because the host has an address that is not public.</param>
public sealed record Handshake(ServedCertificate? Served, string Fault, bool IsRefused = false);
