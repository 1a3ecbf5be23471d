namespace ClusterTrust.CertSync.Tests.Leases;

public sealed class LeaseAcquisitionTests : LeaseTest
{
    [Fact]
    public async Task A_free_lease_is_created_and_released()
    {
        var attempt = await AcquireAsync("pod-b");
        Assert.Equal(("pod-b", null), (Holder, attempt.Held!.Loss));
        Assert.Equal("2026-11-24T14:00:00.000000Z", (string?)Stored!["spec"]!["renewTime"]);
        await attempt.Held.DisposeAsync();
        Assert.Equal("", Holder);
        await using var next = (await AcquireAsync("pod-c")).Held;
        Assert.NotNull(next);
        Assert.Equal(1, (int)Stored!["spec"]!["leaseTransitions"]!);
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public async Task A_lease_is_acquired_although_the_answer_to_its_creation_is_lost_or_a_transient_fault(bool acted)
    {
        var patient = Connect(attempts: 3);
        Server.Faults.Next(acted ? new Fault.Truncate() : new Fault.Status(500), when: static request => request.Method == "POST");
        await using var held = (await AcquireAsync(Lease("pod-b", patient))).Held;
        Assert.NotNull(held);
        Assert.Equal("pod-b", Holder);
    }

    /// <summary>The API server accepts no negative number of transitions: one more than the largest would block every run.</summary>
    [Theory]
    [InlineData("pod-a", -16, 7, 8)]
    [InlineData("pod-a", -16, int.MaxValue, int.MaxValue)]
    [InlineData("pod-b", 0, 7, 7)]
    public async Task A_lease_that_has_expired_or_is_the_holders_own_is_taken_and_keeps_its_labels(string holder, int renewed, int transitions, int expected)
    {
        Store(Clock.GetUtcNow().AddMinutes(renewed), holder, transitions: transitions);
        await using var held = (await AcquireAsync("pod-b")).Held;
        Assert.NotNull(held);
        Assert.Equal(("pod-b", "certsync"), (Holder, (string?)Stored!["metadata"]!["labels"]!["app"]));
        Assert.Equal(expected, (int)Stored!["spec"]!["leaseTransitions"]!);
    }

    [Theory]
    [InlineData(-10), InlineData(0), InlineData(10)]
    public async Task A_holder_keeps_the_lease_while_it_renews_and_loses_it_after_the_whole_duration_whatever_its_clock(int minutes)
    {
        var waiting = Lease("pod-b");
        for (var i = 0; i < 6; i++)
        {
            Store(Clock.GetUtcNow().AddMinutes(minutes));
            Assert.Null((await AcquireAsync(waiting)).Held);
            Clock.Advance(Duration / 3);
        }

        Clock.Advance((Duration * 2 / 3) - TimeSpan.FromSeconds(1));
        Assert.Null((await AcquireAsync(waiting)).Held);
        Assert.Equal("pod-a", Holder);
        Clock.Advance(TimeSpan.FromSeconds(1));
        await using var held = (await AcquireAsync(waiting)).Held;
        Assert.NotNull(held);
    }

    [Theory]
    [InlineData("[]", "is not the JSON of a Kubernetes API server")]
    [InlineData("{}", "is not the Lease demo/certsync")]
    [InlineData("""{"metadata":null,"spec":null}""", "is not the Lease demo/certsync")]
    [InlineData("""{"metadata":{"name":"certsync"},"spec":null}""", "is not the Lease demo/certsync")]
    public async Task An_answer_that_is_not_a_Lease_is_a_fault(string answer, string expected)
    {
        Answer(() => Pki.Bytes(answer));
        await Assert.FaultAsync(ExitCode.Failed, expected, () => AcquireAsync("pod-b"));
    }

    [Theory]
    [InlineData("9999-12-31T23:59:59.999999Z", 15)]
    [InlineData("9999-12-31T23:59:59.999999Z", int.MaxValue)]
    [InlineData("2026-11-24T14:00:00.000000Z", int.MaxValue)]
    [InlineData("2026-11-24T14:00:00.000000Z", 15)]
    public async Task A_lease_that_another_client_holds_is_respected_even_with_impossible_times(string renewed, int seconds)
    {
        var time = DateTimeOffset.Parse(renewed, CultureInfo.InvariantCulture);
        Store(time, seconds: seconds);
        var (held, other) = await AcquireAsync("pod-b");
        Assert.Equal((null, "pod-a", time.UtcDateTime), (held, other!.HolderIdentity, other.RenewTime));
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public async Task Of_two_concurrent_writers_the_slower_gets_the_holder(bool exists)
    {
        if (exists)
        {
            Store(Clock.GetUtcNow().AddDays(-1));
        }

        BeforeWrite(() => Store(Clock.GetUtcNow(), "pod-faster"));
        var attempt = await AcquireAsync("pod-b");
        Assert.Null(attempt.Held);
        Assert.Equal("pod-faster", attempt.Other!.HolderIdentity);
    }

    [Fact]
    public async Task Hostile_Leases_are_refused_or_read()
    {
        Store(Clock.GetUtcNow());
        var stored = Stored!.ToJsonString();
        foreach (var seed in Soak.Inputs(100))
        {
            Answer(() => new HostileJson(seed).Damage(stored));
            await Assert.AtMostFaultAsync<JobException>(async () =>
            {
                await using var held = (await AcquireAsync("pod-b")).Held;
            });
        }
    }
}
