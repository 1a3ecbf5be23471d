using ClusterTrust.Kubernetes.Leases;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.Shared.Tests.Kubernetes;

/// <summary>What becomes of a Lease while it is held.</summary>
public sealed class LeaseRenewalTests : LeaseTest
{
    [Fact]
    public async Task A_held_lease_is_renewed_in_the_background()
    {
        await using var held = (await AcquireAsync("pod-b")).Held!;

        for (var i = 0; i < 6; i++)
        {
            await RenewalAsync();
        }

        Assert.False(held.Lost.IsCancellationRequested);
        Assert.Null((await AcquireAsync("pod-c")).Held);
    }

    [Fact]
    public async Task A_renewal_whose_answer_was_lost_does_not_lose_the_lease()
    {
        await using var held = (await AcquireAsync("pod-b")).Held!;
        Leases.Store(Leases.Lease!);

        await RenewalAsync(requests: 3);

        Assert.False(held.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task A_lease_is_given_back_even_when_the_last_renewals_answer_was_lost()
    {
        var held = (await AcquireAsync("pod-b")).Held!;
        Leases.Store(Leases.Lease!);

        await held.DisposeAsync();

        Assert.Equal("", Leases.Holder);
    }

    [Fact]
    public async Task A_lease_that_someone_else_took_is_lost_and_left_alone()
    {
        var held = (await AcquireAsync("pod-b")).Held!;
        Leases.Store(LeaseServer.Recorded(Clock.GetUtcNow(), "pod-thief"));

        Clock.Advance(Duration / 3);
        await LostAsync(held);
        await held.DisposeAsync();

        Assert.Equal("pod-thief", Leases.Holder);
    }

    [Fact]
    public async Task A_lease_that_cannot_be_renewed_for_its_whole_time_is_lost()
    {
        var held = (await AcquireAsync("pod-b")).Held!;
        Cluster.Server.Faults.Next(Fault.Unavailable(), 99);

        await RenewalAsync();
        Assert.False(held.Lost.IsCancellationRequested);
        while (!held.Lost.IsCancellationRequested)
        {
            Clock.Advance(TimeSpan.FromSeconds(5));
            await Task.Delay(5);
        }

        await held.DisposeAsync();
    }

    // Lets a third of the duration pass, and waits until the holder has done what it does then and waits for the next third.
    private async Task RenewalAsync(int requests = 1)
    {
        var (seen, waits) = (Cluster.Server.Requests.Count, Clock.Waits);
        Clock.Advance(Duration / 3);
        for (var i = 0; i < 2000 && Clock.Waits == waits; i++)
        {
            await Task.Delay(5);
        }

        Assert.Equal(seen + requests, Cluster.Server.Requests.Count);
    }

    private static async Task LostAsync(HeldLease held)
    {
        var lost = new TaskCompletionSource();
        await using var registration = held.Lost.Register(lost.SetResult);
        await lost.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }
}
