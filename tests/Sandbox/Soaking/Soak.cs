namespace ClusterTrust.Sandbox.Soaking;

/// <summary>How much is tried: a fair sample always, everything with <c>SOAK=1</c> (<c>make soak</c>).</summary>
public static class Soak
{
    /// <summary>Whether <c>SOAK=1</c>.</summary>
    public static bool IsOn { get; } = Environment.GetEnvironmentVariable("SOAK") == "1";

    /// <summary>A sample, or more when soaking.</summary>
    public static int Times(int usually, int soaking) => IsOn ? soaking : usually;

    /// <summary>The seeds of the hostile inputs that a test tries, from 0: the usual number, or twenty times as many when soaking. Each is counted.</summary>
    public static IEnumerable<int> Inputs(int usually)
    {
        for (var seed = 0; seed < Times(usually, 20 * usually); seed++)
        {
            yield return seed;
            Tally.Add("hostile inputs");
        }
    }
}
