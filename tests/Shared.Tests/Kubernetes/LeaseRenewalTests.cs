using ClusterTrust.Hosting;
using ClusterTrust.Kubernetes.Leases;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.Shared.Tests.Kubernetes;

/// <summary>A Lease while it is held: renewed, released, or lost.</summary>
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
    public async Task A_lease_is_acquired_renewed_and_released_without_writing_the_managed_fields_that_were_read()
    {
        var held = (await AcquireAsync("pod-b")).Held!;
        await RenewalAsync();
        await RenewalAsync();
        Assert.False(held.Lost.IsCancellationRequested);
        await held.DisposeAsync();
        await using var next = (await AcquireAsync("pod-c")).Held;

        Assert.NotNull(next);
        Assert.Equal("pod-c", Leases.Holder);
        Assert.NotNull(Leases.Lease!["metadata"]!["managedFields"]);
        var writes = Cluster.Server.Bodies.Where(static body => body.Length > 0).ToArray();
        Assert.InRange(writes.Length, 5, 10);
        Assert.All(writes, static write => Assert.DoesNotContain("managedFields", write, StringComparison.Ordinal));
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

        Clock.Advance(Duration / 5);
        await LostAsync(held);
        Assert.Equal("another client holds it", held.LossReason);
        await held.DisposeAsync();

        Assert.Equal("pod-thief", Leases.Holder);
    }

    [Fact]
    public async Task A_lease_that_cannot_be_renewed_is_lost_a_third_of_its_time_before_another_may_take_it()
    {
        var held = (await AcquireAsync("pod-b")).Held!;
        var start = Clock.GetUtcNow();
        Cluster.Server.Faults.Next(Fault.Unavailable(), 99);

        for (var i = 0; i < 3; i++)
        {
            await RenewalAsync();
            Assert.False(held.Lost.IsCancellationRequested);
        }

        while (!held.Lost.IsCancellationRequested)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(20);
        }

        Assert.InRange(Clock.GetUtcNow() - start, Duration * 0.6, Duration * 0.9);
        Assert.Equal(Duration / 3, held.AfterLoss);
        Assert.Equal("it could not be renewed in time", held.LossReason);
        await held.DisposeAsync();
    }

    [Fact]
    public async Task A_renewal_that_hangs_loses_the_lease_at_the_same_deadline()
    {
        var held = (await AcquireAsync("pod-b")).Held!;
        var start = Clock.GetUtcNow();
        Cluster.Server.Faults.Next(new Fault.Latency(TimeSpan.FromMinutes(10)), 99);

        for (; !held.Lost.IsCancellationRequested; await Task.Delay(20))
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(Clock.GetUtcNow() - start, Duration * 0.6, Duration * 0.9);
        await held.DisposeAsync();
    }

    [Fact]
    public async Task A_release_that_hangs_is_given_up_in_its_share_of_the_grace_period()
    {
        var held = (await AcquireAsync("pod-b")).Held!;
        var start = Clock.GetUtcNow();
        Cluster.Server.Faults.Next(new Fault.Latency(TimeSpan.FromMinutes(10)), 99);

        var released = held.DisposeAsync().AsTask();
        for (; !released.IsCompleted; await Task.Delay(20))
        {
            Clock.Advance(TimeSpan.FromMilliseconds(500));
        }

        await released;
        Assert.InRange(Clock.GetUtcNow() - start, StopTimes.Lease, 2 * StopTimes.Lease);
    }

    // Lets a fifth of the duration pass, and waits until the holder has renewed and waits for the next fifth.
    private async Task RenewalAsync(int requests = 1)
    {
        var (seen, waits) = (Cluster.Server.Requests.Count, Clock.Waits);
        Clock.Advance(Duration / 5);
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
