using ClusterTrust.Manifests.Tests.Rendering;
using ClusterTrust.Manifests.Tests.Rules;

namespace ClusterTrust.Manifests.Tests;

/// <summary>Every overlay, and every component alone on top of what it extends, held against the rules.</summary>
public sealed class ManifestTests
{
    public static TheoryData<string> All => [.. Workspace.Names];

    [Theory]
    [MemberData(nameof(All))]
    public void Fits_the_schemas(string name) => Assert.Empty(SchemaRules.Faults(Workspace.Render(name)));

    [Theory]
    [MemberData(nameof(All))]
    public void Passes_restricted_pod_security(string name) => Assert.Empty(PodSecurityRules.Faults(Workspace.Render(name)));

    [Theory]
    [MemberData(nameof(All))]
    public void Has_names_labels_and_versions_and_no_secrets(string name)
    {
        var rendered = Workspace.Render(name);
        Assert.NotEmpty(rendered.Objects);
        Assert.Empty(ConventionRules.LabelFaults(rendered));
        Assert.Empty(ConventionRules.ImageFaults(rendered));
        Assert.Empty(ConventionRules.SecretFaults(rendered));
        Assert.Empty(ConventionRules.KnownFaults(rendered));
        Assert.Empty(ConventionRules.OperatorFaults(rendered));
        Assert.Empty(ConventionRules.CronJobFaults(rendered));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Sets_only_what_the_jobs_know(string name) => Assert.Empty(SettingRules.Faults(Workspace.Render(name)));

    [Fact]
    public void Every_overlay_has_a_readme_of_one_screen()
    {
        var overlays = Directory.GetDirectories(Path.Combine(Workspace.Root, "kustomize", "overlays"));
        Assert.Equal(
            ["aks", "csi", "github-app", "multi-cluster", "push", "sandbox", "secrets", "self-managed"],
            overlays.Select(static path => Path.GetFileName(path)!).Order(StringComparer.Ordinal));
        foreach (var overlay in overlays)
        {
            var readme = File.ReadAllLines(Path.Combine(overlay, "README.md"));
            Assert.InRange(readme.Length, 10, 40);
            foreach (var heading in new[] { "## Fill in", "## Apply", "## See that it worked", "## Undo" })
            {
                Assert.Contains(heading, readme);
            }
        }
    }

    [Fact]
    public void Every_component_stands_in_the_page_about_overlays()
    {
        var page = File.ReadAllText(Path.Combine(Workspace.Root, "docs", "overlays.md"));
        Assert.All(
            Workspace.Names.Where(static name => name.StartsWith("components/", StringComparison.Ordinal)),
            name => Assert.Contains($"`{name["components/".Length..]}`", page, StringComparison.Ordinal));
    }
}
