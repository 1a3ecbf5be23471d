namespace ClusterTrust.Oidc.Tests.Trust;

/// <summary>What the clouds do not accept, before a command fails halfway.</summary>
public sealed class TrustRulesTests
{
    private const string Issuer = "https://example.github.io/cluster-a";

    [Theory]
    [InlineData("https://kubernetes.default.svc", "a private name")]
    [InlineData("https://kubernetes.default.svc.cluster.local", "a private name")]
    [InlineData("https://kubernetes.default.svc.prod.example.com", "a private name")]
    [InlineData("https://LOCALHOST/x", "a private name")]
    [InlineData("https://localhost.", "ends in a dot")]
    [InlineData("https://kubernetes", "a private name")]
    [InlineData("https://oidc.corp", "a private name")]
    [InlineData("https://oidc.eu.internal/p", "a private name")]
    [InlineData("https://nas.home.arpa", "a private name")]
    [InlineData("https://mac.local", "a private name")]
    [InlineData("https://10.0.0.1", "the IP address")]
    [InlineData("https://0x7f.1/x", "the IP address")]
    [InlineData("https://[::1]:6443", "the IP address")]
    [InlineData("http://oidc.example.com", "is not an https:// URL")]
    public void An_issuer_that_no_cloud_can_reach_is_refused(string issuer, string reason) =>
        Assert.All(Enum.GetValues<Cloud>(), cloud => Assert.Contains(reason, TrustRules.IssuerFault(cloud, issuer), StringComparison.Ordinal));

    [Theory]
    [InlineData("https://example.github.io/a"), InlineData("https://oidc.local.example.com/a"), InlineData("https://localhost.example.com"), InlineData("https://notlocal.com")]
    public void A_public_issuer_is_accepted_by_every_cloud(string issuer) =>
        Assert.All(Enum.GetValues<Cloud>(), cloud => Assert.Null(TrustRules.IssuerFault(cloud, issuer)));

    [Theory]
    [InlineData("https://oidc.example.com:443/p")]
    public void AWS_accepts_no_port(string issuer)
    {
        Assert.Contains("has a port", TrustRules.IssuerFault(Cloud.Aws, issuer), StringComparison.Ordinal);
        Assert.Null(TrustRules.IssuerFault(Cloud.Azure, issuer));
    }

    [Theory]
    [InlineData(Cloud.Aws, 255)]
    [InlineData(Cloud.Azure, 600)]
    public void An_issuer_may_be_so_long(Cloud cloud, int length)
    {
        var longest = "https://oidc.example.com/".PadRight(length, 'p');
        Assert.Null(TrustRules.IssuerFault(cloud, longest));
        Assert.Contains($"is {length + 1} characters", TrustRules.IssuerFault(cloud, longest + "p"), StringComparison.Ordinal);
    }

    [Fact]
    public void Google_Cloud_accepts_a_subject_of_127_bytes()
    {
        var longest = new ServiceAccountSubject("platform", new string('a', 127 - "system:serviceaccount:platform:".Length));
        var longer = longest with { Name = longest.Name + "a" };
        Assert.Null(TrustRules.SubjectFault(Cloud.Gcp, longest));
        Assert.Contains("128 bytes", TrustRules.SubjectFault(Cloud.Gcp, longer), StringComparison.Ordinal);
        Assert.Null(TrustRules.SubjectFault(Cloud.Azure, longer));
    }

    [Theory]
    [InlineData("api://AzureADTokenExchange", true)]
    [InlineData("sts.amazonaws.com", true)]
    [InlineData("https://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/a/providers/b", true)]
    [InlineData("a,b", false)]
    [InlineData("a b", false)]
    [InlineData("a\u001b[201~b", false)]
    [InlineData("@file", false)]
    [InlineData("a'b", false)]
    [InlineData("ä", false)]
    [InlineData("", false)]
    public void An_audience_is_one_plain_value(string audience, bool good) => Assert.Equal(good, TrustRules.AudienceFault(audience) is null);

    [Theory]
    [InlineData(Cloud.Azure, 19, null), InlineData(Cloud.Azure, 20, "at most 20 federated credentials and this call creates 20")]
    [InlineData(Cloud.Aws, 5, null), InlineData(Cloud.Aws, 60, "AWS accepts 2048"), InlineData(Cloud.Gcp, 60, null)]
    public void A_cloud_s_limit_is_a_warning(Cloud cloud, int subjects, string? warning)
    {
        var warnings = TrustRules.WarningsOf(new TrustRequest(
            cloud, Issuer, Enumerable.Range(0, subjects).Select(number => new ServiceAccountSubject("shop", $"reader-{number}")))).ToArray();
        Assert.Equal(warning is null ? 0 : 1, warnings.Length);
        Assert.Contains(warning ?? "", string.Concat(warnings), StringComparison.Ordinal);
    }
}
