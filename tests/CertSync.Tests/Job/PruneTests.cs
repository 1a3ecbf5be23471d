namespace ClusterTrust.CertSync.Tests.Job;

/// <summary>A certificate whose Secret is gone, with <c>--prune delete</c>.</summary>
public sealed class PruneTests
{
    private readonly JobRig _rig = new();

    [Fact]
    public async Task Another_namespaces_empty_Secret_does_not_keep_a_certificate_from_being_pruned()
    {
        await _rig.GoneAsync("shop/web");
        _rig.Secrets.Put("evil/x", certificate: "web", chain: "nothing");
        await _rig.ExpectAsync(ExitCode.Refused, "refuse invalid-certificate evil/x", "delete source-gone shop/web");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task No_shard_prunes_a_certificate_whose_Secret_asks_for_an_unknown_vault(int index)
    {
        var several = new JobRig("main", "edge");
        several.Secrets.Put("shop/web", vault: "main,edge");
        await several.SyncedAsync();
        several.Secrets.Put("shop/web", vault: "main,egde");
        several.Policy = Make.Policy with { Prune = PruneMode.Delete };
        several.Options = several.Options with { Shard = new Shard(index, 2) };

        await several.RunAsync();
        await several.RunAsync();

        Assert.All(several.Vaults, static vault => Assert.DoesNotContain(vault.Writes, static write => write.StartsWith("delete", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 2)]
    [InlineData(1, 2)]
    public async Task No_shard_prunes_a_certificate_that_too_many_Secrets_ask_for(int index, int shards)
    {
        await _rig.GoneAsync("shop/web");
        _rig.Options = _rig.Options with { Shard = new Shard(index, shards) };
        _rig.Secrets.PutMany("shop", 9, certificate: "web");

        var lines = (await _rig.RunAsync()).Lines;

        Assert.Equal(_rig.Options.Shard.Has("web") ? 1 : 0, lines.Count);
        Assert.All(lines, static line => Assert.StartsWith("refuse conflicting-sources shop/x-0,", line, StringComparison.Ordinal));
        Assert.Empty(_rig.Vault.Writes);
    }

    [Fact]
    public async Task A_Secret_that_the_listing_leaves_out_is_not_gone()
    {
        await _rig.GoneAsync("shop/old");
        _rig.Secrets.Unlisted.Add("shop/old");
        await _rig.ExpectAsync(ExitCode.Done, "keep source-not-listed shop/old");
        Assert.Empty(_rig.Vault.Writes);
    }

    [Fact]
    public async Task Nothing_is_pruned_unless_the_API_server_confirms_that_the_Secret_is_gone()
    {
        await _rig.GoneAsync("shop/old");
        _rig.Secrets.OnExists = static () => throw new KubernetesException("it failed");
        await _rig.ExpectAsync(ExitCode.Failed, "fail secret-unreadable shop/old");
        _rig.Secrets.OnExists = static () => throw new InvalidOperationException("who knows");
        await _rig.ExpectAsync(ExitCode.Failed, "fail unexpected shop/old");
        Assert.Empty(_rig.Vault.Writes);
    }

    [Theory]
    [InlineData("certificate")]
    [InlineData("source")]
    [InlineData("cluster")]
    public async Task What_changed_in_the_vault_after_it_was_listed_is_not_pruned(string what)
    {
        await _rig.GoneAsync("shop/old");
        _rig.Vault.OnFind = name => _rig.Vault.Change(name, certificate => what == "certificate"
            ? certificate with { Thumbprint = "ee" }
            : certificate with { Tags = certificate.Tags.SetItem(what, "team/other") });
        Assert.Equal("keep changed-in-vault", Assert.Single((await _rig.RunAsync()).Lines)[..21]);
        Assert.Empty(_rig.Vault.Writes);
    }

    [Fact]
    public async Task Pruning_may_disable()
    {
        await _rig.GoneAsync("shop/old");
        _rig.Policy = Make.Policy with { Prune = PruneMode.Disable };
        await _rig.ExpectAsync(ExitCode.Done, "disable source-gone shop/old");
        Assert.False(_rig.Vault["old"].Enabled);
    }
}
