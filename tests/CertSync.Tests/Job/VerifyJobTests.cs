namespace ClusterTrust.CertSync.Tests.Job;

public sealed class VerifyJobTests
{
    private static readonly Issued Old = Pki.Leaf;
    private static readonly Issued New = Pki.Renewed;

    private readonly JobRig _rig = new();

    [Fact]
    public async Task The_vaults_certificate_is_served()
    {
        await _rig.SyncAsync("shop/web", "shop.example.com, api.example.com:8443");
        _rig.Endpoints.Serve("shop.example.com", Old);
        _rig.Endpoints.Serve("api.example.com:8443", Old);
        Assert.Equal("2 served", (await ExpectAsync(ExitCode.Done, "served api.example.com:8443", "served shop.example.com")).Result.Message);
        Assert.Equal(["api.example.com:8443", "shop.example.com"], _rig.Endpoints.Connections.Order());
        Assert.Empty(_rig.Secrets.Reads);
        Assert.Empty(_rig.Vault.Writes);
        Assert.Equal(1, _rig.LeasesTaken);
    }

    [Fact]
    public async Task A_run_without_endpoints_is_reported()
    {
        await _rig.SyncAsync("shop/web", endpoints: null);
        Assert.Equal("no endpoints to verify", (await ExpectAsync(ExitCode.Done)).Result.Message);
    }

    [Theory]
    [InlineData(23, ExitCode.Done, "propagating shop.example.com")]
    [InlineData(25, ExitCode.Refused, "outdated shop.example.com")]
    public async Task An_older_version_may_be_served_for_a_day(int hours, ExitCode exitCode, string line)
    {
        await _rig.SyncAsync("shop/web", "shop.example.com");
        _rig.Vault.Earlier["web"] = [_rig.Vault["web"] with { CreatedOn = Pki.Start }];
        await _rig.SyncAsync("shop/web", "shop.example.com", New);
        _rig.Vault.Change("web", certificate => certificate with { CreatedOn = _rig.Clock.GetUtcNow().AddHours(-hours) });
        _rig.Endpoints.Serve("shop.example.com", Old);
        await ExpectAsync(exitCode, line);
    }

    [Fact]
    public async Task A_failure_determines_the_exit_code_before_a_refusal()
    {
        await _rig.SyncAsync("shop/web", "shop.example.com, api.example.com");
        _rig.Endpoints.Serve("shop.example.com", Pki.EcLeaf);
        var run = await ExpectAsync(ExitCode.Failed, "unreachable api.example.com", "another-certificate shop.example.com");
        Assert.Equal(2, run.Result.Failures.Count);
        _rig.Endpoints.Serve("api.example.com", Old);
        await ExpectAsync(ExitCode.Refused, "served api.example.com", "another-certificate shop.example.com");
    }

    [Fact]
    public async Task The_clusters_newer_certificate_is_not_another_one_while_the_vault_is_behind()
    {
        await _rig.SyncAsync("shop/web", "shop.example.com");
        _rig.Secrets.Put("shop/web", New, endpoints: "shop.example.com");
        _rig.Endpoints.Serve("shop.example.com", New);
        await ExpectAsync(ExitCode.Failed, "vault-behind shop.example.com");
        await _rig.SyncedAsync();
        await ExpectAsync(ExitCode.Done, "served shop.example.com");
    }

    [Fact]
    public async Task Another_namespace_that_asks_for_the_name_changes_nothing()
    {
        await _rig.SyncAsync("shop/web", "shop.example.com");
        _rig.Secrets.Put("evil/x", New, certificate: "web", endpoints: "shop.example.com:22,b.example.com");
        _rig.Endpoints.Serve("shop.example.com", Pki.EcLeaf);
        await ExpectAsync(ExitCode.Refused, "refused evil/x", "another-certificate shop.example.com");
        Assert.Equal("shop.example.com", Assert.Single(_rig.Endpoints.Connections));
    }

    [Fact]
    public async Task The_operators_endpoints_may_be_any_host_and_need_no_Secret()
    {
        await _rig.SyncAsync("shop/web", "shop.example.com");
        _rig.Vault.Seed("legacy", Pki.EcLeaf);
        _rig.Give("10.0.0.4:8443=web", "shop.example.com=web", "legacy.internal=legacy", "legacy.internal=none");
        _rig.Endpoints.Serve("10.0.0.4:8443", Old);
        _rig.Endpoints.Serve("shop.example.com", Old);
        _rig.Endpoints.Serve("legacy.internal", Pki.EcLeaf);
        var run = await ExpectAsync(ExitCode.Refused, "served legacy.internal", "refused legacy.internal", "served 10.0.0.4:8443", "served shop.example.com");
        Assert.Equal(["10.0.0.4:8443!", "legacy.internal!", "shop.example.com!"], _rig.Endpoints.Connections.Order(StringComparer.Ordinal));
        Assert.Contains("has no certificate 'none'", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_is_not_in_the_vault_yet_may_be_after_a_sync()
    {
        _rig.Secrets.Put("shop/web", endpoints: "shop.example.com");
        await ExpectAsync(ExitCode.Failed, "vault-behind shop/web");
        Assert.Empty(_rig.Endpoints.Connections);
    }

    [Fact]
    public async Task A_Secret_with_endpoints_that_a_sync_refuses_is_named()
    {
        _rig.Secrets.Put("shop/web", vault: "nowhere", endpoints: "shop.example.com");
        _rig.Secrets.Put("shop/long", endpoints: new string('.', Annotations.MaximumLength + 1));
        _rig.Secrets.Put("shop/plain", vault: "nowhere");
        await ExpectAsync(ExitCode.Refused, "refused shop/long", "refused shop/web");
    }

    [Fact]
    public async Task A_vault_or_namespace_that_cannot_be_read_concerns_its_own_endpoints_only()
    {
        await _rig.SyncAsync("shop/web", "shop.example.com");
        await _rig.SyncAsync("shop/api", "api.example.com");
        await _rig.SyncAsync("shop/odd", "odd.example.com");
        _rig.Endpoints.Serve("shop.example.com", Old);
        _rig.Secrets.Unreadable.Add(new NamespaceFault("team", "ServiceAccount may not list secrets in team."));
        _rig.Vault.OnFind = static name =>
        {
            if (name != "web")
            {
                throw name == "api" ? new VaultException(VaultFault.Throttled, "it is throttled.") : (Exception)new InvalidCastException();
            }
        };

        var run = await ExpectAsync(ExitCode.Failed, "failed team", "failed shop/api", "failed shop/odd", "served shop.example.com");
        Assert.Contains("unexpected InvalidCastException", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public async Task A_namespace_whose_endpoints_are_slow_or_do_not_respond_does_not_delay_the_others(bool neverResponds)
    {
        PutMany("a-evil", 60);
        await _rig.SyncAsync("shop/web", "shop.example.com");
        _rig.Endpoints.Otherwise = new Handshake(neverResponds ? null : ServedCertificate.Read([Old.Certificate], reachesRoot: true), "no answer.");
        _rig.Endpoints.Serve("shop.example.com", Old);
        _rig.Endpoints.OnConnect = endpoint => _rig.Clock.Advance(endpoint == "shop.example.com" ? TimeSpan.Zero : TimeSpan.FromSeconds(10));
        var run = await _rig.VerifyAsync();
        Assert.Contains("shop.example.com", _rig.Endpoints.Connections.Take(4));
        // Each exceeds a tenth of the timeout by nine tenths.
        Assert.Equal(24, _rig.Endpoints.Connections.Count);
        Assert.Equal((neverResponds ? 60 : 37, 1), (run.Lines.Count(static line => line.StartsWith("unreachable x", StringComparison.Ordinal)), run.Lines.Count(static line => line == "served shop.example.com")));
        Assert.Contains("the endpoints of namespace a-evil were slow or did not respond for 200 seconds in this run", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_quick_endpoints_of_one_namespace_are_all_verified()
    {
        PutMany("shop", 300);
        await _rig.SyncedAsync();
        _rig.Endpoints.Otherwise = new Handshake(ServedCertificate.Read([Old.Certificate], reachesRoot: true), "");
        _rig.Endpoints.OnConnect = _ => _rig.Clock.Advance(TimeSpan.FromSeconds(1));
        var run = await _rig.VerifyAsync();
        Assert.Equal((300, ExitCode.Done), (_rig.Endpoints.Connections.Count, run.Result.ExitCode));
    }

    [Fact]
    public async Task A_name_that_too_many_Secrets_ask_for_is_not_synced()
    {
        await _rig.SyncAsync("shop/web", endpoints: null);
        _rig.Secrets.PutMany("shop", 9, certificate: "web", New);
        _rig.Give("shop.example.com=web");
        _rig.Endpoints.Serve("shop.example.com", New);
        await ExpectAsync(ExitCode.Failed, "vault-behind shop.example.com");
    }

    [Fact]
    public async Task A_stopped_run_reports_what_it_did_not_verify()
    {
        await _rig.SyncAsync("shop/a", "a.example.com");
        await _rig.SyncAsync("shop/b", "b.example.com");
        _rig.Endpoints.Serve("a.example.com", Old);
        _rig.Endpoints.OnConnect = _ => _rig.Stop.Cancel();
        var run = await ExpectAsync(ExitCode.Failed, "served a.example.com", "failed shop/b");
        Assert.StartsWith("stopped before it was done", run.Result.Message, StringComparison.Ordinal);
    }

    private async Task<JobRig.Run> ExpectAsync(ExitCode exitCode, params string[] lines) => (await _rig.VerifyAsync()).Expect(exitCode, lines);

    private void PutMany(string ns, int count)
    {
        foreach (var number in Enumerable.Range(0, count))
        {
            _rig.Secrets.Put($"{ns}/x-{number}", endpoints: $"x{number}.example.com");
        }
    }
}
