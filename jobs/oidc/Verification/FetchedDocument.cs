namespace ClusterTrust.Oidc.Verification;

/// <summary>A document as the public site answered it.</summary>
/// <param name="Url">Where it was asked for.</param>
/// <param name="Status">The HTTP status code; 0 when there was no answer.</param>
/// <param name="Bytes">The body, cut where it is refused as too large.</param>
public sealed record FetchedDocument(Uri Url, int Status, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>The <c>Content-Type</c> as sent, or null.</summary>
    public string? ContentType { get; init; }

    /// <summary>How old the copy of the cache that answered is (<c>Age</c>, RFC 9111 §5.1), or null.</summary>
    public TimeSpan? Age { get; init; }

    /// <summary>How long a cache may serve a copy (<c>max-age</c>), or null.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>Where on the same host a redirect led to, or null.</summary>
    public Uri? RedirectedTo { get; init; }

    /// <summary>Why there is no answer, or none that counts, one sentence; null when there is one.</summary>
    public string? Fault { get; init; }

    /// <summary>Whether the site is at fault although nothing was answered: its certificate, or its TLS.</summary>
    public bool IsSiteFault { get; init; }

    /// <summary>Whether nothing answered: the network's fault, not the site's.</summary>
    public bool IsUnreachable => Fault is not null && Status == 0 && !IsSiteFault;

    /// <summary>How much longer a cache may serve a copy as old as this one.</summary>
    public TimeSpan? CachedFor => MaxAge is { } most && most > (Age ?? TimeSpan.Zero) ? most - (Age ?? TimeSpan.Zero) : null;
}
