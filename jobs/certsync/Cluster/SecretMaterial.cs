using ClusterTrust.CertSync.Planning;
using ClusterTrust.Text;

namespace ClusterTrust.CertSync.Cluster;

/// <summary>What a Secret holds. Wiped when it is disposed of.</summary>
public sealed class SecretMaterial : IDisposable
{
    private readonly PinnedBuffer? tlsCrt;
    private readonly PinnedBuffer? tlsKey;
    private readonly PinnedBuffer? caCrt;

    internal SecretMaterial(TlsSecretRef secret, PinnedBuffer? tlsCrt, PinnedBuffer? tlsKey, PinnedBuffer? caCrt)
    {
        Secret = secret;
        (this.tlsCrt, this.tlsKey, this.caCrt) = (tlsCrt, tlsKey, caCrt);
    }

    /// <summary>The Secret in the version that was read, which may be newer than the one listed.</summary>
    public TlsSecretRef Secret { get; }

    /// <summary>PEM: the certificate and its chain; empty if the Secret has no such entry.</summary>
    public ReadOnlyMemory<byte> TlsCrt => tlsCrt?.Memory ?? default;

    /// <summary>PEM: the private key; empty if the Secret has no such entry.</summary>
    public ReadOnlyMemory<byte> TlsKey => tlsKey?.Memory ?? default;

    /// <summary>PEM: CA certificates; empty if the Secret has no such entry.</summary>
    public ReadOnlyMemory<byte> CaCrt => caCrt?.Memory ?? default;

    /// <summary>The Secret's name: never what it holds.</summary>
    public override string ToString() => Secret.ToString();

    public void Dispose()
    {
        tlsCrt?.Dispose();
        tlsKey?.Dispose();
        caCrt?.Dispose();
    }
}
