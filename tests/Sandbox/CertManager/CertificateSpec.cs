namespace ClusterTrust.Sandbox.CertManager;

/// <summary>How a private key is written into <c>tls.key</c>.</summary>
public enum KeyForm
{
    /// <summary>PKCS#1 for RSA and SEC1 for EC: cert-manager's <c>encoding: PKCS1</c>, its default.</summary>
    Traditional,
    Pkcs8,
}

/// <summary>The specification of a Certificate resource.</summary>
/// <param name="Name">Its name; the Secret is <c>NAME-tls</c>.</param>
public sealed record CertificateSpec(string Namespace, string Name)
{
    /// <summary>The names; by default <c>NAME.NAMESPACE.example.com</c>.</summary>
    public IReadOnlyList<string> DnsNames { get; init; } = [$"{Name}.{Namespace}.example.com"];

    /// <summary>An elliptic-curve key on P-256 instead of RSA-2048.</summary>
    public bool Ec { get; init; }

    public KeyForm KeyForm { get; init; }

    /// <summary>How many intermediates stand between leaf and root: 0 to 2.</summary>
    public int Intermediates { get; init; } = 1;

    public TimeSpan Lifetime { get; init; } = TimeSpan.FromDays(90);

    public string SecretName { get; init; } = $"{Name}-tls";

    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();
}
