namespace ClusterTrust.Sandbox;

/// <summary>RSA-2048 keys of this process, used again and again: making one takes a tenth of a second of a processor.</summary>
internal static class RsaKeys
{
    private const int Kept = 8;

    private static readonly Lazy<RSAParameters>[] Ring = [.. Enumerable.Range(0, Kept).Select(static _ => new Lazy<RSAParameters>(Make))];
    private static readonly ConcurrentQueue<RSAParameters> Returned = new();
    private static int _next;

    /// <summary>A key that several certificates may share, if none is identified by its key.</summary>
    public static RSA Shared() => RSA.Create(Ring[(uint)Interlocked.Increment(ref _next) % Kept].Value);

    /// <summary>A key that nobody else holds until it is given back by <see cref="Return"/>.</summary>
    public static RSA Take() => RSA.Create(Returned.TryDequeue(out var key) ? key : Make());

    /// <summary>Gives back a key of <see cref="Take"/>.</summary>
    public static void Return(RSA key) => Returned.Enqueue(key.ExportParameters(includePrivateParameters: true));

    private static RSAParameters Make()
    {
        using var key = RSA.Create(2048);
        return key.ExportParameters(includePrivateParameters: true);
    }
}
