namespace ClusterTrust.Manifests.Tests.Pods;

/// <summary>
/// The rendered rights are what the jobs need, and each verb of them is needed. Moved to another namespace and under a prefix by another
/// overlay, as in <see cref="MovedOverlayTests"/>; the other tests here run with the rights where the manifests have them.
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
        await Installation.GrantNamespaceAsync("shop");
        Assert.Null(await FaultOfAsync(rendered, "certsync"));
        Assert.Equal("web", Assert.Single(Cluster.Vault.Certificates).Name);
        Assert.Contains("other", await FaultOfAsync(Apply("shop,other"), "certsync"), StringComparison.Ordinal);

        // The deploy key is in the namespace of the jobs.
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
        Assert.False(HasEvent("shop", "Secret", "web-tls"));
        Cluster.Certificates.Issue(new CertificateSpec("shop", "api") { Ec = true });
        Assert.Null(await FaultOfAsync(Installation.CertSyncWith("certsync/events"), "certsync"));
        Assert.True(HasEvent("shop", "Secret", "api-tls"));
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
                    // The API server does not accept a rule without verbs.
                    rules.Remove(rule);
                }

                yield return ($"{verb} on {string.Join(',', rule.Texts("resources"))}", rendered with { Objects = objects });
            }
        }
    }

    /// <summary>Two runs, of which the first creates the Lease and the second acquires it, each with a new certificate to import, and an Event.</summary>
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

    /// <summary>What is wrong with a run, or with the Event on its Job.</summary>
    private async Task<string?> FaultOfAsync(Rendered rendered, string job)
    {
        foreach (var recorded in Cluster.ApiServer.State.Events)
        {
            Cluster.ApiServer.State.Delete(ResourceType.Events, recorded.Namespace, recorded.Name);
        }

        var output = await Installation.RunAsync(rendered, job);

        // A Lease that could not be released blocks the next run.
        return output.ExitCode != 0 || output.ToString().Contains("holds the lease", StringComparison.Ordinal)
            ? output.ToString()
            : HasEvent(Installation.Namespace, "Job", $"{job}-now") ? null : "The Job has no Event.";
    }

    private bool HasEvent(string ns, string kind, string name) => Cluster.ApiServer.State.Events.Any(recorded =>
        recorded.Namespace == ns && recorded.Body["regarding"].Text("kind") == kind && recorded.Body["regarding"].Text("name") == name
        && recorded.Body["regarding"].Text("uid") is { Length: > 0 });
}
