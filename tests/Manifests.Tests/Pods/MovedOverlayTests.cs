namespace ClusterTrust.Manifests.Tests.Pods;

/// <summary>
/// Every overlay and component, moved by another overlay to another namespace and under another prefix: references to an object
/// are updated. <c>secrets</c> and its stores are in several namespaces of their own, which kustomize's <c>namespace</c> cannot move.
/// </summary>
public sealed class MovedOverlayTests
{
    private const string Space = "platform-trust";
    private const string Prefix = "acme-";

    public static TheoryData<string> Names =>
    [
        .. Workspace.Names.Where(static name => name.StartsWith("overlays/", StringComparison.Ordinal) ? name != "overlays/secrets"
            : name.StartsWith("components/oidc/", StringComparison.Ordinal) || name.StartsWith("components/certsync/", StringComparison.Ordinal) || name.StartsWith("components/jobs/", StringComparison.Ordinal)),
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_reference_follows(string name)
    {
        var rendered = Render(name);
        Assert.Empty(ManifestRules.References.SelectMany(rule => rule.Faults(rendered)));
        Assert.All(rendered.Objects.Where(static one => one["metadata"]!["namespace"] is not null), static one => Assert.Equal(Space, one.Text("metadata", "namespace")));

        // No value refers to the original namespace or prefix, except labels, image names and alert names.
        foreach (var text in rendered.Objects.SelectMany(Texts))
        {
            Assert.DoesNotContain("namespace=\"clustertrust\"", text.Replace("\\\"", "\"", StringComparison.Ordinal), StringComparison.Ordinal);
            Assert.DoesNotContain("-n clustertrust", text, StringComparison.Ordinal);
            Assert.False(text.StartsWith("clustertrust/", StringComparison.Ordinal), text);
        }
    }

    [Fact]
    public void The_account_whose_token_proves_the_issuer_is_the_pods_own()
    {
        var rendered = Render("components/oidc/fresh-verify-token");
        var role = rendered.OfKind("Role").Single(static one => one["rules"]![0].Texts("resources").Contains("serviceaccounts/token"));
        Assert.Equal([rendered.OfJob("ServiceAccount", "oidc").Text("metadata", "name")!], role["rules"]![0].Texts("resourceNames"));
    }

    private static Rendered Render(string name)
    {
        using var workspace = new Workspace { Move = (Space, Prefix) };
        return workspace.BuildAny(name);
    }

    private static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        JsonObject parent => parent.SelectMany(static entry => Texts(entry.Value)),
        JsonArray items => items.SelectMany(Texts),
        _ => node.Text() is { } text ? [text] : [],
    };
}
