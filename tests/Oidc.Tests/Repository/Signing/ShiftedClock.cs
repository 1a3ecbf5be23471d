namespace ClusterTrust.Oidc.Tests.Repository.Signing;

/// <summary>A clock that runs ahead of, or behind, the true one.</summary>
internal sealed class ShiftedClock(TimeSpan shift) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UtcNow + shift;
}
