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
    [InlineData(0), InlineData(1)]
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
    [InlineData(0, 1), InlineData(0, 2), InlineData(1, 2)]
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
    public async Task A_shard_prunes_a_certificate_whose_Secret_has_a_name_of_another_shard()
    {
        await _rig.SyncAsync("shop/web");
        _rig.Secrets.Put("shop/web", certificate: "moved");
        await _rig.SyncedAsync();
        _rig.Policy = Make.Policy with { Prune = PruneMode.Delete };
        _rig.Options = _rig.Options with { Shard = new Shard(1, 2) };
        await _rig.ExpectAsync(ExitCode.Done, "delete source-renamed shop/web");
    }

    /// <summary>What is found before the certificate is pruned, and the line about it.</summary>
    private static readonly Dictionary<string, (Action<JobRig> Arrange, ExitCode ExitCode, string Line)> Found = new()
    {
        ["a Secret that the listing leaves out"] = (static rig => rig.Secrets.Unlisted.Add("shop/old"), ExitCode.Done, "keep source-not-listed shop/old"),
        ["such a Secret, and one with another name"] = (
            static rig => rig.Vault.Change(rig.Secrets.Unlisted.Add("shop/old") ? "old" : "", static found => found with { Tags = found.Tags.SetItem("source", "shop/moved,shop/old") }),
            ExitCode.Done, "keep source-not-listed shop/moved,shop/old"),
        ["no answer of the API server"] = (static rig => rig.Secrets.OnExists = static () => throw new KubernetesException("it failed"), ExitCode.Failed, "fail secret-unreadable shop/old"),
        ["an exception"] = (static rig => rig.Secrets.OnExists = static () => throw new InvalidOperationException("who knows"), ExitCode.Failed, "fail unexpected shop/old"),
        ["another certificate in the vault"] = (static rig => Meanwhile(rig, static found => found with { Thumbprint = "ee" }), ExitCode.Done, "keep changed-in-vault shop/old"),
        ["another source in the vault"] = (static rig => Meanwhile(rig, static found => found with { Tags = found.Tags.SetItem("source", "team/other") }), ExitCode.Done, "keep changed-in-vault shop/old"),
        ["another cluster in the vault"] = (static rig => Meanwhile(rig, static found => found with { Tags = found.Tags.SetItem("cluster", "other") }), ExitCode.Done, "keep changed-in-vault shop/old"),
    };

    [Fact]
    public Task Nothing_is_pruned_unless_it_is_certain_that_the_Secret_is_gone_and_the_certificate_its_own() => Assert.AllAsync(Found, static async row =>
    {
        var (arrange, exitCode, line) = row.Value;
        var rig = new JobRig();
        rig.Secrets.Put("shop/moved");
        await rig.GoneAsync("shop/old");
        arrange(rig);
        await rig.ExpectUnchangedAsync(exitCode, "unchanged source-unchanged shop/moved", line);
    });

    [Fact]
    public async Task Pruning_may_disable()
    {
        await _rig.GoneAsync("shop/old");
        _rig.Policy = Make.Policy with { Prune = PruneMode.Disable };
        await _rig.ExpectAsync(ExitCode.Done, "disable source-gone shop/old");
        Assert.False(_rig.Vault["old"].Enabled);
    }

    private static void Meanwhile(JobRig rig, Func<VaultCertificate, VaultCertificate> change) => rig.Vault.OnFind = name => rig.Vault.Change(name, change);
}
