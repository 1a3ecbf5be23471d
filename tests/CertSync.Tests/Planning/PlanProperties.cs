namespace ClusterTrust.CertSync.Tests.Planning;

/// <summary>Properties of the plan for every cluster and every vault.</summary>
public sealed class PlanProperties
{
    private sealed record World(ImmutableArray<(TlsSecretRef Secret, CertificateFacts Facts, Reason? Fault)> Secrets, ImmutableArray<VaultCertificate> Vault);

    private static readonly Gen<CertificateFacts> Facts =
        from thumbprint in Make.Any("aa", "bb", "cc")
        from chain in Make.Any("c1", "c2")
        from names in Make.Any("web.example.com", "api.example.com")
        select Make.Facts(thumbprint, thumbprint[0] - 'a', names: names, chain: chain);

    private static readonly Gen<(TlsSecretRef, CertificateFacts, Reason?)> Secrets =
        from source in Make.Any("a/one", "a/two", "b/one", "b/two", "c/one")
        from certificate in Make.Any("web", "api", "we.b", "shop")
        from version in Make.Any("1", "2")
        from name in Make.Any<string?>(null, null, "web", "WEB", "granted-x")
        from vault in Make.Any(null, null, null, null, "", " ", ",", "nowhere", "main,,MAIN", "nowhere, main")
        from facts in Facts
        from fault in Make.Any<Reason?>(null, null, null, null, null, Reason.SecretUnreadable, Reason.IssuancePending, Reason.InvalidCertificate)
        select (Make.Secret(source, certificate, version, name: name, vault: vault), facts, fault);

    private static readonly Gen<VaultCertificate> Certificates =
        from name in Make.Any("web", "api", "we-b", "shop", "granted-x", "old")
        from source in Make.Any("a/one", "b/two", "z/gone")
        from version in Make.Any("1", "2")
        from owner in Make.Any("us", "us", "us", "green", "nobody")
        from enabled in Gen.Frequency((5, Gen.Const(true)), (1, Gen.Const(false)))
        from deleted in Gen.Frequency((5, Gen.Const(false)), (1, Gen.Const(true)))
        from facts in Facts
        select Certificate(name, source, version, owner, facts) with { Enabled = enabled, IsDeleted = deleted };

    private static readonly Gen<World> Worlds =
        from secrets in Secrets.Array[0, 6]
        from vault in Certificates.Array[0, 6]
        select new World(
            [.. secrets.DistinctBy(secret => secret.Item1.Source)], [.. vault.DistinctBy(certificate => certificate.Key)]);

    private static readonly Gen<SyncPolicy> Policies =
        from adopt in Gen.Bool
        from allowOlder in Gen.Bool
        from prune in Make.Any(PruneMode.Keep, PruneMode.Disable, PruneMode.Delete)
        select Make.Granting("*=granted-") with { Adopt = adopt, AllowOlder = allowOlder, Prune = prune, PruneLimit = 3 };

    [Fact]
    public void Without_adopt_nothing_is_ever_written_over_a_foreign_certificate() => ForAll((world, policy) =>
        Assert.All(Plan(world, policy with { Adopt = false }).Where(action => action.Writes && action.Current is not null),
            action => Assert.Equal(Owner.Us, Ownership.OwnerOf(action.Current!, Make.Cluster))));

    [Fact]
    public void A_name_that_a_namespace_used_gets_no_other_namespaces_certificate_without_a_grant() => ForAll((world, policy) =>
        Assert.All(Plan(world, policy).Where(action => action.Imports && action.Current is not null && Ownership.OwnerOf(action.Current, Make.Cluster) == Owner.Us),
            action => Assert.True(action.Winner!.Namespace == Ownership.NamespaceOf(action.Current!) || action.Name.StartsWith("granted-", StringComparison.Ordinal), Line(action))));

    [Fact]
    public void Validity_does_not_decide_which_namespace_gets_a_new_name() => ForAll((world, policy) =>
    {
        var facts = world.Secrets.ToDictionary(secret => secret.Secret, secret => secret.Facts);
        Assert.All(
            Plan(world, policy).Where(action => action is { Kind: ActionKind.Create, Name: not "granted-x" }),
            action => Assert.All(
                action.Sources.Where(secret => secret.Namespace != action.Winner!.Namespace),
                secret => Assert.Equal(facts[action.Winner!].Thumbprint, facts[secret].Thumbprint)));
    });

    [Fact]
    public void After_a_plan_is_applied_the_next_one_only_prunes() => ForAll((world, policy) =>
    {
        var first = Plan(world, policy);
        var second = Plan(Apply(world, first), policy);
        var touched = first.Where(action => action.Imports || action.Kind == ActionKind.UpdateTags).Select(action => action.Key).ToHashSet();

        Assert.DoesNotContain(second, action => action.Imports || action.Kind == ActionKind.UpdateTags);
        Assert.All(second.Where(action => touched.Contains(action.Key)),
            action => Assert.True(action.Kind is ActionKind.Unchanged or ActionKind.Skip
                || action.Reason is Reason.AnotherNamespace or Reason.SecretUnreadable or Reason.InvalidCertificate, Line(action)));
    });

    [Fact]
    public void Every_Secret_has_a_line_every_line_a_sentence_and_a_name_is_written_at_most_once() => ForAll((world, policy) =>
    {
        var plan = Plan(world, policy);
        Assert.All(plan, action => Assert.NotEmpty(action.Sentence));
        Assert.Empty(world.Secrets.Select(secret => secret.Secret).Except(plan.SelectMany(action => action.Sources)));
        var written = plan.Where(action => action.Writes).Select(action => action.Key).ToArray();
        Assert.Equal(written.Distinct().Count(), written.Length);
    });

    private static void ForAll(Action<World, SyncPolicy> holds) => Gen.Select(Worlds, Policies).Sample(holds);

    private static ImmutableArray<SyncAction> Plan(World world, SyncPolicy policy)
    {
        var planner = new SyncPlanner(policy);
        var refs = world.Secrets.Select(secret => secret.Secret).ToArray();
        var facts = world.Secrets.ToDictionary(secret => secret.Secret.Source, secret => secret.Facts);
        var faults = world.Secrets.ToDictionary(secret => secret.Secret.Source, secret => secret.Fault);
        var vault = world.Vault.ToDictionary(certificate => certificate.Key);
        var targets = Make.Resolver(grants: ["*=granted-"]).Resolve(refs);
        var results = targets.Unresolved.Concat(targets.Targets.SelectMany(target => planner.Resolve(target, vault.GetValueOrDefault(target.Key),
            [.. target.Sources.Select(secret => faults[secret.Source] is { } fault ? Inspection.Without(secret, fault, "why") : new Inspection(secret, facts[secret.Source]))]))).ToImmutableArray();
        return [.. results, .. new PrunePlanner(policy, _ => true).Decide(world.Vault, targets.Targets, results, refs, isComplete: true)];
    }

    private static World Apply(World world, ImmutableArray<SyncAction> plan)
    {
        var facts = world.Secrets.ToDictionary(secret => secret.Secret.Source, secret => secret.Facts);
        var vault = world.Vault.ToDictionary(certificate => certificate.Key);
        foreach (var action in plan.Where(action => action.Writes))
        {
            vault[action.Key] = action switch
            {
                { Imports: true } => new VaultCertificate(action.Vault, action.Name, facts[action.Winner!.Source].Thumbprint)
                {
                    Tags = action.Tags,
                    NotBefore = facts[action.Winner.Source].NotBefore,
                    NotAfter = facts[action.Winner.Source].NotAfter,
                },
                { Kind: ActionKind.UpdateTags } => action.Current! with { Tags = action.Tags, Enabled = true },
                { Kind: ActionKind.Disable } => action.Current! with { Tags = action.Current.Tags.SetItem("pruned", "true"), Enabled = false },
                _ => action.Current! with { IsDeleted = true },
            };
        }

        return world with { Vault = [.. vault.Values] };
    }

    private static VaultCertificate Certificate(string name, string source, string version, string owner, CertificateFacts facts)
    {
        var ours = Make.Ours(new SyncTarget("main", name, name, [Make.Secret(source, version: version)]), facts);
        return owner switch
        {
            "us" => ours,
            "nobody" => ours with { Tags = ImmutableDictionary<string, string>.Empty },
            _ => ours with { Tags = ours.Tags.SetItem("cluster", owner) },
        };
    }

    private static string Line(SyncAction action) =>
        $"{action.Kind} {action.Reason} {action.Key} {string.Join(',', action.Sources)} {action.Sentence}";
}
