using System.Collections.Immutable;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.CertSync.Serving;
using ClusterTrust.CertSync.Tests.Planning;
using ClusterTrust.Hosting;
using CsCheck;

namespace ClusterTrust.CertSync.Tests.Serving;

public sealed class ServingRulesTests
{
    private static readonly Endpoint Shop = new("shop.example.com", 443);
    private static readonly ServingRules Rules = new(TimeSpan.FromHours(24));

    /// <summary>a until day 80, b since day 60.</summary>
    private static readonly VaultHistory Renewed = History(Version("a", 0, 80), Version("b", 60, 150));

    [Fact]
    public void The_newest_version_is_served() => AssertState(ServingState.Served, Judge(Renewed, Serve("b", 60, 150), day: 61));

    [Theory]
    [InlineData(60.5, ServingState.Propagating)]
    [InlineData(61, ServingState.Propagating)]
    [InlineData(61.01, ServingState.Outdated)]
    public void An_older_version_may_be_served_until_the_propagation_time_is_over(double day, ServingState state)
    {
        var check = Judge(Renewed, Serve("a", 0, 80), day);
        AssertState(state, check);
        Assert.Equal(Day(60), check.Since);
        Assert.Contains("2026-03-02T00:00:00Z", check.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void An_older_version_of_unknown_age_is_outdated()
    {
        var check = Judge(History(Version("a", 0, 80) with { CreatedOn = null }, Version("b", 60, 150)), Serve("a", 0, 80), day: 60.1);
        AssertState(ServingState.Outdated, check);
        Assert.Null(check.Since);
    }

    [Fact]
    public void A_version_that_is_imported_again_is_the_newest_again()
    {
        var rolledBack = History(Version("a", 0, 80), Version("b", 60, 150), Version("a", 61, 80));
        AssertState(ServingState.Served, Judge(rolledBack, Serve("a", 0, 80), day: 62.5));
        var check = Judge(rolledBack, Serve("b", 60, 150), day: 62.5);
        AssertState(ServingState.Outdated, check);
        Assert.Equal(Day(61), check.Since);
    }

    [Theory]
    [InlineData("b", 150.1)]
    [InlineData("a", 80.1)]
    [InlineData("b", 59.9)]
    public void An_expired_or_not_yet_valid_certificate_is_reported_first(string thumbprint, double day)
    {
        var version = Renewed.Versions.First(version => version.Thumbprint == thumbprint);
        AssertState(ServingState.NotValid, Judge(Renewed, new ServedCertificate(thumbprint, version.NotBefore!.Value, version.NotAfter!.Value, false), day));
    }

    [Fact]
    public void A_certificate_that_was_never_in_the_vault_is_another_one()
    {
        var check = Judge(Renewed, Serve("x", 0, 999) with { Subject = "CN=other", Issuer = "CN=ca" }, day: 61);
        AssertState(ServingState.AnotherCertificate, check);
        Assert.Contains("CN=other", check.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_certificate_may_be_the_clusters_if_the_vault_is_behind() =>
        AssertState(ServingState.VaultBehind, Rules.Judge(Shop, Renewed, isSynced: false, Serve("x", 0, 999), Day(61)));

    [Fact]
    public void A_certificate_that_may_be_among_unread_versions_is_not_judged()
    {
        var part = Renewed with { IsComplete = false };
        AssertState(ServingState.Refused, Judge(part, Serve("x", 0, 999), day: 61));
        AssertState(ServingState.Refused, Rules.Judge(Shop, part, isSynced: false, Serve("x", 0, 999), Day(61)));
        AssertState(ServingState.Served, Judge(part, Serve("b", 60, 150), day: 61));
    }

    [Theory]
    [InlineData(true, "", true)]
    [InlineData(false, "", false)]
    [InlineData(false, "leaf", false)]
    [InlineData(false, "leaf,whole", true)]
    [InlineData(false, "leaf,whole,more", true)]
    public void A_chain_must_reach_a_root_or_be_at_least_what_was_imported(bool reachesRoot, string digests, bool isComplete)
    {
        var vault = History(Version("b", 60, 150) with
        {
            Tags = ImmutableDictionary<string, string>.Empty.Add(Ownership.ThumbprintTag, "b").Add(Ownership.ChainTag, "whole"),
        });
        var served = Serve("b", 60, 150) with { ReachesRoot = reachesRoot, ChainDigests = [.. digests.Split(',')] };
        AssertState(isComplete ? ServingState.Served : ServingState.ChainIncomplete, Judge(vault, served, day: 61));
    }

    [Fact]
    public void The_chain_in_copied_tags_does_not_count()
    {
        var vault = History(Version("b", 60, 150) with
        {
            Tags = ImmutableDictionary<string, string>.Empty.Add(Ownership.ThumbprintTag, "a").Add(Ownership.ChainTag, "whole"),
        });
        AssertState(ServingState.ChainIncomplete, Judge(vault, Serve("b", 60, 150) with { ReachesRoot = false, ChainDigests = ["whole"] }, day: 61));
    }

    [Fact]
    public void A_renewal_too_close_to_the_end_is_a_warning()
    {
        Assert.Empty(Judge(Renewed, Serve("b", 60, 150), day: 61).Warnings);
        var late = History(Version("a", 0, 80), Version("b", 79.5, 150));
        Assert.Contains("another 12 hours", Assert.Single(Judge(late, Serve("b", 79.5, 150), day: 100).Warnings), StringComparison.Ordinal);
        Assert.Contains("renew it now", Assert.Single(Judge(Renewed, Serve("b", 60, 150), day: 149.5).Warnings), StringComparison.Ordinal);
    }

    /// <summary>Any history, told by a walk through time in the test's own way.</summary>
    [Fact]
    public void Whatever_the_history_an_older_version_counts_from_the_import_that_replaced_it()
    {
        var imports = Gen.Select(Gen.Int[0, 4], Gen.Int[1, 30]).Array[1, 12];
        Gen.Select(imports, Gen.Int[0, 5], Gen.Double[0, 40], Gen.Double[0, 40], Gen.Int[0, 1000]).Sample((steps, served, after, propagation, seed) =>
        {
            var (day, versions) = (0d, new List<VaultCertificate>());
            DateTimeOffset? replaced = null;
            var isServed = false;
            foreach (var (thumbprint, pause) in steps)
            {
                day += pause;
                versions.Add(Version($"{thumbprint}", day, 10_000));
                replaced = thumbprint == served ? null : isServed ? replaced ?? Day(day) : null;
                isServed |= thumbprint == served;
            }

            var shuffled = versions.OrderBy(version => HashCode.Combine(seed, version.CreatedOn)).ToImmutableArray();
            var history = new VaultHistory(versions[^1], shuffled, [], true);
            var now = Day(day + after);
            var check = new ServingRules(TimeSpan.FromDays(propagation)).Judge(Shop, history, true, Serve($"{served}", 0, 10_000), now);

            Assert.Equal(replaced, check.Since);
            Assert.Equal(
                !isServed ? ServingState.AnotherCertificate
                : replaced is null ? ServingState.Served
                : now - replaced <= TimeSpan.FromDays(propagation) ? ServingState.Propagating : ServingState.Outdated,
                check.State);
        });
    }

    [Fact]
    public void A_longer_propagation_time_never_turns_a_good_state_into_a_bad_one() =>
        Gen.Select(Gen.Double[60, 79], Gen.Double[0, 30], Gen.Double[0, 30]).Sample((day, one, other) =>
        {
            var (shorter, longer) = (Math.Min(one, other), Math.Max(one, other));
            var before = new ServingRules(TimeSpan.FromDays(shorter)).Judge(Shop, Renewed, true, Serve("a", 0, 80), Day(day));
            var after = new ServingRules(TimeSpan.FromDays(longer)).Judge(Shop, Renewed, true, Serve("a", 0, 80), Day(day));
            return before.ExitCode != ExitCode.Done || after.ExitCode == ExitCode.Done;
        });

    [Theory]
    [InlineData(ServingState.Served, 0, true)]
    [InlineData(ServingState.Propagating, 0, true)]
    [InlineData(ServingState.Outdated, 3, false)]
    [InlineData(ServingState.AnotherCertificate, 3, false)]
    [InlineData(ServingState.NotValid, 3, false)]
    [InlineData(ServingState.ChainIncomplete, 3, false)]
    [InlineData(ServingState.Unreachable, 1, null)]
    [InlineData(ServingState.VaultBehind, 1, null)]
    [InlineData(ServingState.Refused, 3, null)]
    [InlineData(ServingState.Failed, 1, null)]
    public void Every_state_has_its_exit_code(ServingState state, int exitCode, bool? isUpToDate)
    {
        var check = new EndpointCheck(state, "");
        Assert.Equal((exitCode, isUpToDate), ((int)check.ExitCode, check.IsUpToDate));
    }

    private static EndpointCheck Judge(VaultHistory vault, ServedCertificate served, double day) => Rules.Judge(Shop, vault, isSynced: true, served, Day(day));

    private static void AssertState(ServingState state, EndpointCheck check)
    {
        Assert.Equal(state, check.State);
        Assert.EndsWith(".", check.Sentence, StringComparison.Ordinal);
        Assert.Equal(("shop.example.com", "main", "web"), (check.Endpoint, check.Vault, check.Name));
    }

    private static DateTimeOffset Day(double day) => Make.Day0.AddDays(day);

    private static ServedCertificate Serve(string thumbprint, double from, double until) => new(thumbprint, Day(from), Day(until), ReachesRoot: true);

    private static VaultCertificate Version(string thumbprint, double from, double until) =>
        new("main", "web", thumbprint) { CreatedOn = Day(from), NotBefore = Day(from), NotAfter = Day(until) };

    private static VaultHistory History(params VaultCertificate[] versions) => new(versions[^1], [.. versions], ["DNS:shop.example.com"], true);
}
