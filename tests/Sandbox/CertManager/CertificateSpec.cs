namespace ClusterTrust.Sandbox.CertManager;

/// <summary>How a private key is written into <c>tls.key</c>.</summary>
public enum KeyForm
{
    /// <summary>PKCS#1 for RSA and SEC1 for EC: cert-manager's <c>encoding: PKCS1</c>, its default.</summary>
    Traditional,

    /// <summary>PKCS#8.</summary>
    Pkcs8,
}

/// <summary>What a Certificate resource asks for.</summary>
/// <param name="Name">Its name; the Secret is <c>NAME-tls</c>.</param>
public sealed record CertificateSpec(string Namespace, string Name)
{
    /// <summary>The names; by default <c>NAME.NAMESPACE.example.com</c>.</summary>
    public IReadOnlyList<string> DnsNames { get; init; } = [$"{Name}.{Namespace}.example.com"];

    /// <summary>An elliptic-curve key on P-256 instead of RSA-2048.</summary>
    public bool Ec { get; init; }

    /// <summary>How the key is written.</summary>
    public KeyForm KeyForm { get; init; }

    /// <summary>How many intermediates stand between leaf and root: 0 to 2.</summary>
    public int Intermediates { get; init; } = 1;

    /// <summary>How long the certificate is valid.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromDays(90);

    /// <summary>The name of the Secret.</summary>
    public string SecretName { get; init; } = $"{Name}-tls";

    /// <summary>What <c>secretTemplate</c> adds to the Secret's annotations.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    /// <summary>What <c>secretTemplate</c> adds to the Secret's labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();
}
