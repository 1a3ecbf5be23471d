namespace ClusterTrust.Sandbox.Servers;

/// <summary>The system's clock, set wrong: the time of a machine whose clock nobody looks after.</summary>
/// <param name="offset">How far it is ahead; negative when it is behind.</param>
public sealed class ShiftedClock(TimeSpan offset = default) : TimeProvider
{
    public TimeSpan Offset { get; set; } = offset;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;
}
