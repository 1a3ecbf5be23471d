namespace ClusterTrust.Kubernetes.Access;

/// <summary>A ServiceAccount token made by TokenRequest.</summary>
/// <param name="token">The JWT. A secret: never log it.</param>
/// <param name="expires">When it ends; the server may shorten what was asked for.</param>
public sealed class IssuedToken(string token, DateTimeOffset expires)
{
    /// <summary>The JWT. A secret: never log it.</summary>
    public string Token { get; } = token;

    /// <summary>When it ends.</summary>
    public DateTimeOffset Expires { get; } = expires;
}
