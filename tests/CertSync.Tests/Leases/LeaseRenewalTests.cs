namespace ClusterTrust.CertSync.Tests.Leases;

public sealed class LeaseRenewalTests : LeaseTest
{
    [Fact]
    public async Task A_lease_is_acquired_renewed_and_released_without_writing_the_managed_fields_that_were_read()
    {
        var held = (await AcquireAsync("pod-b")).Held!;
        for (var i = 0; i < 6; i++)
        {
            await RenewalAsync();
        }

        Assert.False(held.Lost.IsCancellationRequested);
        Assert.Null((await AcquireAsync("pod-c")).Held);
        await held.DisposeAsync();
        await using var next = (await AcquireAsync("pod-c")).Held;

        Assert.NotNull(next);
        Assert.Equal("pod-c", Holder);
        Assert.InRange(Written.Count, 9, 14);
        Assert.All(Written, static write => Assert.DoesNotContain("managedFields", write, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_lease_is_kept_and_released_although_the_answer_to_its_renewal_was_lost()
    {
        var held = (await AcquireAsync("pod-b")).Held!;
        Store(Stored!);
        await RenewalAsync(requests: 3);
        Assert.False(held.Lost.IsCancellationRequested);
        Store(Stored!);
        await held.DisposeAsync();
        Assert.Equal("", Holder);
    }

    [Fact]
    public async Task A_lease_that_another_client_took_is_lost_and_not_written()
    {
        var held = (await AcquireAsync("pod-b")).Held!;
        Store(Clock.GetUtcNow(), "pod-thief");
        await Clock.AdvanceAsync(Duration / 5);
        await AssertLostAsync(held, "another client holds it)", after: Duration / 5);
        Assert.Equal(
            ("The run was stopped because it lost the lease demo/certsync (another client holds it): run again, and check the API server's health if it happens often.", ExitCode.Failed),
            (held.Loss!.Message, held.Loss.ExitCode));
        Assert.Equal("pod-thief", Holder);
    }

    [Fact]
    public async Task A_lease_that_was_deleted_is_lost_and_not_created_again()
    {
        var held = (await AcquireAsync("pod-b")).Held!;
        Server.State.Delete(ResourceType.Leases, "demo", "certsync");
        await Clock.AdvanceAsync(Duration / 5);
        await AssertLostAsync(held, "it was deleted)", after: Duration / 5);
        Assert.Null(Stored);
    }

    [Fact]
    public async Task A_lease_that_cannot_be_renewed_is_lost_a_third_of_its_duration_before_another_may_take_it()
    {
        var held = (await AcquireAsync("pod-b")).Held!;
        Server.Faults.Next(Fault.Unavailable(), 99);
        await RenewalAsync();
        await RenewalAsync();
        Clock.Advance(Duration / 5);
        Assert.False(held.Lost.IsCancellationRequested);
        await Clock.AdvanceAsync((Duration * 2 / 3) - (Duration * 3 / 5));
        Assert.Equal(Duration / 3, held.AfterLoss);
        await AssertLostAsync(held, "it could not be renewed in time)", after: Duration * 2 / 3);
    }

    [Theory]
    [InlineData("forbids it", "it could not be renewed in time: PUT ", " is forbidden (403)")]
    [InlineData("hangs", "it could not be renewed in time)")]
    [InlineData("cannot be reached", "it could not be renewed in time)")]
    public async Task A_lease_is_lost_at_the_same_deadline_whatever_the_server_does(string server, string reason, string cause = "")
    {
        var held = (await AcquireAsync("pod-b")).Held!;
        if (server == "cannot be reached")
        {
            Connection.Dispose();
        }

        Server.Faults.Next(server == "hangs" ? new Fault.Latency(TimeSpan.FromMinutes(10)) : new Fault.Status(403), 99);
        await (server == "hangs" ? Clock.AdvanceAsync(Duration / 5) : RenewalAsync(requests: server == "forbids it" ? 1 : 0));
        await Clock.AdvanceAsync((Duration * 2 / 3) - (Duration / 5));
        await AssertLostAsync(held, reason, after: Duration * 2 / 3);
        Assert.Contains(cause, held.Loss!.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, held.Loss.ExitCode);
    }

    [Fact]
    public async Task A_release_that_fails_in_an_unexpected_way_does_not_fail_the_run()
    {
        var held = (await AcquireAsync("pod-b")).Held!;
        Connection.Dispose();
        await held.DisposeAsync();
        Assert.Equal("pod-b", Holder);
    }

    [Fact]
    public async Task The_deadline_counts_from_before_the_request_that_acquired_the_lease()
    {
        var slow = Duration / 2;
        BeforeWrite(() => Clock.Advance(slow));
        var held = (await AcquireAsync("pod-b")).Held!;
        Server.Faults.Next(Fault.Unavailable(), 99);
        await Clock.AdvanceAsync((Duration * 2 / 3) - slow);
        await AssertLostAsync(held, "it could not be renewed in time)", after: Duration * 2 / 3);
    }

    [Fact]
    public async Task A_release_that_hangs_ends_after_its_part_of_the_grace_period()
    {
        var held = (await AcquireAsync("pod-b")).Held!;
        Server.Faults.Next(new Fault.Latency(TimeSpan.FromMinutes(10)), 99);
        var released = held.DisposeAsync().AsTask();
        await Clock.AdvanceAsync(StopTimes.Lease);
        await released.WaitAsync(TimeSpan.FromMinutes(2));
    }

    /// <summary>Advances the clock by a fifth of the duration, and waits until the holder has tried to renew and waits again.</summary>
    private async Task RenewalAsync(int requests = 1)
    {
        var (expected, waits) = (Server.Requests.Count + requests, Clock.Started(Duration / 5));
        Clock.Advance(Duration / 5);
        await TimerClock.UntilAsync(() => Clock.Started(Duration / 5) > waits);
        Assert.Equal(expected, Server.Requests.Count);
    }

    private async Task AssertLostAsync(RunLease held, string reason, TimeSpan after)
    {
        await TimerClock.UntilAsync(() => held.Lost.IsCancellationRequested);
        Assert.Contains($"({reason}", held.Loss!.Message, StringComparison.Ordinal);
        Assert.Equal(after, Clock.GetUtcNow() - Start);
        await held.DisposeAsync();
    }
}
