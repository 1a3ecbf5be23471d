namespace ClusterTrust.CertSync.Tests.Job;

/// <summary>What becomes of one name: what its Secrets hold, and whose it is.</summary>
public sealed class ReconcileTests
{
    private static readonly Issued Temporary = Pki.Issue("leaf.example.com", Pki.Rsa("leaf"), Pki.Authority("cert-manager.local", Pki.Rsa("temporary"), null));

    // Shorter in DER than Key Vault accepts, and longer as PFX.
    private static readonly Issued Long = Pki.Issue("leaf.example.com", Pki.Rsa("leaf"), Pki.Intermediate, names: [.. Enumerable.Range(1000, 790).Select(static number => $"host{number}.example.com")]);

    private static readonly Dictionary<string, (Action<JobRig> Arrange, string Line, string Sentence)> Inspected = new()
    {
        ["pending"] = (static rig => rig.Secrets.Put("shop/web", chain: ""), "skip issuance-pending", "tls.crt is missing or empty"),
        ["temporary"] = (static rig => rig.Secrets.Put("shop/web", Temporary, chain: Temporary.Pem), "skip temporary-certificate", "temporary certificate"),
        ["temporary, strict"] = (static rig => Strict(rig).Put("shop/web", Temporary, chain: Temporary.Pem), "skip temporary-certificate", "temporary certificate"),
        ["gone"] = (static rig => OnRead(rig, () => rig.Secrets.Remove("shop/web")), "skip secret-gone", "deleted after it was listed"),
        ["forbidden"] = (static rig => OnRead(rig, static () => throw new KubernetesException("it is forbidden")), "fail secret-unreadable", "it is forbidden"),
        ["no token"] = (static rig => OnRead(rig, static () => throw new JobException("The token file is empty.", ExitCode.Usage)), "fail secret-unreadable", "The token file is empty."),
        ["expired"] = (static rig => OnRead(rig, () => rig.Clock.SetUtcNow(Pki.End.AddSeconds(1))), "refuse invalid-certificate", "The certificate expired"),
        ["mismatch"] = (static rig => rig.Secrets.Put("shop/web", Pki.Root, chain: Pki.Leaf.Pem), "refuse invalid-certificate", "tls.key matches none"),
        ["gap, strict"] = (static rig => Strict(rig).Put("shop/web", chain: Pki.Leaf.Pem), "refuse invalid-certificate", "The chain ends at CN=leaf.example.com"),
        ["too long"] = (static rig => rig.Secrets.Put("shop/web", Long, chain: Long.Pem), "refuse invalid-certificate", "The certificate with its chain has 2"),
        ["gap"] = (static rig => rig.Secrets.Put("shop/web", chain: Pki.Leaf.Pem), "create not-in-vault", "The chain ends at CN=leaf.example.com"),
        ["early"] = (static rig => rig.Secrets.Put("shop/web", Pki.Issue("leaf.example.com", Pki.Rsa("leaf"), Pki.Intermediate, start: Pki.Start.AddDays(60))), "create not-in-vault", "is not valid before"),
    };

    private static readonly Dictionary<string, Action<FakeSecrets>> Changed = new()
    {
        ["invalid"] = static secrets => secrets.Put("shop/a", Pki.Root, certificate: "web", chain: Pki.Leaf.Pem),
        ["renewed"] = static secrets => secrets.Put("shop/a", Pki.Leaf, certificate: "web"),
        ["gone"] = static secrets => secrets.Remove("shop/a"),
        ["unreadable"] = static _ => throw new KubernetesException("status 500"),
    };

    private readonly JobRig _rig = new();

    [Fact]
    public Task A_Secret_is_imported_with_warnings_or_reported_with_the_reason_why_it_is_not() => Assert.AllAsync(Inspected, static async row =>
    {
        foreach (var command in new[] { "plan", "sync" })
        {
            var rig = new JobRig();
            row.Value.Arrange(rig);
            var run = await rig.RunAsync(command);
            Assert.Equal($"{row.Value.Line} shop/web", Assert.Single(run.Lines));
            Assert.Contains(row.Value.Sentence, run.Output, StringComparison.Ordinal);
        }
    });

    [Fact]
    public async Task A_second_namespace_does_not_take_over_a_name()
    {
        await _rig.SyncAsync("shop/web");
        _rig.Secrets.Put("evil/shop-tls", Pki.Renewed, certificate: "web");
        await _rig.ExpectUnchangedAsync(ExitCode.Refused, "refuse another-namespace evil/shop-tls", "unchanged same-certificate shop/web");
        _rig.Secrets.Remove("shop/web");
        await _rig.ExpectUnchangedAsync(ExitCode.Refused, "refuse another-namespace evil/shop-tls", "keep source-gone shop/web");
    }

    /// <summary>By what stands in the file: the beginning of a PEM key, or the object identifier of pbeWithSHAAnd3-KeyTripleDES-CBC or of PBES2.</summary>
    [Theory]
    [InlineData(CertificateFormat.Pem, PfxEncryption.TripleDesSha1, "424547494E2050524956415445204B4559")]
    [InlineData(CertificateFormat.Pfx, PfxEncryption.TripleDesSha1, "2A864886F70D010C0103"), InlineData(CertificateFormat.Pfx, PfxEncryption.Aes256Sha256, "2A864886F70D01050D")]
    public async Task A_certificate_is_imported_in_the_configured_format_and_encryption(CertificateFormat format, PfxEncryption encryption, string content)
    {
        _rig.Options = _rig.Options with { Format = format, Encryption = encryption };
        await _rig.SyncAsync("shop/web");
        Assert.Contains(content, Convert.ToHexString(_rig.Vault.Imported), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ambiguous_namespaces_and_names_get_a_certificate_each()
    {
        _rig.Options = _rig.Options with { Names = new VaultNames("{namespace}-{name}", Make.Cluster) };
        _rig.Secrets.Put("team/x", certificate: "a-web");
        _rig.Secrets.Put("team-a/y", Pki.Renewed, certificate: "web");
        await _rig.SyncedAsync();
        Assert.Equal((Pki.Leaf.Thumbprint, Pki.Renewed.Thumbprint), (_rig.Vault["team-a-web"].Thumbprint, _rig.Vault["team--a-web"].Thumbprint));
    }

    [Fact]
    public async Task An_unexpected_fault_in_another_namespaces_Secret_does_not_block_the_name()
    {
        await _rig.SyncAsync("shop/web");
        _rig.Secrets.Put("shop/web", Pki.Renewed);
        foreach (var source in new[] { "evil/x", "zebra/x" })
        {
            _rig.Secrets.Put(source, certificate: "web");
            _rig.Secrets.Faults[source] = new InvalidCastException();
        }

        await _rig.ExpectAsync(ExitCode.Failed, "fail unexpected evil/x", "renew newer-in-cluster shop/web", "fail unexpected zebra/x");
        Assert.Equal(Pki.Renewed.Thumbprint, _rig.Vault["web"].Thumbprint);
    }

    [Fact]
    public Task A_Secret_that_was_replaced_by_one_for_another_certificate_is_not_imported()
    {
        OnRead(_rig, () => _rig.Secrets.Put("shop/web", Pki.Renewed, certificate: "api"));
        return _rig.ExpectUnchangedAsync(ExitCode.Failed, "fail secret-unreadable shop/web");
    }

    [Fact]
    public async Task Another_namespaces_many_Secrets_are_not_read_before_a_name_is_renewed()
    {
        await _rig.SyncAsync("shop/web");
        _rig.Secrets.Put("shop/web", Pki.Renewed);
        var evil = _rig.Secrets.PutMany("evil", 9, certificate: "web");
        await _rig.ExpectAsync(ExitCode.Refused, $"refuse conflicting-sources {evil}", "renew newer-in-cluster shop/web");
        Assert.Equal(["shop/web"], _rig.Secrets.Reads);
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public async Task What_belongs_to_a_namespace_with_too_many_requests_goes_to_no_other(bool isGranted)
    {
        _rig.Policy = isGranted ? Make.Granting("a=web") : Make.Policy with { Adopt = true };
        if (!isGranted)
        {
            _rig.Vault.SeedOfOtherTool("web", "a");
        }

        var many = _rig.Secrets.PutMany("a", 9, certificate: "web");
        _rig.Secrets.Put("b/x", Pki.Renewed, certificate: "web");
        await _rig.ExpectUnchangedAsync(ExitCode.Refused, $"refuse conflicting-sources {many}", "refuse conflicting-sources b/x");
    }

    [Fact]
    public async Task A_certificate_is_not_imported_in_place_of_another_that_wins_once_the_owner_is_known()
    {
        await _rig.SyncAsync("a/web");
        _rig.Vault.IsListed = false;
        _rig.Policy = Make.Granting("g=web");
        _rig.Secrets.Put("g/web", Pki.Renewed);
        _rig.Secrets.Put("a/web", Pki.Issue("leaf.example.com", Pki.Rsa("leaf"), Pki.Intermediate, start: Pki.Start.AddDays(2), end: Pki.End.AddDays(2)));
        await _rig.ExpectUnchangedAsync(ExitCode.Refused, "refuse changed-in-vault a/web,g/web", "skip superseded g/web");
    }

    [Fact]
    public async Task Only_the_certificate_that_is_imported_is_read_again_where_several_Secrets_ask_for_a_name()
    {
        PutTwo(_rig);
        await _rig.ExpectAsync(ExitCode.Done, "create not-in-vault shop/a,shop/b", "skip superseded shop/b");
        Assert.Equal(Pki.Renewed.Thumbprint, _rig.Vault["web"].Thumbprint);
        Assert.Equal(["shop/a", "shop/b", "shop/a"], _rig.Secrets.Reads);
    }

    [Fact]
    public Task A_Secret_that_changes_before_its_certificate_is_imported_fails_alone() => Assert.AllAsync(Changed, static row =>
    {
        var rig = new JobRig();
        PutTwo(rig);
        rig.Secrets.OnRead = _ => (rig.Secrets.Reads.Count == 3 ? row.Value : static _ => { })(rig.Secrets);
        return rig.ExpectUnchangedAsync(ExitCode.Failed, "fail secret-unreadable shop/a,shop/b", "skip superseded shop/b");
    });

    [Fact]
    public async Task An_invalid_certificate_is_reported_on_the_Secret_that_was_read()
    {
        var listed = _rig.Secrets.Put("shop/web");
        var present = _rig.Secrets.Put("shop/web", Pki.Root, chain: Pki.Leaf.Pem);
        var reconciler = new CertificateReconciler(_rig.Options, new SyncPlanner(_rig.Policy), _rig.Secrets, _rig.Clock);
        var action = Assert.Single(await reconciler.ReconcileAsync(new WorkItem(Make.Target(listed), null, _rig.Vault), apply: true, default));
        Assert.Equal((ActionKind.Refuse, Reason.InvalidCertificate), (action.Kind, action.Reason));
        Assert.Equal(present.ResourceVersion, Assert.Single(action.Sources).ResourceVersion);
    }

    /// <summary>Puts two Secrets for one name, the newer one first.</summary>
    private static void PutTwo(JobRig rig)
    {
        rig.Secrets.Put("shop/a", Pki.Renewed, certificate: "web");
        rig.Secrets.Put("shop/b", certificate: "web");
    }

    private static FakeSecrets Strict(JobRig rig)
    {
        rig.Options = rig.Options with { Bundle = new BundleOptions(StrictChain: true) };
        return rig.Secrets;
    }

    private static void OnRead(JobRig rig, Action act)
    {
        rig.Secrets.Put("shop/web");
        rig.Secrets.OnRead = _ => act();
    }
}
