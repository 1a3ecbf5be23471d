using System.Net.Security;
using System.Security.Authentication;

namespace ClusterTrust.Hosting;

/// <summary>What is wrong with a server's certificate. Its chain is checked before its names.</summary>
public enum CertificateFault
{
    NotPresented,
    NotTrusted,

    /// <summary>Nothing else is wrong with its chain.</summary>
    NotCurrentlyValid,
    Invalid,

    /// <summary>Its chain is valid.</summary>
    OtherNames,
}

/// <summary>Ends a TLS handshake because of the server's certificate.</summary>
public sealed class ServerCertificateException(CertificateFault kind, string facts, string host, IReadOnlyList<string>? otherNames)
    : AuthenticationException($"The server's certificate is not accepted ({kind}).")
{
    private const int MaximumNames = 8;

    public CertificateFault Kind { get; } = kind;

    /// <summary>The name that the certificate was checked for: that of the server, or of an HTTPS proxy on the way to it.</summary>
    public string Host { get; } = host;

    /// <summary>The names in a certificate that is not for <see cref="Host"/>, whatever its <see cref="Kind"/>: at most 8, not sanitized. Null if it is for <see cref="Host"/>.</summary>
    public IReadOnlyList<string>? OtherNames { get; } = otherNames;

    /// <summary>The <see cref="RemoteCertificateValidationCallback"/> that accepts what the system does.</summary>
    /// <returns>True.</returns>
    /// <exception cref="ServerCertificateException">The certificate is not accepted.</exception>
    public static bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
        {
            return true;
        }

        var host = (sender as SslStream)?.TargetHostName ?? "";
        if (certificate is not X509Certificate2 presented || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            throw new ServerCertificateException(CertificateFault.NotPresented, "", host, null);
        }

        var status = StatusOf(chain);
        var kind = !errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) ? CertificateFault.OtherNames : status switch
        {
            X509ChainStatusFlags.NotTimeValid => CertificateFault.NotCurrentlyValid,
            _ when (status & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) != 0 => CertificateFault.NotTrusted,
            _ => CertificateFault.Invalid,
        };
        throw new ServerCertificateException(
            kind,
            kind == CertificateFault.NotCurrentlyValid ? Sanitizer.Sanitize(Validity(chain!, presented)) : status.ToString(),
            host,
            errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) ? [.. NamesOf(presented).Take(MaximumNames)] : null);
    }

    /// <summary>What is wrong with the certificate and what to do, to follow the server's name.</summary>
    /// <param name="trust">How to make it trusted.</param>
    /// <param name="rename">What to do about its names.</param>
    /// <param name="namesFirst">Whether its names are the cause if they are wrong, even if it is not trusted either.</param>
    public string Explain(string trust, string rename, bool namesFirst = false) => (namesFirst && OtherNames is not null ? CertificateFault.OtherNames : Kind) switch
    {
        CertificateFault.NotPresented => "presents no certificate: configure one",
        CertificateFault.NotTrusted => $"presents a certificate that is not trusted ({facts}): {trust}",
        CertificateFault.NotCurrentlyValid => $"presents a certificate that is not currently valid ({facts}): renew it, or correct this machine's clock",
        CertificateFault.OtherNames => $"presents a certificate for other names ({(OtherNames is [_, ..] ? Sanitizer.Sanitize(string.Join(", ", OtherNames)) : "none")}): {rename}",
        _ => $"presents a certificate that is not valid ({facts}): replace it",
    };

    /// <summary>The DNS names and IP addresses that a certificate is for.</summary>
    internal static IEnumerable<string> NamesOf(X509Certificate2 certificate) => certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
        .SelectMany(static extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(static address => address.ToString())));

    /// <summary>All that is wrong with a chain; that it is partial if there is none.</summary>
    internal static X509ChainStatusFlags StatusOf(X509Chain? chain) =>
        chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, static (all, one) => all | one.Status) ?? X509ChainStatusFlags.PartialChain;

    // The chain also fails for an expired CA, and for a certificate that is not valid yet, on a machine whose clock is behind.
    private static string Validity(X509Chain chain, X509Certificate2 presented)
    {
        var untimely = chain.ChainElements.FirstOrDefault(static element => element.ChainElementStatus.Any(static status => status.Status == X509ChainStatusFlags.NotTimeValid))?.Certificate ?? presented;
        var subject = untimely.RawDataMemory.Span.SequenceEqual(presented.RawDataMemory.Span) ? "it" : $"its CA {untimely.Subject}";
        return $"{subject} is valid from {Sentence.Time(untimely.NotBefore)} to {Sentence.Time(untimely.NotAfter)}";
    }
}
