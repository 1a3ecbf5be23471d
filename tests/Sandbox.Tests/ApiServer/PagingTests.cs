using CsCheck;

namespace ClusterTrust.Sandbox.Tests.ApiServer;

public sealed class PagingTests : ClusterTest
{
    [Fact]
    public async Task Pages_of_any_size_make_up_the_whole_selected_list()
    {
        for (var i = 0; i < 40; i++)
        {
            Cluster.State.PutSecret($"team-{i % 3}", $"app-{i}", [], i % 4 == 1 ? "Opaque" : "kubernetes.io/tls");
        }

        var paths = Gen.OneOf("/api/v1/secrets", "/api/v1/namespaces/team-1/secrets", "/api/v1/namespaces/nope/secrets");
        var selectors = Gen.OneOf("", "&fieldSelector=type%3Dkubernetes.io%2Ftls", "&fieldSelector=type!%3Dkubernetes.io%2Ftls");
        await Gen.Select(paths, selectors, Gen.Int[1, 45]).SampleAsync(
            async (path, selector, limit) =>
            {
                var whole = await Cluster.GetAsync($"{path}?{selector}");
                var (read, token) = (new List<string>(), "");
                do
                {
                    var page = await Cluster.GetAsync($"{path}?limit={limit}&continue={token}{selector}");
                    Assert.True(page.Names.Length <= limit);
                    read.AddRange(page.Names);
                    token = page.Continue;
                }
                while (token is not null);
                Assert.Equal(whole.Names, read);
            },
            iter: 50);
    }

    [Fact]
    public async Task Later_pages_show_the_revision_of_the_first_until_it_is_compacted_and_then_the_latest()
    {
        Seed();
        var first = await Cluster.GetAsync("/api/v1/secrets?limit=2");
        Cluster.State.DeleteSecret("a", "3");
        Cluster.State.PutSecret("a", "2b", []);
        var second = await Cluster.GetAsync($"/api/v1/secrets?limit=9&continue={first.Continue}");
        Assert.Equal(["a/3", "b/4"], second.Names);
        Assert.Equal((string?)first.Json["metadata"]!["resourceVersion"], (string?)second.Json["metadata"]!["resourceVersion"]);

        Cluster.State.Compact();
        var expired = await Cluster.GetAsync($"/api/v1/secrets?limit=2&continue={first.Continue}");
        Assert.Equal((410, "Expired"), (expired.Status, expired.Reason));
        Assert.Equal(["a/2b", "b/4"], (await Cluster.GetAsync($"/api/v1/secrets?limit=2&continue={expired.Continue}")).Names);
    }

    [Fact]
    public async Task Namespaces_whose_names_begin_alike_are_kept_apart()
    {
        foreach (var space in new[] { "a", "a-b", "a0", "ab" })
        {
            Cluster.State.PutSecret(space, "x", []);
        }

        Assert.Equal(["a/x"], (await Cluster.GetAsync("/api/v1/namespaces/a/secrets")).Names);
    }

    [Theory]
    [InlineData("application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json", 200, "SecretList")]
    [InlineData("application/vnd.kubernetes.protobuf,application/json", 200, "SecretList")]
    [InlineData("*/*", 200, "SecretList")]
    [InlineData("application/json; as=PartialObjectMetadataList; g=meta.k8s.io; v=v1", 200, "PartialObjectMetadataList")]
    [InlineData("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1", 406, "Status")]
    [InlineData("application/json;as=Table;v=v1;g=meta.k8s.io", 406, "Status")]
    [InlineData("text/html", 406, "Status")]
    public async Task The_first_form_that_is_served_is_answered(string accept, int status, string kind)
    {
        Seed();
        var answer = await Cluster.GetAsync("/api/v1/secrets", accept: accept);
        Assert.Equal((status, kind), (answer.Status, (string?)answer.Json["kind"]));
    }

    private void Seed()
    {
        foreach (var (space, name) in new[] { ("a", "1"), ("a", "2"), ("a", "3"), ("b", "4") })
        {
            Cluster.State.PutSecret(space, name, []);
        }
    }
}
