namespace ClusterTrust.Oidc.Issuer;

/// <summary>One document as a server answered it, before anything in it is believed.</summary>
/// <param name="Source">Where it was read; named in every message about it.</param>
/// <param name="Status">The HTTP status code.</param>
/// <param name="ContentType">The <c>Content-Type</c> header as sent, or null when there was none.</param>
/// <param name="Bytes">The body. A reader need not take in more than <see cref="MaxBytes"/> + 1 bytes to have it refused as too large.</param>
public sealed record ServedDocument(Uri Source, int Status, string? ContentType, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>The largest body that is looked at, in bytes (64 KiB). A key set of a hundred RSA-4096 keys still fits.</summary>
    public const int MaxBytes = 64 * 1024;
}
