namespace ClusterTrust.Manifests.Tests.Pods;

/// <summary>
/// Every overlay and component, moved by another overlay to another namespace and under another prefix: references to an object
/// are updated. <c>secrets</c> and its stores are in several namespaces of their own, which kustomize's <c>namespace</c> cannot move.
/// </summary>
public sealed class MovedOverlayTests
{
    /// <summary>By the names of overlays and components, each with the namespace that it is moved to.</summary>
    private static readonly Lazy<IReadOnlyDictionary<string, (Rendered Rendered, string Namespace)>> Moved = new(static () => Workspace.RenderMoved(Movable, "platform", "acme-"));

    public static TheoryData<string> Names => [.. Movable];

    private static IEnumerable<string> Movable => Workspace.Names.Where(static name => Regex.IsMatch(name, "^(overlays/(?!secrets$)|components/(oidc|certsync|jobs)/)"));

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_reference_follows(string name)
    {
        var (rendered, space) = Moved.Value[name];
        Assert.Empty(ManifestRules.References.SelectMany(rule => rule.Faults(rendered)));
        Assert.All(rendered.Objects.Where(static one => one["metadata"]!["namespace"] is not null), one => Assert.Equal(space, one.Text("metadata", "namespace")));

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
        var rendered = Moved.Value["components/oidc/fresh-verify-token"].Rendered;
        var role = rendered.OfKind("Role").Single(static one => one["rules"]![0].Texts("resources").Contains("serviceaccounts/token"));
        Assert.Equal([rendered.OfJob("ServiceAccount", "oidc").Text("metadata", "name")!], role["rules"]![0].Texts("resourceNames"));
    }

    private static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        JsonObject parent => parent.SelectMany(static entry => Texts(entry.Value)),
        JsonArray items => items.SelectMany(Texts),
        _ => node.Text() is { } text ? [text] : [],
    };
}
