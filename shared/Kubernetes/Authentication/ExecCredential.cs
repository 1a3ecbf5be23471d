namespace ClusterTrust.Kubernetes.Authentication;

/// <summary>What a credential plugin answers (client.authentication.k8s.io). A class, so that no generated text shows the token.</summary>
internal sealed class ExecCredential
{
    public string? ApiVersion { get; init; }

    public string? Kind { get; init; }

    public CredentialStatus? Status { get; init; }

    internal sealed class CredentialStatus
    {
        /// <summary>When to ask again; null keeps it until it is refused.</summary>
        public DateTimeOffset? ExpirationTimestamp { get; init; }

        public string? Token { get; init; }

        /// <summary>PEM.</summary>
        public string? ClientCertificateData { get; init; }

        /// <summary>PEM.</summary>
        public string? ClientKeyData { get; init; }
    }
}
