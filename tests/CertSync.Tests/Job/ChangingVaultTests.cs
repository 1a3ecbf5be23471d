namespace ClusterTrust.CertSync.Tests.Job;

/// <summary>What the vault may do between two requests about one name.</summary>
public sealed class ChangingVaultTests
{
    private readonly JobRig rig = new();

    [Theory]
    [InlineData(false, "refuse not-ours shop/web")]
    [InlineData(true, "unchanged source-unchanged shop/web")]
    public async Task A_certificate_that_the_listing_omits_is_not_overwritten(bool isOurs, string expected)
    {
        await SyncAsync("shop/web");
        rig.Vault.IsListed = false;
        rig.Vault.Change("web", certificate => isOurs ? certificate : certificate with { Tags = certificate.Tags.Clear() });
        Assert.Equal(expected, Assert.Single((await rig.RunAsync()).Lines));
        Assert.Empty(rig.Vault.Writes);
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
        await SyncAsync("shop/web");
        rig.Vault.Change("web", static certificate => certificate with { IsDeleted = true });
        if (what != "same")
        {
            rig.Secrets.Put("shop/web", Pki.Renewed);
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

    [Theory]
    [InlineData(VaultFault.BeingDeleted, 2, "create not-in-vault shop/web")]
    [InlineData(VaultFault.Conflict, 2, "create not-in-vault shop/web")]
    [InlineData(VaultFault.BeingDeleted, int.MaxValue, "fail soft-deleted shop/web")]
    public async Task A_deletion_in_progress_is_waited_for_within_bounds_before_a_certificate_is_created(VaultFault fault, int times, string expected)
    {
        rig.Secrets.Put("shop/web");
        rig.Vault.OnFind = _ =>
        {
            if (times-- > 0)
            {
                throw new VaultException(fault, "it is being deleted");
            }
        };

        var run = rig.RunAsync();
        while (!run.IsCompleted)
        {
            rig.Clock.Advance(TimeSpan.FromSeconds(2));
            await Task.WhenAny(run, Task.Delay(5));
        }

        Assert.Equal(expected, Assert.Single((await run).Lines));
    }

    [Fact]
    public async Task No_Secret_is_read_for_a_soft_deleted_certificate_of_someone_else()
    {
        rig.Secrets.Put("shop/web");
        rig.Vault.Seed("web", Pki.Leaf);
        rig.Vault.Change("web", static certificate => certificate with { IsDeleted = true });
        await rig.ExpectAsync(ExitCode.Refused, "refuse not-ours shop/web");
        Assert.Empty(rig.Secrets.Reads);
    }

    [Fact]
    public async Task Taking_over_stops_the_vaults_own_renewal()
    {
        rig.Secrets.Put("shop/web");
        rig.Vault.Seed("web", Pki.Leaf);
        await rig.ExpectAsync(ExitCode.Refused, "refuse not-ours shop/web");
        rig.Policy = Make.Policy with { Adopt = true };
        await rig.ExpectAsync(ExitCode.Done, "update-tags source-moved shop/web");
        Assert.Equal(["tags web", "policy web"], rig.Vault.Writes);
    }

    private async Task SyncAsync(string source)
    {
        rig.Secrets.Put(source);
        await rig.SyncedAsync();
    }
}
