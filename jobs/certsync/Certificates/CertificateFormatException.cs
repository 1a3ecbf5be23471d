namespace ClusterTrust.CertSync.Certificates;

/// <summary>A certificate that cannot go to the vault. The only exception that leaves this room.</summary>
/// <param name="fault">The reason, for programs.</param>
/// <param name="sentence">The reason, for people: what is wrong and what to do. Never holds key material.</param>
/// <param name="innerException">What the platform said, if anything.</param>
public sealed class CertificateFormatException(CertificateFault fault, string sentence, Exception? innerException = null)
    : Exception(sentence, innerException)
{
    /// <summary>The reason, for programs.</summary>
    public CertificateFault Fault { get; } = fault;
}
