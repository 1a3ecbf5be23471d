namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>The issuer's keys: one signs, all are published, and all that are published verify.</summary>
public sealed class ServiceAccountKeys : IDisposable
{
    public ServiceAccountKeys(SigningAlgorithm algorithm)
    {
        Signing = new SigningKey(algorithm);
        Published = [Signing];
    }

    /// <summary>The published keys, in the order of the JWKS: the signing key first unless a key was only added.</summary>
    public IReadOnlyList<SigningKey> Published { get; private set; }

    public SigningKey Signing { get; private set; }

    /// <param name="keepOld">False drops every key before it at once: tokens signed so far no longer verify.</param>
    public SigningKey Rotate(SigningAlgorithm algorithm = SigningAlgorithm.RS256, bool keepOld = true)
    {
        var key = new SigningKey(algorithm);
        Published = keepOld ? [key, .. Published] : [key];
        return Signing = key;
    }

    /// <summary>Publishes a key that does not sign yet, as a careful rotation begins.</summary>
    public SigningKey Announce(SigningAlgorithm algorithm = SigningAlgorithm.RS256)
    {
        var key = new SigningKey(algorithm);
        Published = [.. Published, key];
        return key;
    }

    public void SignWith(SigningKey key) =>
        Signing = Published.Contains(key) ? key : throw new ArgumentException($"Key {key.KeyId} is not published.", nameof(key));

    /// <summary>Drops a key that does not sign; its tokens no longer verify.</summary>
    public void Drop(SigningKey key) => Published = key == Signing
        ? throw new ArgumentException($"Key {key.KeyId} is the signing key; rotate first.", nameof(key))
        : [.. Published.Where(other => other != key)];

    public void Dispose()
    {
        foreach (var key in Published)
        {
            key.Dispose();
        }
    }
}
