using System.Text.RegularExpressions;
using ClusterTrust.Kubernetes;
using ClusterTrust.Kubernetes.Leases;
using ClusterTrust.Sandbox.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterTrust.Shared.Tests.Kubernetes;

public sealed class LeaseLockTests : IAsyncLifetime
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(60);

    private readonly LeaseClock clock = new(new DateTimeOffset(2026, 11, 24, 14, 0, 0, TimeSpan.Zero), Duration / 3);
    private TestCluster cluster = null!;
    private LeaseServer leases = null!;
    private KubernetesConnection connection = null!;

    public async Task InitializeAsync()
    {
        cluster = await TestCluster.StartAsync();
        leases = new LeaseServer(cluster.Server);
        connection = KubernetesConnection.Open(new KubernetesOptions { Attempts = 1 }, clock, null, cluster.InPod().Environment);
    }

    public async Task DisposeAsync()
    {
        connection.Dispose();
        await cluster.DisposeAsync();
    }

    [Fact]
    public async Task A_free_lease_is_created_and_given_back()
    {
        var attempt = await AcquireAsync("pod-b");

        Assert.Equal("pod-b", leases.Holder);
        Assert.Equal(clock.GetUtcNow(), attempt.Since);
        Assert.Matches(new Regex("\"renewTime\":\"2026-11-24T14:00:00.000000Z\""), cluster.Server.Bodies.Last());

        await attempt.Held!.ReleaseAsync(CancellationToken.None);
        Assert.Equal("", leases.Holder);
        await using var next = (await AcquireAsync("pod-c")).Held;
        Assert.NotNull(next);
        Assert.Equal(1, (int)leases.Lease!["spec"]!["leaseTransitions"]!);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_lease_is_asked_for_again_when_the_answer_to_its_making_is_lost_or_a_passing_fault(bool acted)
    {
        using var patient = KubernetesConnection.Open(new KubernetesOptions { Attempts = 3 }, cluster.Clock, null, cluster.InPod().Environment);
        cluster.Server.Faults.Next(acted ? new Fault.Truncate() : new Fault.Status(500), when: static request => request.Method == "POST");

        var attempt = await new LeaseLock(patient, NullLogger<LeaseLock>.Instance).TryAcquireAsync("demo", "certsync", "pod-b", Duration, CancellationToken.None);

        await using var held = attempt.Held;
        Assert.NotNull(held);
        Assert.Equal("pod-b", leases.Holder);
    }

    [Fact]
    public async Task A_lease_that_is_held_says_by_whom_since_when_and_until_when()
    {
        var renewed = clock.GetUtcNow().AddSeconds(-10);
        leases.Store(LeaseServer.Recorded(renewed));

        var attempt = await AcquireAsync("pod-b");

        Assert.Null(attempt.Held);
        Assert.Equal(("pod-a", renewed + Duration), (attempt.Holder, attempt.Until));
        Assert.Equal(new DateTimeOffset(2026, 11, 24, 13, 50, 31, TimeSpan.Zero), attempt.Since!.Value.AddTicks(-attempt.Since.Value.Ticks % TimeSpan.TicksPerSecond));
    }

    [Fact]
    public async Task The_lease_of_a_holder_whose_time_is_over_is_taken_and_its_labels_stay()
    {
        leases.Store(LeaseServer.Recorded(clock.GetUtcNow().AddMinutes(-16)));

        await using var held = (await AcquireAsync("pod-b")).Held;

        Assert.NotNull(held);
        Assert.Equal("pod-b", leases.Holder);
        Assert.Equal("certsync", (string?)leases.Lease!["metadata"]!["labels"]!["app"]);
    }

    [Theory]
    [InlineData(-10)]
    [InlineData(0)]
    [InlineData(10)]
    public async Task A_holder_that_renews_keeps_its_lease_whatever_its_clock_says(int minutes)
    {
        var lockOfAnother = Lock();
        for (var i = 0; i < 6; i++)
        {
            leases.Store(LeaseServer.Recorded(clock.GetUtcNow().AddMinutes(minutes)));
            Assert.Null((await AcquireAsync("pod-b", lockOfAnother)).Held);
            clock.Advance(Duration / 3);
        }

        Assert.Equal("pod-a", leases.Holder);
    }

    [Theory]
    [InlineData(-10)]
    [InlineData(0)]
    [InlineData(10)]
    public async Task A_holder_that_does_not_renew_for_its_whole_time_loses_its_lease_whatever_its_clock_says(int minutes)
    {
        leases.Store(LeaseServer.Recorded(clock.GetUtcNow().AddMinutes(minutes)));
        var lockOfAnother = Lock();

        Assert.Null((await AcquireAsync("pod-b", lockOfAnother)).Held);
        clock.Advance(Duration - TimeSpan.FromSeconds(1));
        Assert.Null((await AcquireAsync("pod-b", lockOfAnother)).Held);
        clock.Advance(TimeSpan.FromSeconds(1));
        await using var held = (await AcquireAsync("pod-b", lockOfAnother)).Held;

        Assert.NotNull(held);
    }

    [Theory]
    [InlineData("{}", "is not the JSON of a Kubernetes API server")]
    [InlineData("""{"metadata":null,"spec":null}""", "is not the Lease demo/certsync")]
    [InlineData("""{"metadata":{"name":"certsync"},"spec":null}""", "is not the Lease demo/certsync")]
    public async Task Something_that_is_no_lease_is_told(string answer, string told)
    {
        cluster.Server.First = async (context, _) =>
        {
            await RecordedApiServer.AnswerAsync(context, 200, answer);
            return true;
        };

        var fault = await Assert.ThrowsAsync<KubernetesException>(() => AcquireAsync("pod-b"));

        Assert.Contains(told, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("9999-12-31T23:59:59.999999Z", 60)]
    [InlineData("9999-12-31T23:59:59.999999Z", int.MaxValue)]
    [InlineData("2026-11-24T14:00:00.000000Z", int.MaxValue)]
    [InlineData("2026-11-24T14:00:00.000000Z", 60)]
    public async Task A_lease_with_impossible_times_is_held_all_the_same(string renewed, int seconds)
    {
        var lease = LeaseServer.Recorded(clock.GetUtcNow());
        (lease["spec"]!["renewTime"], lease["spec"]!["leaseDurationSeconds"]) = (renewed, seconds);
        leases.Store(lease);

        Assert.Equal("pod-a", (await AcquireAsync("pod-b")).Holder);
    }

    [Fact]
    public async Task Who_holds_it_already_gets_it_again()
    {
        leases.Store(LeaseServer.Recorded(clock.GetUtcNow(), "pod-b"));

        await using var held = (await AcquireAsync("pod-b")).Held;

        Assert.NotNull(held);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_two_that_write_at_once_the_slower_sees_the_faster(bool exists)
    {
        if (exists)
        {
            leases.Store(LeaseServer.Recorded(clock.GetUtcNow().AddDays(-1)));
        }

        leases.BeforeWrite = () =>
        {
            leases.BeforeWrite = null;
            leases.Store(LeaseServer.Recorded(clock.GetUtcNow(), "pod-faster"));
        };

        var attempt = await AcquireAsync("pod-b");

        Assert.Null(attempt.Held);
        Assert.Equal("pod-faster", attempt.Holder);
    }

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
        leases.Store(leases.Lease!);

        await RenewalAsync(requests: 3);

        Assert.False(held.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task A_lease_is_given_back_even_when_the_last_renewals_answer_was_lost()
    {
        var held = (await AcquireAsync("pod-b")).Held!;
        leases.Store(leases.Lease!);

        await held.DisposeAsync();

        Assert.Equal("", leases.Holder);
    }

    [Fact]
    public async Task A_lease_that_someone_else_took_is_lost_and_left_alone()
    {
        var held = (await AcquireAsync("pod-b")).Held!;
        leases.Store(LeaseServer.Recorded(clock.GetUtcNow(), "pod-thief"));

        clock.Advance(Duration / 3);
        await LostAsync(held);
        await held.DisposeAsync();

        Assert.Equal("pod-thief", leases.Holder);
    }

    [Fact]
    public async Task A_lease_that_cannot_be_renewed_for_its_whole_time_is_lost()
    {
        var held = (await AcquireAsync("pod-b")).Held!;
        cluster.Server.Faults.Next(Fault.Unavailable(), 99);

        await RenewalAsync();
        Assert.False(held.Lost.IsCancellationRequested);
        while (!held.Lost.IsCancellationRequested)
        {
            clock.Advance(TimeSpan.FromSeconds(5));
            await Task.Delay(5);
        }

        await held.DisposeAsync();
    }

    private LeaseLock Lock() => new(connection, NullLogger<LeaseLock>.Instance);

    private Task<LeaseAttempt> AcquireAsync(string holder, LeaseLock? leaseLock = null) =>
        (leaseLock ?? Lock()).TryAcquireAsync("demo", "certsync", holder, Duration, CancellationToken.None);

    // Lets a third of the duration pass, and waits until the holder has done what it does then and waits for the next third.
    private async Task RenewalAsync(int requests = 1)
    {
        var (seen, waits) = (cluster.Server.Requests.Count, clock.Waits);
        clock.Advance(Duration / 3);
        for (var i = 0; i < 2000 && clock.Waits == waits; i++)
        {
            await Task.Delay(5);
        }

        Assert.Equal(seen + requests, cluster.Server.Requests.Count);
    }

    private static async Task LostAsync(HeldLease held)
    {
        var lost = new TaskCompletionSource();
        await using var registration = held.Lost.Register(lost.SetResult);
        await lost.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }
}
