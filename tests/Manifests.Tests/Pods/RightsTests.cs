namespace ClusterTrust.Manifests.Tests.Pods;

/// <summary>
/// The rendered rights are what the jobs need, and each verb of them is needed. Moved to another namespace and under a prefix by an overlay of
/// one's own, as in <see cref="MovedOverlayTests"/>; the other tests here run with the rights where the manifests have them.
/// </summary>
public sealed class RightsTests : InstallationTest
{
    private int _certificates;

    private protected override (string Namespace, string Prefix)? Move => ("platform-trust", "acme-");

    [Fact]
    public async Task Certsync_fails_without_any_one_of_its_rights()
    {
        await Installation.PublishAsync();
        var rendered = Installation.CertSyncWith("certsync/prune");
        Assert.Null(await FaultOfCertSyncAsync(rendered));
        await AssertEachIsNeededAsync(rendered, 6, () => FaultOfCertSyncAsync(rendered));
        Installation.Grant(rendered);
        Assert.Null(await FaultOfCertSyncAsync(rendered));
    }

    [Fact]
    public async Task Oidc_needs_no_right_but_those_of_its_components_and_each_of_them()
    {
        var plain = Installation.OidcWith(["oidc/deploy-key"]);
        Assert.Empty(plain.Rbac);
        await Installation.SucceedAsync(plain, "oidc");
        var rendered = Installation.OidcWith(["oidc/deploy-key", "oidc/several-api-servers", "oidc/fresh-verify-token", "oidc/events"]);
        Assert.Null(await FaultOfAsync(rendered, "oidc"));
        await AssertEachIsNeededAsync(rendered, 3, () => FaultOfAsync(rendered, "oidc"));
    }

    [Fact]
    public async Task A_namespace_lets_certsync_in_by_a_RoleBinding_and_no_other_is_read()
    {
        await Installation.PublishAsync();
        var rendered = Apply("shop");
        Assert.Empty(rendered.OfKind("ClusterRoleBinding"));
        Cluster.Certificates.Issue(new CertificateSpec("shop", "web") { Ec = true });
        Cluster.Certificates.Issue(new CertificateSpec("other", "not-ours") { Ec = true });
        Assert.Contains("list secrets", await FaultOfAsync(rendered, "certsync"), StringComparison.Ordinal);
        await Installation.AdmitAsync("shop");
        Assert.Null(await FaultOfAsync(rendered, "certsync"));
        Assert.Equal("web", Assert.Single(Cluster.Vault.Certificates).Name);
        Assert.Contains("other", await FaultOfAsync(Apply("shop,other"), "certsync"), StringComparison.Ordinal);

        // The deploy key lies beside the jobs.
        Assert.All(
            Cluster.ApiServer.State.List(ResourceType.RoleBindings).Where(one => one.Namespace == Installation.Namespace),
            one => Assert.DoesNotContain("-secrets", one.Body["roleRef"].Text("name")!, StringComparison.Ordinal));

        Rendered Apply(string spaces) => Installation.Apply(
            "overlays/self-managed", ("oidc.env", Installation.OidcSettings), ("certsync.env", [.. Installation.CertSyncSettings, $"CERTSYNC_NAMESPACE={spaces}"]));
    }

    [Fact]
    public async Task The_events_component_lets_certsync_tell_on_the_Secrets_in_every_namespace()
    {
        await Installation.PublishAsync();
        Cluster.Certificates.Issue(new CertificateSpec("shop", "web") { Ec = true });
        Assert.Null(await FaultOfAsync(Installation.CertSyncWith("certsync/prune"), "certsync"));
        Assert.False(Told("shop", "Secret", "web-tls"));
        Cluster.Certificates.Issue(new CertificateSpec("shop", "api") { Ec = true });
        Assert.Null(await FaultOfAsync(Installation.CertSyncWith("certsync/events"), "certsync"));
        Assert.True(Told("shop", "Secret", "api-tls"));
    }

    /// <summary>Grants the rights without each one in turn.</summary>
    private async Task AssertEachIsNeededAsync(Rendered rendered, int count, Func<Task<string?>> faultAsync)
    {
        var without = Mutants(rendered).ToArray();
        Assert.Equal(count, without.Length);
        foreach (var (right, mutant) in without)
        {
            Installation.Grant(mutant);
            Assert.True(await faultAsync() is not null, $"Nothing fails without {right}: it is one right too many.");
        }
    }

    /// <summary>The manifests without one verb of one rule, for each.</summary>
    private static IEnumerable<(string Right, Rendered Mutant)> Mutants(Rendered rendered)
    {
        foreach (var (index, role) in rendered.Objects.Index().Where(static one => one.Item.Text("kind") is "Role" or "ClusterRole"))
        {
            foreach (var (at, verb) in role["rules"].Items().SelectMany(static (rule, at) => rule.Texts("verbs").Select(verb => (at, verb))))
            {
                JsonObject[] objects = [.. rendered.Objects.Select(static one => (JsonObject)one.DeepClone())];
                var (rules, rule) = (objects[index]["rules"]!.AsArray(), objects[index]["rules"]![at]!);
                rule["verbs"] = new JsonArray([.. rule.Texts("verbs").Where(other => other != verb).Select(static other => (JsonNode)other)]);
                if (rule.Texts("verbs").Length == 0)
                {
                    // A rule without verbs is none to the API server.
                    rules.Remove(rule);
                }

                yield return ($"{verb} on {string.Join(',', rule.Texts("resources"))}", rendered with { Objects = objects });
            }
        }
    }

    /// <summary>Two runs, of which the first makes the Lease and the second takes it over, each with something new to import, and an Event.</summary>
    private async Task<string?> FaultOfCertSyncAsync(Rendered rendered)
    {
        foreach (var lease in Cluster.ApiServer.State.Leases)
        {
            Cluster.ApiServer.State.Delete(ResourceType.Leases, lease.Namespace, lease.Name);
        }

        for (var run = 0; run < 2; run++)
        {
            Cluster.Certificates.Issue(new CertificateSpec("shop", $"web-{_certificates++}") { Ec = true });
            if (await FaultOfAsync(rendered, "certsync") is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    /// <summary>What is wrong with a run, or with what it tells on its own Job.</summary>
    private async Task<string?> FaultOfAsync(Rendered rendered, string job)
    {
        foreach (var told in Cluster.ApiServer.State.Events)
        {
            Cluster.ApiServer.State.Delete(ResourceType.Events, told.Namespace, told.Name);
        }

        var output = await Installation.RunAsync(rendered, job);

        // A Lease that could not be given back keeps the next run from doing anything.
        return output.ExitCode != 0 || output.ToString().Contains("holds the lease", StringComparison.Ordinal)
            ? output.ToString()
            : Told(Installation.Namespace, "Job", $"{job}-now") ? null : "The Job has no Event.";
    }

    private bool Told(string space, string kind, string name) => Cluster.ApiServer.State.Events.Any(told =>
        told.Namespace == space && told.Body["regarding"].Text("kind") == kind && told.Body["regarding"].Text("name") == name
        && told.Body["regarding"].Text("uid") is { Length: > 0 });
}
