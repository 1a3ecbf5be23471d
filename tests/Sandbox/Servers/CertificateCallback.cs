namespace ClusterTrust.Sandbox.Servers;

public static class CertificateCallback
{
    /// <summary>Passes a certificate for <c>api.example</c>, and its chain, with these faults.</summary>
    /// <param name="faults">Any of <c>missing</c>, <c>partial</c>, <c>untrusted</c>, <c>expired</c>, <c>usage</c> and <c>names</c>.</param>
    /// <returns>What the callback throws; null if it accepts the certificate.</returns>
    public static Exception? Call(RemoteCertificateValidationCallback callback, params string[] faults)
    {
        using var authority = new CertificateAuthority();
        using var root = X509Certificate2.CreateFromPem(authority.CertificatePem);
        var now = DateTimeOffset.UtcNow;
        using var leaf = authority.Issue(["api.example", "10.96.0.1"], now.AddDays(-9), faults.Contains("expired") ? now.AddDays(-1) : null);
        using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck } };
        if (!faults.Contains("partial"))
        {
            (faults.Contains("untrusted") ? chain.ChainPolicy.ExtraStore : chain.ChainPolicy.CustomTrustStore).Add(root);
        }

        if (faults.Contains("usage"))
        {
            chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.3"));
        }

        var errors = (chain.Build(leaf) ? SslPolicyErrors.None : SslPolicyErrors.RemoteCertificateChainErrors)
            | (faults.Contains("names") ? SslPolicyErrors.RemoteCertificateNameMismatch : SslPolicyErrors.None);
        try
        {
            _ = faults.Contains("missing")
                ? callback(new object(), null, null, SslPolicyErrors.RemoteCertificateNotAvailable)
                : callback(new object(), leaf, chain, errors);
            return null;
        }
        catch (Exception fault)
        {
            return fault;
        }
    }
}
