using ClusterTrust.CertSync.Cluster;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.CertSync.Tests.Certificates;
using ClusterTrust.CertSync.Tests.Planning;
using ClusterTrust.CertSync.Vaults;
using ClusterTrust.Hosting;
using ClusterTrust.Kubernetes;

namespace ClusterTrust.CertSync.Tests.Job;

/// <summary>Every way a run can go.</summary>
public sealed class SyncJobTests
{
    /// <summary>Newer than <see cref="Pki.Leaf"/>, for the same names and of the same issuer.</summary>
    private static readonly Issued Renewed = Pki.Issue("leaf.example.com", Pki.Ec("renewed"), Pki.Intermediate, start: Pki.Start.AddDays(1));

    private readonly JobRig rig = new();

    [Fact]
    public async Task A_missing_certificate_is_imported_and_the_next_run_reads_no_Secret()
    {
        rig.Secrets.Put("shop/web");
        var first = await rig.RunAsync();
        Assert.Equal((ExitCode.Done, "create not-in-vault shop/web"), (first.Result.ExitCode, Assert.Single(first.Lines)));
        Assert.Equal(Pki.Leaf.Thumbprint, rig.Vault["web"].Thumbprint);
        Assert.Equal(1, rig.LeasesTaken);

        rig.Secrets.Reads.Clear();
        Assert.Equal("unchanged source-unchanged shop/web", Assert.Single((await rig.RunAsync()).Lines));
        Assert.Empty(rig.Secrets.Reads);
    }

    [Fact]
    public async Task A_second_namespace_does_not_take_over_a_name()
    {
        rig.Secrets.Put("shop/web");
        await rig.SyncedAsync();
        rig.Secrets.Put("evil/shop-tls", Renewed, certificate: "web");

        var run = await rig.RunAsync();

        Assert.Equal(ExitCode.Refused, run.Result.ExitCode);
        Assert.Equal(["refuse another-namespace evil/shop-tls", "unchanged same-certificate shop/web"], run.Lines.Order(StringComparer.Ordinal));
        Assert.Equal(Pki.Leaf.Thumbprint, rig.Vault["web"].Thumbprint);
        Assert.Empty(rig.Vault.Writes);

        rig.Secrets.Remove("shop/web");
        Assert.Equal("keep source-gone shop/web", (await rig.RunAsync()).Lines[^1]);
        Assert.Equal(Pki.Leaf.Thumbprint, rig.Vault["web"].Thumbprint);
    }

    [Fact]
    public async Task Ambiguous_namespaces_and_names_get_a_certificate_each()
    {
        rig.Template = "{namespace}-{name}";
        rig.Secrets.Put("team/x", certificate: "a-web");
        rig.Secrets.Put("team-a/y", Renewed, certificate: "web");
        await rig.SyncedAsync();
        Assert.Equal((Pki.Leaf.Thumbprint, Renewed.Thumbprint), (rig.Vault["team-a-web"].Thumbprint, rig.Vault["team--a-web"].Thumbprint));
    }

    [Fact]
    public async Task An_unexpected_fault_in_another_namespaces_Secret_does_not_block_the_name()
    {
        rig.Secrets.Put("shop/web");
        await rig.SyncedAsync();
        rig.Secrets.Put("shop/web", Renewed);
        rig.Secrets.Put("evil/x", certificate: "web");
        rig.Secrets.Put("zebra/x", certificate: "web");
        rig.Secrets.OnRead = static source => source == "shop/web" ? null : new InvalidCastException();

        var run = await rig.RunAsync();

        Assert.Equal(["fail unexpected evil/x", "renew newer-in-cluster shop/web", "fail unexpected zebra/x"], run.Lines);
        Assert.Equal((ExitCode.Failed, Renewed.Thumbprint), (run.Result.ExitCode, rig.Vault["web"].Thumbprint));
    }

    [Fact]
    public async Task Another_namespaces_empty_Secret_does_not_keep_a_certificate_from_being_pruned()
    {
        rig.Secrets.Put("shop/web");
        await rig.SyncedAsync();
        rig.Secrets.Remove("shop/web");
        rig.Secrets.Put("evil/x", certificate: "web", chain: "nothing");
        rig.Policy = Make.Policy with { Prune = PruneMode.Delete };
        Assert.Equal(["refuse invalid-certificate evil/x", "delete source-gone shop/web"], (await rig.RunAsync()).Lines.Order(StringComparer.Ordinal).Reverse());
    }

    [Fact]
    public async Task A_plan_with_detailed_exit_codes_reports_changes_and_faults_keep_their_codes()
    {
        rig.Secrets.Put("shop/web");
        Assert.Equal(ExitCode.ChangesPending, (await rig.PlanAsync(detailedExitCode: true)).Result.ExitCode);

        await rig.SyncedAsync();
        Assert.Equal(ExitCode.Done, (await rig.PlanAsync(detailedExitCode: true)).Result.ExitCode);

        rig.Secrets.Put("shop/next");
        rig.Secrets.Put("evil/web", Renewed);
        Assert.Equal(ExitCode.Refused, (await rig.PlanAsync(detailedExitCode: true)).Result.ExitCode);

        rig.Secrets.Put("shop/unread");
        rig.Secrets.OnRead = static source => source == "shop/unread" ? new InvalidCastException() : null;
        Assert.Equal(ExitCode.Failed, (await rig.PlanAsync(detailedExitCode: true)).Result.ExitCode);
    }

    [Fact]
    public async Task A_plan_writes_nothing_and_takes_no_Lease()
    {
        foreach (var name in (string[])["unchanged", "renewed", "moved", "deleted", "gone"])
        {
            rig.Secrets.Put($"shop/{name}");
        }

        await rig.SyncedAsync();
        rig.Secrets.Put("shop/new");
        rig.Secrets.Put("shop/renewed", Renewed);
        rig.Secrets.Put("shop/moved");
        rig.Vault.Change("deleted", static certificate => certificate with { IsDeleted = true });
        rig.Secrets.Remove("shop/gone");
        rig.Policy = Make.Policy with { Prune = PruneMode.Delete };
        var taken = rig.LeasesTaken;

        var plan = await rig.PlanAsync();

        string[] expected =
        [
            "recover soft-deleted shop/deleted", "delete source-gone shop/gone", "update-tags source-moved shop/moved", "create not-in-vault shop/new",
            "renew newer-in-cluster shop/renewed", "unchanged source-unchanged shop/unchanged",
        ];
        Assert.Equal(expected, plan.Lines);
        Assert.Equal(ExitCode.Done, plan.Result.ExitCode);
        Assert.Empty(rig.Vault.Writes);
        Assert.Equal(taken, rig.LeasesTaken);
        Assert.Equal(expected, (await rig.RunAsync()).Lines);
        Assert.Equal(["delete gone", "import new", "import renewed", "recover deleted", "tags moved"], rig.Vault.Writes.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_Lease_that_is_lost_while_listing_ends_the_run_with_its_reason()
    {
        rig.Secrets.Put("shop/web");
        rig.Vault.OnList = () =>
        {
            rig.LeaseLost.Cancel();
            return new TaskCanceledException();
        };

        var fault = await Assert.ThrowsAsync<JobException>(() => rig.RunAsync());

        Assert.Equal("the lease is lost", fault.Message);
        Assert.Empty(rig.Vault.Writes);
    }

    [Fact]
    public async Task A_Lease_that_another_run_holds_ends_the_run_before_anything_is_done()
    {
        rig.Secrets.Put("shop/web");
        rig.LeaseHolder = "another run holds the lease";
        var run = await rig.RunAsync();
        Assert.Equal((ExitCode.Done, "another run holds the lease", true), (run.Result.ExitCode, run.Result.Summary.Message, run.Result.IsSkipped));
        Assert.Empty(rig.Vault.Writes);
    }

    [Fact]
    public async Task An_unavailable_vault_does_not_stop_the_other()
    {
        var two = new JobRig("main", "west");
        two.Secrets.Put("shop/web");
        two.Secrets.Put("shop/api", vault: "west");
        two.Vault.OnList = static () => new VaultException(VaultFault.Unreachable, "it is down");

        var run = await two.RunAsync();

        Assert.Equal(["fail vault-unavailable shop/web", "create not-in-vault shop/api"], run.Lines);
        Assert.Equal(ExitCode.Failed, run.Result.ExitCode);
    }

    [Fact]
    public async Task An_unavailable_vault_that_no_Secret_uses_is_reported()
    {
        var two = new JobRig("main", "west");
        two.Secrets.Put("shop/web");
        two.Vaults[1].OnList = static () => new InvalidOperationException("eyJ-secret");

        var run = await two.RunAsync();

        Assert.Equal(["create not-in-vault shop/web", "fail unexpected"], run.Lines.Order(StringComparer.Ordinal));
        Assert.DoesNotContain("eyJ-secret", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_run_ends_if_no_vault_can_be_listed()
    {
        rig.Secrets.Put("shop/web");
        rig.Vault.OnList = static () => new VaultException(VaultFault.SignInFailed, "no federated credential matches", ExitCode.Usage);
        var fault = await Assert.ThrowsAsync<VaultException>(() => rig.RunAsync());
        Assert.Equal(ExitCode.Usage, fault.ExitCode);
    }

    [Fact]
    public async Task A_namespace_that_cannot_be_listed_is_a_failure_and_nothing_is_pruned()
    {
        rig.Secrets.Put("shop/web");
        rig.Secrets.Put("shop/old");
        await rig.SyncedAsync();
        rig.Secrets.Remove("shop/old");
        rig.Secrets.Unreadable.Add(new NamespaceFault("team", "it is forbidden"));
        rig.Policy = Make.Policy with { Prune = PruneMode.Delete };

        var run = await rig.RunAsync();

        Assert.Equal(["fail namespace-unreadable", "keep listing-incomplete shop/old", "unchanged source-unchanged shop/web"], run.Lines);
        Assert.Equal(ExitCode.Failed, run.Result.ExitCode);
    }

    [Fact]
    public async Task A_stopped_run_finishes_the_current_item_and_reports_the_others()
    {
        using var stop = new CancellationTokenSource();
        rig.Secrets.Put("shop/a");
        rig.Secrets.Put("shop/b");
        rig.Vault.OnImport = (_, _) => stop.CancelAsync();

        var run = await rig.RunAsync(stopping: stop.Token);

        Assert.Equal(["create not-in-vault shop/a", "fail stopped shop/b"], run.Lines);
        Assert.StartsWith("stopped before it was done", run.Result.Summary.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_is_stopped_while_it_plans_reads_and_writes_nothing()
    {
        using var stop = new CancellationTokenSource();
        rig.Secrets.Put("shop/a");
        rig.Vault.OnFindDeleted = _ =>
        {
            stop.Cancel();
            return null;
        };
        await Assert.ThrowsAsync<OperationCanceledException>(() => rig.RunAsync(stopping: stop.Token));
        Assert.Empty(rig.Secrets.Reads);
        Assert.Empty(rig.Vault.Writes);
    }

    [Fact]
    public async Task An_item_is_cancelled_after_the_grace_period()
    {
        using var stop = new CancellationTokenSource();
        rig.Secrets.Put("shop/a");
        rig.Vault.OnImport = async (_, token) =>
        {
            await stop.CancelAsync();
            rig.Clock.Advance(TimeSpan.FromMinutes(1));
            await Task.Delay(Timeout.Infinite, token);
        };
        Assert.Equal("fail stopped shop/a", Assert.Single((await rig.RunAsync(stopping: stop.Token)).Lines));
    }

    [Fact]
    public async Task An_unexpected_exception_fails_its_item_and_its_message_is_not_shown()
    {
        rig.Secrets.Put("shop/a");
        rig.Secrets.Put("shop/b");
        rig.Secrets.Put("shop/c");
        rig.Secrets.OnRead = static source => source == "shop/a" ? new InvalidCastException("-----BEGIN PRIVATE KEY-----") : null;
        rig.Vault.OnImport = static (name, _) => name == "b" ? throw new TaskCanceledException("-----BEGIN PRIVATE KEY-----") : Task.CompletedTask;

        var run = await rig.RunAsync();

        Assert.Equal(["fail unexpected shop/a", "fail unexpected shop/b", "create not-in-vault shop/c"], run.Lines);
        Assert.Equal(ExitCode.Failed, run.Result.ExitCode);
        Assert.Contains("InvalidCastException", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE KEY", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(VaultFault.Unavailable, ExitCode.Failed)]
    [InlineData(VaultFault.Forbidden, ExitCode.Failed)]
    [InlineData(VaultFault.Conflict, ExitCode.Failed)]
    [InlineData(VaultFault.Rejected, ExitCode.Refused)]
    [InlineData(VaultFault.TooManyTags, ExitCode.Refused)]
    public async Task A_failure_and_a_refusal_of_the_vault_have_different_exit_codes(VaultFault fault, ExitCode exitCode)
    {
        rig.Secrets.Put("shop/web");
        rig.Vault.OnImport = (_, _) => throw new VaultException(fault, "no");
        Assert.Equal(exitCode, (await rig.RunAsync()).Result.ExitCode);
    }

    [Fact]
    public async Task An_invalid_certificate_is_refused_and_anything_that_a_retry_may_cure_comes_first()
    {
        rig.Secrets.Put("shop/broken", chain: "nothing");
        rig.Secrets.Put("shop/web");
        var refused = await rig.RunAsync();
        Assert.Equal(["refuse invalid-certificate shop/broken", "create not-in-vault shop/web"], refused.Lines);
        Assert.Equal(ExitCode.Refused, refused.Result.ExitCode);

        rig.Secrets.Put("shop/api");
        rig.Secrets.OnRead = static source => source == "shop/api" ? new KubernetesException("it failed") : null;
        var failed = await rig.RunAsync();
        Assert.Equal(ExitCode.Failed, failed.Result.ExitCode);
        Assert.Contains("1 refuse", failed.Result.Summary.Message, StringComparison.Ordinal);
        Assert.Contains("1 fail", failed.Result.Summary.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_that_cannot_be_read_blocks_its_name()
    {
        rig.Secrets.Put("shop/a", certificate: "web");
        rig.Secrets.Put("team/b", Renewed, certificate: "web");
        rig.Secrets.OnRead = static source => source == "shop/a" ? new KubernetesException("status 500") : null;
        var run = await rig.RunAsync();
        Assert.Equal(["fail secret-unreadable shop/a", "fail secret-unreadable team/b"], run.Lines);
        Assert.Empty(rig.Vault.Writes);
    }

    [Fact]
    public async Task Namespaces_take_turns()
    {
        foreach (var number in Enumerable.Range(0, 9))
        {
            rig.Secrets.Put($"evil/0-{number}");
        }

        rig.Secrets.Put("shop/web");
        await rig.RunAsync();
        Assert.Equal("import web", rig.Vault.Writes.ElementAt(1));
    }

    [Fact]
    public async Task Only_the_certificate_that_is_imported_is_read_again_where_several_Secrets_ask_for_a_name()
    {
        rig.Secrets.Put("shop/a", Renewed, certificate: "web");
        rig.Secrets.Put("shop/b", certificate: "web");
        var run = await rig.RunAsync();
        Assert.Equal(["create not-in-vault shop/a,shop/b", "skip superseded shop/b"], run.Lines);
        Assert.Equal(Renewed.Thumbprint, rig.Vault["web"].Thumbprint);
        Assert.Equal(["shop/a", "shop/b", "shop/a"], rig.Secrets.Reads);
    }

    [Theory]
    [InlineData("same", "recover soft-deleted shop/web", "recover web")]
    [InlineData("renewed", "recover soft-deleted shop/web", "recover web", "import web")]
    [InlineData("disabled", "keep disabled-in-vault shop/web", "recover web")]
    [InlineData("foreign", "refuse not-ours shop/web", "recover web")]
    [InlineData("another-namespace", "refuse another-namespace shop/web", "recover web")]
    [InlineData("newer", "refuse older-than-vault shop/web", "recover web")]
    public async Task After_a_recovery_the_decision_is_made_again(string what, string expected, params string[] writes)
    {
        await DeletedAsync();
        if (what != "same")
        {
            rig.Secrets.Put("shop/web", Renewed);
        }

        rig.Vault.OnRecover = certificate => what switch
        {
            "disabled" => certificate with { Enabled = false },
            "foreign" => certificate with { Tags = certificate.Tags.Clear() },
            "another-namespace" => certificate with { Tags = certificate.Tags.SetItem("source", "team/web") },
            "newer" => certificate with { Thumbprint = "ee", NotBefore = Pki.Start.AddDays(9) },
            _ => certificate,
        };
        Assert.Equal(expected, Assert.Single((await rig.RunAsync()).Lines));
        Assert.Equal(writes, rig.Vault.Writes);
    }

    [Theory]
    [InlineData("foreign", "refuse not-ours shop/web")]
    [InlineData("ours", "recover soft-deleted shop/web")]
    [InlineData("invisible", "refuse soft-deleted shop/web")]
    public async Task A_name_that_an_import_finds_soft_deleted_is_recovered_only_when_it_is_known_whose_it_is(string what, string expected)
    {
        rig.Secrets.Put("shop/web");
        if (what == "ours")
        {
            await rig.SyncedAsync();
        }
        else
        {
            rig.Vault.Seed("web", Pki.Leaf);
        }

        rig.Vault.Change("web", static certificate => certificate with { IsDeleted = true });
        rig.Vault.CannotSeeDeleted = true;
        rig.Vault.OnImport = (_, _) =>
        {
            rig.Vault.CannotSeeDeleted = what == "invisible";
            return Task.CompletedTask;
        };

        Assert.Equal(expected, Assert.Single((await rig.RunAsync()).Lines));
        Assert.DoesNotContain(rig.Vault.Writes, static write => write.StartsWith("import", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Taking_over_stops_the_vaults_own_renewal()
    {
        rig.Secrets.Put("shop/web");
        rig.Vault.Seed("web", Pki.Leaf);
        Assert.Equal("refuse not-ours shop/web", Assert.Single((await rig.RunAsync()).Lines));
        rig.Policy = Make.Policy with { Adopt = true };
        Assert.Equal("update-tags source-moved shop/web", Assert.Single((await rig.RunAsync()).Lines));
        Assert.Equal(["tags web", "policy web"], rig.Vault.Writes);
    }

    [Fact]
    public async Task Tags_copied_to_another_certificate_do_not_match_its_thumbprint()
    {
        rig.Secrets.Put("shop/web");
        await rig.SyncedAsync();
        rig.Vault.Change("web", static certificate => certificate with { Thumbprint = "ee", NotBefore = Pki.Start.AddDays(-1) });
        Assert.Equal("renew newer-in-cluster shop/web", Assert.Single((await rig.RunAsync()).Lines));
        Assert.Equal(Pki.Leaf.Thumbprint, rig.Vault["web"].Thumbprint);
    }

    [Fact]
    public async Task The_prune_limit_of_one_namespace_does_not_block_the_others()
    {
        rig.Secrets.Put("shop/old");
        foreach (var number in Enumerable.Range(0, 6))
        {
            rig.Secrets.Put($"evil/e{number}");
        }

        await rig.SyncedAsync();
        rig.Secrets.Remove("shop/old");
        foreach (var number in Enumerable.Range(0, 6))
        {
            rig.Secrets.Remove($"evil/e{number}");
        }

        rig.Policy = Make.Policy with { Prune = PruneMode.Delete };
        var run = await rig.RunAsync();
        Assert.Equal(["delete old"], rig.Vault.Writes);
        Assert.Equal(6, run.Lines.Count(static line => line.StartsWith("refuse prune-limit evil/", StringComparison.Ordinal)));
        Assert.Equal(ExitCode.Refused, run.Result.ExitCode);
    }

    [Fact]
    public async Task A_Secret_that_the_listing_leaves_out_is_not_gone()
    {
        await GoneAsync();
        rig.Secrets.Unlisted.Add("shop/old");
        Assert.Equal("keep source-not-listed shop/old", Assert.Single((await rig.RunAsync()).Lines));
        Assert.Empty(rig.Vault.Writes);
    }

    [Fact]
    public async Task Nothing_is_pruned_unless_the_API_server_confirms_that_the_Secret_is_gone()
    {
        await GoneAsync();
        rig.Secrets.OnExists = static _ => new KubernetesException("it failed");
        var run = await rig.RunAsync();
        Assert.Equal(("fail secret-unreadable shop/old", ExitCode.Failed), (Assert.Single(run.Lines), run.Result.ExitCode));
        rig.Secrets.OnExists = static _ => new InvalidOperationException("who knows");
        Assert.Equal("fail unexpected shop/old", Assert.Single((await rig.RunAsync()).Lines));
        Assert.Empty(rig.Vault.Writes);
    }

    [Theory]
    [InlineData("certificate")]
    [InlineData("source")]
    [InlineData("cluster")]
    public async Task What_changed_in_the_vault_after_it_was_listed_is_not_pruned(string what)
    {
        await GoneAsync();
        rig.Vault.OnFind = name => rig.Vault.Change(name, certificate => what == "certificate"
            ? certificate with { Thumbprint = "ee" }
            : certificate with { Tags = certificate.Tags.SetItem(what, "team/other") });
        Assert.Equal("keep changed-in-vault", Assert.Single((await rig.RunAsync()).Lines)[..21]);
        Assert.Empty(rig.Vault.Writes);
    }

    [Fact]
    public async Task Pruning_may_disable_and_the_Secret_that_comes_back_enables_again()
    {
        await GoneAsync();
        rig.Policy = Make.Policy with { Prune = PruneMode.Disable };
        Assert.Equal("disable source-gone shop/old", Assert.Single((await rig.RunAsync()).Lines));
        Assert.False(rig.Vault["old"].Enabled);

        rig.Secrets.Put("shop/old");
        Assert.Equal("update-tags source-moved shop/old", Assert.Single((await rig.RunAsync()).Lines));
        Assert.True(rig.Vault["old"].Enabled);
    }

    private async Task DeletedAsync()
    {
        rig.Secrets.Put("shop/web");
        await rig.SyncedAsync();
        rig.Vault.Change("web", static certificate => certificate with { IsDeleted = true });
    }

    private async Task GoneAsync()
    {
        rig.Secrets.Put("shop/old");
        await rig.SyncedAsync();
        rig.Secrets.Remove("shop/old");
        rig.Policy = Make.Policy with { Prune = PruneMode.Delete };
    }
}
