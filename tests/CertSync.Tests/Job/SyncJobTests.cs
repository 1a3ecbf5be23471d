namespace ClusterTrust.CertSync.Tests.Job;

public sealed class SyncJobTests
{
    private readonly JobRig _rig = new();
    private readonly JobRig _two = new("main", "west");

    [Fact]
    public async Task A_missing_certificate_is_imported_and_the_next_run_reads_no_Secret()
    {
        _rig.Secrets.Put("shop/web");
        await _rig.ExpectAsync(ExitCode.Done, "create not-in-vault shop/web");
        Assert.Equal(Pki.Leaf.Thumbprint, _rig.Vault["web"].Thumbprint);
        Assert.Equal(1, _rig.LeasesTaken);
        await _rig.SyncedAsync();
        await _rig.ExpectUnchangedAsync(ExitCode.Done, "unchanged source-unchanged shop/web");

        // Nor where the list has neither tags nor times.
        _rig.Vault.IsSparse = true;
        await _rig.ExpectUnchangedAsync(ExitCode.Done, "unchanged source-unchanged shop/web");
        Assert.Empty(_rig.Secrets.Reads);
    }

    [Fact]
    public async Task A_plan_with_detailed_exit_codes_reports_changes_and_faults_keep_their_codes()
    {
        _rig.Secrets.Put("shop/web");
        await ExpectAsync(ExitCode.ChangesPending);
        await _rig.SyncedAsync();
        await ExpectAsync(ExitCode.Done);
        _rig.Secrets.PutEach("shop/next", "shop/unread");
        _rig.Secrets.Put("evil/web", Pki.Renewed);
        await ExpectAsync(ExitCode.Refused);
        _rig.Secrets.Faults["shop/unread"] = new InvalidCastException();
        await ExpectAsync(ExitCode.Failed);
        async Task ExpectAsync(ExitCode exitCode) => Assert.Equal(exitCode, (await _rig.RunAsync("plan", detailedExitCode: true)).Result.ExitCode);
    }

    [Fact]
    public async Task The_table_of_a_plan_has_every_certificate_with_its_expiry_and_that_of_a_sync_what_it_did()
    {
        await _rig.SyncAsync("shop/web");
        _rig.Format = OutputFormat.Table;
        Assert.Equal("", (await _rig.RunAsync()).Output);
        var lines = (await _rig.PlanAsync()).Output.Split('\n');
        Assert.Matches("^SECRET +CERTIFICATE +VAULT +NAME +ACTION +REASON +EXPIRES", lines[0]);
        Assert.Matches($"^shop/web +web +main +web +unchanged +source-unchanged +{Pki.End:yyyy-MM-dd}", lines[1]);
    }

    [Fact]
    public async Task A_plan_writes_nothing_and_takes_no_Lease()
    {
        _rig.Secrets.PutEach("shop/unchanged", "shop/renewed", "shop/moved", "shop/deleted", "shop/gone");
        await _rig.SyncedAsync();
        _rig.Secrets.PutEach("shop/new", "shop/moved");
        _rig.Secrets.Put("shop/renewed", Pki.Renewed);
        _rig.Vault.SoftDelete("deleted");
        _rig.Secrets.Remove("shop/gone");
        _rig.Policy = Make.Policy with { Prune = PruneMode.Delete };
        var taken = _rig.LeasesTaken;
        string[] expected =
        [
            "recover soft-deleted shop/deleted", "delete source-gone shop/gone", "update-tags source-moved shop/moved", "create not-in-vault shop/new",
            "renew newer-in-cluster shop/renewed", "unchanged source-unchanged shop/unchanged",
        ];

        (await _rig.PlanAsync()).Expect(ExitCode.Done, expected);

        Assert.Empty(_rig.Vault.Writes);
        Assert.Equal(taken, _rig.LeasesTaken);
        await _rig.ExpectAsync(ExitCode.Done, expected);
        Assert.Equal(["delete gone", "import new", "import renewed", "recover deleted", "tags moved"], _rig.Vault.Writes.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_Lease_that_is_lost_while_listing_ends_the_run_with_its_reason()
    {
        _rig.Secrets.Put("shop/web");
        _rig.Vault.OnList = () =>
        {
            _rig.LeaseLost.Cancel();
            throw new TaskCanceledException();
        };

        Assert.Equal("the lease is lost", (await Assert.ThrowsAsync<JobException>(() => _rig.RunAsync())).Message);
        Assert.Empty(_rig.Vault.Writes);
    }

    [Fact]
    public async Task A_Lease_that_another_run_holds_ends_the_run_before_anything_is_done()
    {
        _rig.Secrets.Put("shop/web");
        _rig.LeaseHolder = "another run holds the lease";
        var run = await _rig.ExpectUnchangedAsync(ExitCode.Done);
        Assert.Equal(("another run holds the lease", true), (run.Result.Message, run.Result.IsSkipped));
    }

    [Fact]
    public Task An_unavailable_vault_does_not_stop_the_other()
    {
        _two.Secrets.Put("shop/web");
        _two.Secrets.Put("shop/api", vault: "west");
        _two.Vault.OnList = static () => throw new VaultException(VaultFault.Unreachable, "it is down");
        return _two.ExpectAsync(ExitCode.Failed, "fail vault-unavailable shop/web", "create not-in-vault shop/api");
    }

    [Fact]
    public async Task An_unavailable_vault_that_no_Secret_uses_is_reported()
    {
        _two.Secrets.Put("shop/web");
        _two.Vaults[1].OnList = static () => throw new InvalidOperationException("eyJ-secret");
        var run = await _two.ExpectAsync(ExitCode.Failed, "create not-in-vault shop/web", "fail unexpected");
        Assert.DoesNotContain("eyJ-secret", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_run_ends_if_no_vault_can_be_listed_with_the_fault_that_a_retry_may_cure()
    {
        _two.Vault.OnList = static () => throw new VaultException(VaultFault.SignInFailed, "it is in another tenant", ExitCode.Usage);
        _two.Vaults[1].OnList = static () => throw new VaultException(VaultFault.Unreachable, "it is down");
        await Assert.FaultAsync(ExitCode.Failed, "it is down", () => _two.RunAsync());
        _two.Vaults[1].OnList = _two.Vault.OnList;
        await Assert.FaultAsync(ExitCode.Usage, "it is in another tenant", () => _two.RunAsync());
    }

    /// <summary>A tenant may have tens of thousands, whose names together would exceed the memory limit of the pod.</summary>
    [Fact]
    public async Task A_line_names_at_most_a_hundred_Secrets_and_certificates()
    {
        _rig.Secrets.PutMany("evil", 1000, certificate: "web");
        Assert.Equal(100, Assert.Single((await _rig.RunAsync()).Lines).Split(',').Length);
        var many = Enumerable.Range(0, 1000).Select(static number => Make.Secret($"evil/{number}", $"c-{number}"));
        Assert.Equal(100, _rig.Options.Filter.NamesOf(many).Split(',').Length);
    }

    [Fact]
    public async Task A_namespace_that_cannot_be_listed_is_a_failure_and_nothing_is_pruned()
    {
        _rig.Secrets.Put("shop/web");
        await _rig.GoneAsync("shop/old");
        _rig.Secrets.Unreadable.Add(new NamespaceFault("team", "it is forbidden"));
        await _rig.ExpectAsync(ExitCode.Failed, "fail namespace-unreadable", "keep listing-incomplete shop/old", "unchanged source-unchanged shop/web");
    }

    [Fact]
    public async Task The_failures_of_one_namespace_do_not_hide_those_of_another()
    {
        Array.ForEach(["evil/a", "evil/b", "shop/web"], source => _rig.Secrets.Put(source, Pki.Root, chain: Pki.Leaf.Pem));
        Assert.Equal(["main/a", "main/web", "main/b"], (await _rig.RunAsync()).Result.Failures.Select(static failure => failure.Item));
    }

    [Fact]
    public async Task An_unexpected_exception_fails_its_item_and_its_message_is_not_shown()
    {
        _rig.Secrets.PutEach("shop/a", "shop/b", "shop/c");
        _rig.Secrets.Faults["shop/a"] = new InvalidCastException("-----BEGIN PRIVATE KEY-----");
        _rig.Vault.OnImport = static (name, _) => name == "b" ? throw new TaskCanceledException("-----BEGIN PRIVATE KEY-----") : Task.CompletedTask;
        var run = await _rig.ExpectAsync(ExitCode.Failed, "fail unexpected shop/a", "fail unexpected shop/b", "create not-in-vault shop/c");
        Assert.Contains("InvalidCastException", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE KEY", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(VaultFault.Unavailable, ExitCode.Failed, "fail vault-unavailable")]
    [InlineData(VaultFault.Forbidden, ExitCode.Failed, "fail vault-forbidden")]
    [InlineData(VaultFault.Conflict, ExitCode.Failed, "fail vault-rejected")]
    [InlineData(VaultFault.Rejected, ExitCode.Refused, "refuse vault-rejected")]
    [InlineData(VaultFault.NotUnderstood, ExitCode.Failed, "fail vault-rejected")]
    [InlineData(VaultFault.NotUnderstood, ExitCode.Refused, "refuse vault-rejected", ExitCode.Refused)]
    public Task A_failure_and_a_refusal_of_the_vault_have_different_exit_codes(VaultFault fault, ExitCode exitCode, string line, ExitCode ofFault = ExitCode.Failed)
    {
        _rig.Secrets.Put("shop/web");
        _rig.Vault.OnImport = (_, _) => throw new VaultException(fault, "no", ofFault);
        return _rig.ExpectAsync(exitCode, $"{line} shop/web");
    }

    [Fact]
    public async Task An_invalid_certificate_is_refused_and_anything_that_a_retry_may_cure_comes_first()
    {
        _rig.Secrets.Put("shop/broken", chain: "nothing");
        _rig.Secrets.Put("shop/web");
        await _rig.ExpectAsync(ExitCode.Refused, "refuse invalid-certificate shop/broken", "create not-in-vault shop/web");
        _rig.Secrets.Put("shop/api");
        _rig.Secrets.Faults["shop/api"] = new KubernetesException("it failed");
        var failed = await _rig.RunAsync();
        Assert.Equal((ExitCode.Failed, "1 unchanged, 1 refuse, 1 fail"), (failed.Result.ExitCode, failed.Result.Message));
    }

    [Fact]
    public async Task A_tenants_text_that_is_cut_inside_a_character_is_reported()
    {
        _rig.Secrets.Put("shop/web", vault: new string('a', 99) + "\U0001F600");
        await _rig.ExpectAsync(ExitCode.Refused, "refuse unknown-vault shop/web");
    }

    [Fact]
    public async Task Namespaces_take_turns()
    {
        _rig.Secrets.PutMany("evil", 9);
        _rig.Secrets.Put("shop/web");
        await _rig.RunAsync();
        Assert.Equal("import web", _rig.Vault.Writes.ElementAt(1));
    }
}
