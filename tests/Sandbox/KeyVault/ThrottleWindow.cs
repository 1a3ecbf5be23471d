namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>Counts the requests accepted in the last ten seconds. Refused ones do not count.</summary>
internal sealed class ThrottleWindow
{
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(10);
    private readonly Queue<DateTimeOffset> accepted = new();
    private readonly Lock gate = new();

    public bool Accepts(int? limit, DateTimeOffset now)
    {
        if (limit is not { } most)
        {
            return true;
        }

        lock (gate)
        {
            while (accepted.TryPeek(out var oldest) && oldest + Length <= now)
            {
                accepted.Dequeue();
            }

            if (accepted.Count >= most)
            {
                return false;
            }

            accepted.Enqueue(now);
            return true;
        }
    }
}

/// <summary>How many requests a vault takes in any ten seconds before it answers 429; null means no limit.</summary>
/// <param name="Imports">Imports.</param>
/// <param name="Others">All other requests.</param>
public sealed record ThrottleLimits(int? Imports = null, int? Others = null)
{
    public static ThrottleLimits None { get; } = new();

    /// <summary>The documented limits of the real service per vault and ten seconds.</summary>
    public static ThrottleLimits Documented { get; } = new(300, 4000);
}
