namespace ClusterTrust.Kubernetes.Transport;

/// <summary>What is wrong with the certificate an API server showed.</summary>
internal enum CertificateFault
{
    /// <summary>It does not come from the CA that is trusted.</summary>
    UnknownAuthority,

    /// <summary>It, or a CA in its chain, is not valid now.</summary>
    NotValidNow,

    /// <summary>It names other hosts than the one spoken to.</summary>
    OtherName,

    /// <summary>There was none.</summary>
    Missing,

    /// <summary>Anything else: a wrong use, a weak signature, a broken chain.</summary>
    Invalid,
}
