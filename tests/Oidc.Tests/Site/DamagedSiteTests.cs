using static ClusterTrust.Oidc.Tests.Site.SitePlanTests;

namespace ClusterTrust.Oidc.Tests.Site;

/// <summary>Plans on a branch where files are missing, unreadable, or something else.</summary>
public sealed class DamagedSiteTests
{
    [Theory]
    [InlineData("""{"authorization_endpoint":"https://attacker.example","keys":[]}""", "(authorization_endpoint, keys)")]
    [InlineData("""{"id_token_signing_alg_values_supported":["RS256","none"]}""", "(none)")]
    public void A_discovery_document_with_more_than_oidc_writes_is_replaced_and_reported(string more, string named)
    {
        var before = OfFirst.Find(Layout.DiscoveryPath)!.Value;
        var plan = Plan(With(OfFirst, Layout.DiscoveryPath, Bytes(Patched((JsonObject)JsonNode.Parse(before.Span)!, more))), Served(First));
        Assert.Contains(named, Assert.Single(plan.Warnings), StringComparison.Ordinal);
        Assert.True(Assert.Single(plan.Files).Content.Span.SequenceEqual(before.Span));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("""{"schemaVersion":2,"keys":[]}""")]
    [InlineData("""{"schemaVersion":1,"keys":[{"kid":"a"}]}""")]
    [InlineData("""{"schemaVersion":1,"keys":[{"kid":"a","thumbprint":"t","firstSeen":"yesterday"}]}""")]
    [InlineData("""{"schemaVersion":1,"keys":[]}""")]
    public void A_missing_or_corrupt_state_file_vouches_for_no_key(string? state)
    {
        var site = state is null
            ? new PublishedSite(OfBoth.Files.Where(static file => file.Key != Layout.StatePath).ToDictionary())
            : With(OfBoth, Layout.StatePath, Encoding.UTF8.GetBytes(state));
        Assert.Equal([First.Kid], Assert.Throws<UnknownKeysException>(() => Plan(site, Served(Second), Start.AddDays(10))).Keys.Select(key => key.Kid));
        var accepted = Plan(site, Served(Second), Start.AddDays(10), Accepting);
        Assert.Equal([First.Kid], accepted.Retention.Retained);
        Assert.Contains(accepted.Warnings, warning => warning.Contains(Layout.StatePath, StringComparison.Ordinal));

        // Keys that the API server serves need no history.
        Assert.Contains(Plan(site, Served(First, Second), Start.AddDays(10)).Files, file => file.Path == Layout.StatePath);
    }

    /// <summary>Less strict readers may accept it, and the last of two members.</summary>
    [Theory]
    [InlineData("openid/v1/jwks", "<html>", "The published key set openid/v1/jwks is invalid (")]
    [InlineData(".well-known/openid-configuration", "{", "The published discovery document .well-known/openid-configuration is invalid (")]
    [InlineData(".well-known/openid-configuration", """{"jwks_uri":"https://example.github.io","jwks_uri":"https://attacker.example"}""", "has the member 'jwks_uri' twice")]
    public void An_unreadable_document_is_replaced_only_with_accept_new_keys(string path, string content, string refusal)
    {
        var site = With(OfFirst, path, Encoding.UTF8.GetBytes(content));
        Assert.Fault(ExitCode.Refused, refusal, () => Plan(site, Served(First)));
        var plan = Plan(site, Served(First), Start, Accepting);
        Assert.Contains(plan.Files, file => file.Path == path);
        Assert.Contains(plan.Warnings, warning => warning.Contains(path, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(".well-known/openid-configuration", "a symbolic link")]
    [InlineData("openid/v1/jwks", "a submodule")]
    [InlineData(".nojekyll", "a folder")]
    [InlineData("index.html", "a symbolic link"), InlineData("_config.yml", "a symbolic link", "The repository has a _config.yml (a symbolic link), so Jekyll")]
    public void A_path_that_is_no_regular_file_is_refused(string path, string what, string? message = null)
    {
        var refusal = Assert.Fault(ExitCode.Refused, message ?? $"The path {path} cannot be written", () => Plan(Obstructed(path, what), Served(First)));
        Assert.Contains(what, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_to_be_written_may_be_anything()
    {
        var withoutPage = Plan(Obstructed("index.html", "a symbolic link"), Served(First), Start, new SitePlanOptions { StatusPage = false });
        Assert.DoesNotContain(withoutPage.Files, static file => file.Path == Layout.StatusPagePath);
        Assert.Contains("The path CNAME in the repository is a symbolic link", Assert.Single(Plan(Obstructed("CNAME", "a symbolic link"), Served(First)).Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("oidc.example.com\n", "moves the site to 'oidc.example.com'")]
    [InlineData("\r\n  evil.example  \n", "moves the site to 'evil.example'")]
    [InlineData("\uFEFFEXAMPLE.github.io\n", null)]
    [InlineData("\n", null)]
    public void A_custom_domain_of_another_host_is_reported(string content, string? sentence)
    {
        var warnings = Plan(With(PublishedSite.Empty, "CNAME", Encoding.UTF8.GetBytes(content)), Served(First)).Warnings;
        Assert.Equal(sentence is not null, warnings.Any());
        Assert.Contains(sentence ?? "", string.Concat(warnings), StringComparison.Ordinal);
    }

    /// <summary>A file .nojekyll would end the build of all pages, which are not this job's.</summary>
    [Theory]
    [InlineData("title: Blog\n", false), InlineData("title: Blog\n", false, "_config.yaml")]
    [InlineData("[defaults]\ninclude = [\".well-known\"]\n", false, "_config.toml"), InlineData("title = \"Blog\"\ninclude = [\".well-known\"]\n", true, "_config.toml")]
    [InlineData("title: Blog\n# include: [.well-known]\n", false)]
    [InlineData("title: Blog\nexclude: [.well-known]\n", false), InlineData("include: [.well-known/security.txt]\n", false), InlineData("include: [.well-known*]", true)]
    [InlineData("include: [_pages]\nexclude:\n  - .well-known\n", false)]
    [InlineData("include:\n  - _pages\n  # - .well-known\nurl: https://example.com/.well-known\n", false)]
    [InlineData("include: [.well-known]\n", true), InlineData("include: [.well-known]\n", true, "_config.yaml")]
    [InlineData("include: # dot-folders\n\n- _pages\n  # the issuer\n- /.well-known\n", true)]
    [InlineData("include: [\n  _pages,\n  .well-known\n]\n", true)]
    [InlineData("title: Blog\r\ninclude:\r\n  - \".well-known\" # the issuer\r\n", true)]
    public void A_site_that_Jekyll_builds_stays_so(string configuration, bool isKept, string path = "_config.yml")
    {
        var site = With(PublishedSite.Empty, path, Encoding.UTF8.GetBytes(configuration));
        if (isKept)
        {
            Assert.Equal([Layout.DiscoveryPath, Layout.JwksPath, Layout.StatePath], Plan(site, Served(First)).Files.Select(static file => file.Path));
        }
        else
        {
            Assert.Fault(ExitCode.Refused, $"add '{(path == "_config.toml" ? "include = [\".well-known\"]" : "include: [.well-known]")}' to a file {path}", () => Plan(site, Served(First)));
        }

        Assert.Contains(Plan(With(site, ".nojekyll", []), Served(First)).Files, static file => file.Path == Layout.JwksPath);
    }

    private static PublishedSite Obstructed(string path, string what) => PublishedSite.Empty with { Obstacles = new Dictionary<string, string> { [path] = what } };
}
