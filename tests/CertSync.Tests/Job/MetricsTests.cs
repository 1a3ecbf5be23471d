namespace ClusterTrust.CertSync.Tests.Job;

public sealed class MetricsTests
{
    private readonly JobRig _rig = new();

    /// <summary>Whatever another namespace's Secrets contain, and whatever happens to the owner's.</summary>
    [Theory]
    [InlineData("another"), InlineData("invalid"), InlineData("unreadable"), InlineData("too many"), InlineData("owner invalid")]
    [InlineData("owner too many")]
    public async Task Only_its_owner_labels_a_certificate_in_the_metrics_and_always_does(string what)
    {
        await _rig.SyncAsync("shop/labelled");
        var ns = what.StartsWith("owner", StringComparison.Ordinal) ? "shop" : "evil";
        foreach (var number in Enumerable.Range(1, what.EndsWith("too many", StringComparison.Ordinal) ? 9 : 1))
        {
            _rig.Secrets.Put(what == "owner invalid" ? "shop/labelled" : $"{ns}/x{number}", Pki.Renewed, certificate: "labelled", chain: what.EndsWith("invalid", StringComparison.Ordinal) ? "garbage" : null);
        }

        if (what == "unreadable")
        {
            _rig.Secrets.Faults["evil/x1"] = new KubernetesException("it failed");
        }

        using var collector = new MetricCollector();
        await _rig.RunAsync();
        var sample = Assert.Single(collector.Samples(), static one => one.Name == CertSyncMetrics.NotAfter && one.Labels.Any(static label => label.Value == "labelled"));
        Assert.Equal(["main", "labelled", "shop", "labelled"], sample.Labels.Select(static label => label.Value));
    }

    [Fact]
    public async Task A_certificate_that_is_being_adopted_is_not_labelled_by_the_refused_namespace()
    {
        _rig.Policy = Make.Policy with { Adopt = true };
        _rig.Vault.Seed("adopted", Pki.Leaf);
        _rig.Secrets.Put("a/x", certificate: "adopted");
        _rig.Secrets.Put("b/x", Pki.Renewed, certificate: "adopted");
        using var collector = new MetricCollector();
        await _rig.PlanAsync();
        var samples = collector.Samples().Where(static one => one.Name == CertSyncMetrics.NotAfter && one.Labels.Any(static label => label.Value == "adopted"));
        Assert.All(samples, static sample => Assert.DoesNotContain(sample.Labels, static label => label.Value == "b"));
        Assert.NotEmpty(samples);
    }
}
