namespace ClusterTrust.EndToEnd.Tests.Faults;

/// <summary>How much is tried: a fair sample always, everything with <c>SOAK=1</c> (<c>make soak</c>).</summary>
internal static class Soak
{
    public static bool IsOn { get; } = Environment.GetEnvironmentVariable("SOAK") == "1";

    /// <summary>A sample, or more when soaking.</summary>
    public static int Times(int usually, int soaking) => IsOn ? soaking : usually;
}
