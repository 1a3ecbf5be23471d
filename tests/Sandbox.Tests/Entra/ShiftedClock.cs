namespace ClusterTrust.Sandbox.Tests.Entra;

/// <summary>The system's clock, moved ahead as far as a test likes.</summary>
public sealed class ShiftedClock : TimeProvider
{
    public TimeSpan Shift { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
}
