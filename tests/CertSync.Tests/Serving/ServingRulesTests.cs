namespace ClusterTrust.CertSync.Tests.Serving;

public sealed class ServingRulesTests
{
    private static readonly Endpoint Shop = new("shop.example.com", 443);
    private static readonly ServingRules Rules = new(TimeSpan.FromHours(24));

    /// <summary>a until day 80, b since day 60.</summary>
    private static readonly VaultHistory Renewed = History(Version("a"), Version("b"));

    [Theory]
    [InlineData("b", 61, ServingState.Served)]
    [InlineData("a", 60.5, ServingState.Propagating, "2026-03-02T00:00:00Z")]
    [InlineData("a", 61.01, ServingState.Outdated, "2026-03-02T00:00:00Z")]
    [InlineData("b", 150.1, ServingState.NotValid)]
    [InlineData("a", 80.1, ServingState.NotValid)]
    [InlineData("b", 59.9, ServingState.NotValid)]
    [InlineData("x", 61, ServingState.AnotherCertificate, "CN=other")]
    public void What_is_served_is_compared_with_the_versions_in_the_vault(string thumbprint, double day, ServingState state, string sentence = "")
    {
        var check = Compare(Renewed, Serve(thumbprint), day);
        AssertState(state, check);
        Assert.Contains(sentence, check.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_vault_does_not_tell_is_not_held_against_an_endpoint()
    {
        var ofUnknownAge = Compare(History(Version("a") with { CreatedOn = null }, Version("b")), Serve("a"), day: 60.1);
        AssertState(ServingState.Outdated, ofUnknownAge);
        Assert.Null(ofUnknownAge.Since);

        // An unknown certificate may be the cluster's if the vault is behind, or among versions that were not read.
        AssertState(ServingState.VaultBehind, Compare(Renewed, Serve("x"), day: 61, isSynced: false));
        var part = Renewed with { IsComplete = false };
        AssertState(ServingState.Refused, Compare(part, Serve("x"), day: 61));
        AssertState(ServingState.Refused, Compare(part, Serve("x"), day: 61, isSynced: false));
        AssertState(ServingState.Served, Compare(part, Serve("b"), day: 61));
    }

    [Theory]
    [InlineData(true, "", "b", true)]
    [InlineData(false, "", "b", false)]
    [InlineData(false, "leaf", "b", false)]
    [InlineData(false, "leaf,whole", "b", true)]
    [InlineData(false, "leaf,whole", "a", false)]
    public void A_chain_must_reach_a_root_or_be_at_least_what_was_imported_by_tags_of_its_own(bool reachesRoot, string digests, string tagged, bool isComplete)
    {
        var vault = History(Version("b") with
        {
            Tags = ImmutableDictionary<string, string>.Empty.Add(Ownership.ThumbprintTag, tagged).Add(Ownership.ChainTag, "whole"),
        });
        var served = Serve("b") with { ReachesRoot = reachesRoot, ChainDigests = [.. digests.Split(',')] };
        AssertState(isComplete ? ServingState.Served : ServingState.ChainIncomplete, Compare(vault, served, day: 61));
    }

    [Fact]
    public void A_renewal_too_close_to_the_end_is_a_warning()
    {
        Assert.Empty(Compare(Renewed, Serve("b"), day: 61).Warnings);
        var late = History(Version("a"), Version("late"));
        Assert.Contains("another 12 hours", Assert.Single(Compare(late, Serve("late"), day: 100).Warnings), StringComparison.Ordinal);
        Assert.Contains("renew it now", Assert.Single(Compare(Renewed, Serve("b"), day: 149.5).Warnings), StringComparison.Ordinal);
    }

    /// <summary>Any history, evaluated by an independent implementation that steps through time.</summary>
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
                versions.Add(Version($"{thumbprint}", day));
                replaced = thumbprint == served ? null : isServed ? replaced ?? Day(day) : null;
                isServed |= thumbprint == served;
            }

            var shuffled = versions.OrderBy(version => HashCode.Combine(seed, version.CreatedOn)).ToImmutableArray();
            var history = new VaultHistory(versions[^1], shuffled, [], true);
            var now = Day(day + after);
            var check = new ServingRules(TimeSpan.FromDays(propagation)).Compare(Shop, history, true, Serve($"{served}"), now);

            Assert.Equal(replaced, check.Since);
            Assert.Equal(
                !isServed ? ServingState.AnotherCertificate
                : replaced is null ? ServingState.Served
                : now - replaced <= TimeSpan.FromDays(propagation) ? ServingState.Propagating : ServingState.Outdated,
                check.State);
        });
    }

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

    private static EndpointCheck Compare(VaultHistory vault, ServedCertificate served, double day, bool isSynced = true) => Rules.Compare(Shop, vault, isSynced, served, Day(day));

    private static void AssertState(ServingState state, EndpointCheck check)
    {
        Assert.Equal(state, check.State);
        Assert.EndsWith(".", check.Sentence, StringComparison.Ordinal);
        Assert.Equal(("shop.example.com", "main", "web"), (check.Endpoint, check.Vault, check.Name));
    }

    private static DateTimeOffset Day(double day) => Make.Day0.AddDays(day);

    private static ServedCertificate Serve(string thumbprint)
    {
        var (from, until) = Validity(thumbprint);
        return new(thumbprint, from, until, ReachesRoot: true) { Subject = "CN=other", Issuer = "CN=ca" };
    }

    private static VaultCertificate Version(string thumbprint, double? createdOn = null)
    {
        var (from, until) = Validity(thumbprint);
        return new("main", "web", thumbprint) { CreatedOn = createdOn is { } day ? Day(day) : from, NotBefore = from, NotAfter = until };
    }

    private static (DateTimeOffset From, DateTimeOffset Until) Validity(string thumbprint) => thumbprint switch
    {
        "a" => (Day(0), Day(80)),
        "b" => (Day(60), Day(150)),
        "late" => (Day(79.5), Day(150)),
        _ => (Day(0), Day(10_000)),
    };

    private static VaultHistory History(params VaultCertificate[] versions) => new(versions[^1], [.. versions], ["DNS:shop.example.com"], true);
}
