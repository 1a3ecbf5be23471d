namespace ClusterTrust.CertSync.Tests.Job;

/// <summary>What the vault may do between two requests about one name.</summary>
public sealed class ChangingVaultTests
{
    private readonly JobRig _rig = new();

    [Theory]
    [InlineData("omitted", "foreign", "refuse not-ours shop/web")]
    [InlineData("omitted", "same", "unchanged source-unchanged shop/web")]
    [InlineData("renewed", "foreign", "refuse not-ours shop/web")]
    [InlineData("renewed", "another-namespace", "refuse another-namespace shop/web")]
    [InlineData("renewed", "newer", "refuse older-than-vault shop/web")]
    [InlineData("renewed", "disabled", "keep disabled-in-vault shop/web")]
    [InlineData("touched", "foreign", "refuse not-ours shop/web")]
    [InlineData("deleted", "same", "recover soft-deleted shop/web", "recover web")]
    [InlineData("deleted, renewed", "same", "recover soft-deleted shop/web", "recover web", "import web")]
    [InlineData("deleted, renewed", "disabled", "keep disabled-in-vault shop/web", "recover web")]
    [InlineData("deleted, renewed", "foreign", "refuse not-ours shop/web", "recover web")]
    [InlineData("deleted, renewed", "another-namespace", "refuse another-namespace shop/web", "recover web")]
    [InlineData("deleted, renewed", "newer", "refuse older-than-vault shop/web", "recover web")]
    public async Task The_decision_is_made_again_with_what_the_vault_has_before_a_write(string before, string since, string expected, params string[] writes)
    {
        await _rig.SyncAsync("shop/web");
        if (before is not ("omitted" or "deleted"))
        {
            _rig.Secrets.Put("shop/web", before == "touched" ? null : Pki.Renewed);
        }

        _rig.Vault.IsListed = before != "omitted";
        _rig.Vault.Change("web", certificate => certificate with { IsDeleted = before.StartsWith("deleted", StringComparison.Ordinal) });
        _rig.Vault.OnRecover = Changed;
        _rig.Secrets.OnRead = _ => _rig.Vault.Change("web", certificate => certificate.IsDeleted ? certificate : Changed(certificate));
        Assert.Equal(expected, Assert.Single((await _rig.RunAsync()).Lines));
        Assert.Equal(writes, _rig.Vault.Writes);

        VaultCertificate Changed(VaultCertificate certificate) => since switch
        {
            "disabled" => certificate with { Enabled = false },
            "foreign" => certificate with { Tags = certificate.Tags.Clear() },
            "another-namespace" => certificate with { Tags = certificate.Tags.SetItem("source", "team/web") },
            "newer" => certificate with { Thumbprint = "ee", NotBefore = Pki.Start.AddDays(9) },
            _ => certificate,
        };
    }

    [Theory]
    [InlineData("foreign", "refuse not-ours shop/web")]
    [InlineData("ours", "recover soft-deleted shop/web")]
    [InlineData("invisible", "refuse soft-deleted shop/web")]
    public async Task A_name_that_an_import_finds_soft_deleted_is_recovered_only_when_it_is_known_whose_it_is(string what, string expected)
    {
        _rig.Secrets.Put("shop/web");
        if (what == "ours")
        {
            await _rig.SyncedAsync();
        }
        else
        {
            _rig.Vault.Seed("web", Pki.Leaf);
        }

        _rig.Vault.SoftDelete("web");
        _rig.Vault.CannotSeeDeleted = true;
        _rig.Vault.OnImport = (_, _) =>
        {
            _rig.Vault.CannotSeeDeleted = what == "invisible";
            return Task.CompletedTask;
        };

        Assert.Equal(expected, Assert.Single((await _rig.RunAsync()).Lines));
        Assert.DoesNotContain(_rig.Vault.Writes, static write => write.StartsWith("import", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(VaultFault.BeingDeleted, 2, "create not-in-vault shop/web")]
    [InlineData(VaultFault.Conflict, 2, "create not-in-vault shop/web")]
    [InlineData(VaultFault.BeingDeleted, int.MaxValue, "fail soft-deleted shop/web")]
    public async Task A_deletion_in_progress_is_waited_for_within_bounds_before_a_certificate_is_created(VaultFault fault, int times, string expected)
    {
        _rig.Secrets.Put("shop/web");
        _rig.Vault.OnFind = _ =>
        {
            if (times-- > 0)
            {
                throw new VaultException(fault, "it is being deleted");
            }
        };

        var run = _rig.RunAsync();
        while (!run.IsCompleted)
        {
            _rig.Clock.Advance(TimeSpan.FromSeconds(2));
            await Task.WhenAny(run, Task.Delay(5));
        }

        Assert.Equal(expected, Assert.Single((await run).Lines));
    }

    [Fact]
    public async Task No_Secret_is_read_for_a_soft_deleted_certificate_of_someone_else()
    {
        _rig.Secrets.Put("shop/web");
        _rig.Vault.Seed("web", Pki.Leaf);
        _rig.Vault.SoftDelete("web");
        await _rig.ExpectUnchangedAsync(ExitCode.Refused, "refuse not-ours shop/web");
        Assert.Empty(_rig.Secrets.Reads);
    }

    [Fact]
    public async Task Taking_over_stops_the_vaults_own_renewal()
    {
        _rig.Secrets.Put("shop/web");
        _rig.Vault.SeedOfOtherTool("web", "shop");
        await _rig.ExpectUnchangedAsync(ExitCode.Refused, "refuse not-ours shop/web");
        _rig.Policy = Make.Policy with { Adopt = true };

        // A run that fails in between, or is killed, leaves it to the next one.
        _rig.Vault.OnStopRenewal = static () => throw new VaultException(VaultFault.Unavailable, "it is down");
        await _rig.ExpectAsync(ExitCode.Failed, "fail vault-unavailable shop/web");
        _rig.Vault.OnStopRenewal = static () => { };
        await _rig.ExpectAsync(ExitCode.Done, "update-tags source-moved shop/web");
        Assert.Equal(["policy web", "tags web"], _rig.Vault.Writes);
    }
}
