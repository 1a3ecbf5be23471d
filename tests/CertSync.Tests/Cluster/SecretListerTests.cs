using Microsoft.AspNetCore.Http;

namespace ClusterTrust.CertSync.Tests.Cluster;

public sealed class SecretListerTests : ClusterTest
{
    private const string Expired = """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"too old","reason":"Expired","code":410}""";

    private static readonly SecretFilter Everything = new();

    [Fact]
    public async Task Lists_the_TLS_Secrets_of_the_whole_cluster_by_their_metadata()
    {
        Put("team-a", "web-tls", annotations: [("cert-manager.io/certificate-name", "web"), ("cert-manager.io/issuer-name", "letsencrypt"), (Annotations.Vault, "prod")]);
        Put("team-b", "api-tls", annotations: ("cert-manager.io/certificate-name", "api"));
        Put("team-b", "password", "Opaque");

        var listing = await List(Everything);

        Assert.True(listing.IsComplete);
        Assert.Equal(["team-a/web-tls", "team-b/api-tls"], listing.Secrets.Select(secret => secret.Source));
        var (web, stored) = (listing.Secrets[0], Server.State.Secrets[0].Body["metadata"]!);
        Assert.Equal(new Dictionary<string, string> { ["cert-manager.io/certificate-name"] = "web", [Annotations.Vault] = "prod" }, web.Annotations);
        Assert.Equal(
            ($"{stored["uid"]}", $"{stored["resourceVersion"]}", $"{stored["creationTimestamp"]}"),
            (web.Uid, web.ResourceVersion, $"{web.CreatedAt:yyyy-MM-dd'T'HH:mm:ss'Z'}"));
        Assert.Equal("/api/v1/secrets?limit=500&fieldSelector=type%3Dkubernetes.io%2Ftls", Assert.Single(Paths));
    }

    [Theory]
    [InlineData("""{"welcome":["to","the","network"]}""")]
    [InlineData("""{"kind":"PartialObjectMetadataList","metadata":{}}""")]
    public async Task Does_not_mistake_another_response_for_an_empty_list(string body)
    {
        Server.Faults.Always(new Fault.Status(200, Body: body));
        await Assert.FaultAsync(ExitCode.Failed, "is not the JSON of a Kubernetes API server", () => List(Everything));
    }

    [Fact]
    public async Task Selects_by_type_and_label_on_the_API_server()
    {
        Server.State.PutSecret("team-a", "web-tls", [], labels: [new("sync", "yes")]);
        Server.State.PutSecret("team-a", "other-tls", [], labels: [new("sync", "no")]);
        Put("team-a", "legacy", "Opaque");
        Put("team-a", "password", "kubernetes.io/basic-auth");
        Assert.Equal(["legacy", "other-tls", "web-tls"], await NamesAsync(Everything with { IncludeOpaque = true }));
        Assert.Equal(["web-tls"], await NamesAsync(Everything with { LabelSelector = "sync in (yes)" }));
        async Task<IEnumerable<string>> NamesAsync(SecretFilter filter) => (await List(filter)).Secrets.Select(static secret => secret.Name).Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task Reads_pages_that_arrive_in_many_pieces_and_drops_what_it_does_not_keep()
    {
        var applied = new string('x', 3000);
        for (var number = 0; number < 200; number++)
        {
            Put("team-a", $"web-{number:000}", annotations: [("kubectl.kubernetes.io/last-applied-configuration", applied), ("cert-manager.io/certificate-name", $"web-{number:000}")]);
        }

        var listing = await List(Everything, pageSize: 150);
        Assert.Equal(200, listing.Secrets.Length);
        Assert.All(listing.Secrets, static secret => Assert.Equal(secret.Name, Assert.Single(secret.Annotations).Value));
    }

    [Fact]
    public async Task Keeps_cert_managers_label_of_the_next_private_key_and_a_configured_annotation()
    {
        Server.State.PutSecret("team-a", "next", [], labels: [new(Annotations.NextPrivateKeyLabel, "true"), new("app", "web")], annotations: [new("example.com/cert", "web"), new("a", "b")]);
        var secret = Assert.Single((await List(new SecretFilter { CertificateAnnotation = "example.com/cert" })).Secrets);
        Assert.Equal(new Dictionary<string, string> { [Annotations.NextPrivateKeyLabel] = "true" }, secret.Labels);
        Assert.Equal(new Dictionary<string, string> { ["example.com/cert"] = "web" }, secret.Annotations);
    }

    [Theory]
    [InlineData("app=web=x"), InlineData("app=-web")]
    public async Task A_label_selector_that_the_API_server_does_not_accept_is_a_setting_to_correct(string selector) =>
        await Assert.FaultAsync(ExitCode.Usage, $"'{selector}': correct --label-selector.", () => List(Everything with { LabelSelector = selector }));

    [Fact]
    public async Task Requires_permissions_in_the_named_namespaces_only_and_reports_one_that_may_not_be_listed()
    {
        Put("team-a", "web-tls");
        Put("team-b", "api-tls");
        Put("team-c", "db-tls");
        var listing = await new SecretLister(ConnectFor("team-a", "team-c"), Of("team-a team-b team-c")).ListAsync(default);
        Assert.Equal(["team-a/web-tls", "team-c/db-tls"], listing.Secrets.Select(secret => secret.Source));
        var fault = Assert.Single(listing.Incomplete);
        Assert.Equal("team-b", fault.Namespace);
        Assert.Contains("may not list secrets in namespace team-b", fault.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fails_when_the_whole_cluster_may_not_be_listed() =>
        await Assert.FaultAsync(ExitCode.Usage, "in the whole cluster", () => new SecretLister(ConnectFor("team-a"), Everything).ListAsync(default));

    [Fact]
    public async Task A_namespace_whose_listing_is_interrupted_is_incomplete()
    {
        PutMany(6);
        Server.Faults.Next(Fault.Unavailable(0), 10, IsContinued);
        var listing = await List(Of("team-a"), pageSize: 4);
        Assert.Equal((4, false), (listing.Secrets.Length, listing.IsComplete));
    }

    [Theory]
    [InlineData(429, "storage is (re)initializing", 2, 4)]
    [InlineData(500, "etcdserver: leader changed", 3, 6)]
    [InlineData(429, "storage is (re)initializing: failed to list *core.Secret: unable to transform key", 3, 3)]
    public async Task Gives_up_at_the_second_namespace_that_the_API_server_does_not_serve_but_not_for_unreadable_objects(int status, string said, int requested, int tries)
    {
        Server.Faults.Always(new Fault.Status(status, Body: $$"""{"kind":"Status","message":"{{said}}"}"""));
        var fault = await Record.ExceptionAsync(() => List(Of("team-a team-b team-c")));
        Assert.Equal((requested < 3, requested, tries), (fault is KubernetesException, Paths.Distinct().Count(), Paths.Count()));
    }

    [Fact]
    public async Task Resumes_a_list_that_has_expired()
    {
        PutMany(20);
        var count = 0;
        Server.OnRequest = _ =>
        {
            if (++count == 3)
            {
                Server.State.DeleteSecret("team-a", "secret-19");
                Server.State.Compact();
            }

            return Task.CompletedTask;
        };

        var listing = await List(Everything, pageSize: 5);

        Assert.Equal(Enumerable.Range(0, 19).Select(number => $"secret-{number:00}"), listing.Secrets.Select(secret => secret.Name));
        Assert.Contains(Server.Requests, request => request.Status == 410);
        Assert.Single(Paths, IsFirstPage);
    }

    [Fact]
    public async Task Restarts_a_list_that_cannot_be_resumed_and_lists_each_Secret_once()
    {
        PutMany(10);
        Server.Faults.Next(new Fault.Status(410, Body: Expired), 1, IsContinued);
        Assert.Equal((10, 2), ((await List(Everything, pageSize: 4)).Secrets.Length, Paths.Count(IsFirstPage)));
    }

    [Fact]
    public async Task Fails_if_the_list_expires_repeatedly()
    {
        PutMany(10);
        Server.Faults.Next(new Fault.Status(410, Body: Expired), 100, IsContinued);
        await Assert.ThrowsAsync<KubernetesException>(() => List(Everything, pageSize: 4));
        Assert.True(Server.Requests.Count < 20);
    }

    /// <summary>The largest namespace is left out by name when the Secrets are more than can be kept; page upon page of it does not end the list.</summary>
    [Theory]
    [InlineData(4500, 'x', Annotations.CertificateName, Annotations.Enabled, Annotations.Name, Annotations.Vault)]
    [InlineData(100, ',', Annotations.Vault)]
    public async Task One_namespaces_Secrets_do_not_keep_the_others_from_being_listed(int count, char character, params string[] annotations)
    {
        var text = new string(character, Annotations.MaximumLength);
        Put("alpha", "web-tls");
        Put("zulu", "api-tls");
        PutMany(count, "evil", [.. annotations.Select(key => (key, text))]);
        var listing = await List(Everything);
        Assert.Equal(["alpha/web-tls", "zulu/api-tls"], listing.Secrets.Select(static secret => secret.Source));
        var fault = Assert.Single(listing.Incomplete);
        Assert.Equal(("evil", true), (fault.Namespace, fault.IsTooLarge));
        Assert.Contains("--exclude-namespace", fault.Sentence, StringComparison.Ordinal);
    }

    /// <summary>A pattern is not known to the API server, so that these namespaces are listed too.</summary>
    [Fact]
    public async Task Namespaces_that_are_not_selected_take_no_memory_from_those_that_are()
    {
        var copies = (Annotations.Vault, new string(',', Annotations.MaximumLength));
        PutMany(7, "evil-a", copies);
        PutMany(7, "evil-b", copies);
        PutMany(8, "shop", copies);
        var listing = await List(Of("", exclude: "evil-*"));
        Assert.Equal((8, true), (listing.Secrets.Count(static secret => secret.Namespace == "shop"), listing.IsComplete));
    }

    [Theory]
    [InlineData("", "", null)]
    [InlineData("team-a team-b", "", "team-a team-b")]
    [InlineData("team-a team-a team-b", "team-b", "team-a")]
    [InlineData("team-a", "*", "")]
    [InlineData("team-a prod-*", "", null)]
    public void Namespaces_are_listed_by_name_when_all_of_them_are_plain_names(string include, string exclude, string? expected) =>
        Assert.Equal(expected?.Split(' ', StringSplitOptions.RemoveEmptyEntries), Of(include, exclude).NamespacesToList);

    [Fact]
    public async Task Requests_nothing_if_every_named_namespace_is_excluded()
    {
        Assert.Empty((await List(Of("team-a", exclude: "*"))).Secrets);
        Assert.Empty(Server.Requests);
    }

    private Task<SecretListing> List(SecretFilter filter, int pageSize = 500) => new SecretLister(Connect(), filter, pageSize: pageSize).ListAsync(default);

    private static SecretFilter Of(string include, string exclude = "") =>
        new() { IncludeNamespaces = [.. Globs(include)], ExcludeNamespaces = [.. Globs(exclude)] };

    private static IEnumerable<Glob> Globs(string names) => names.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static name => new Glob(name));

    private static bool IsContinued(HttpRequest request) => request.Query.ContainsKey("continue");

    private static bool IsFirstPage(string path) => !path.Contains("continue", StringComparison.Ordinal);

    private void PutMany(int count, string ns = "team-a", params (string Key, string Value)[] annotations)
    {
        for (var number = 0; number < count; number++)
        {
            Put(ns, $"secret-{number:00}", annotations: annotations);
        }
    }
}
