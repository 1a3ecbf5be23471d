namespace ClusterTrust.CertSync.Tests.Cluster;

/// <summary>Whatever an API server returns: the Secrets it names, or a fault with a sentence. Nothing else is thrown, and every call ends.</summary>
public sealed class HostileApiServerTests : ClusterTest
{
    private const string Page = """
        {"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"100","remainingItemCount":1},"items":[
        {"metadata":{"name":"web","namespace":"shop","uid":"u-1","resourceVersion":"7","labels":{"app":"web"},"annotations":{"certsync.clustertrust.dev/name":"web","cert-manager.io/certificate-name":"web"}}},
        {"metadata":{"name":"api","namespace":"shop","uid":"u-2","resourceVersion":"8","annotations":null}}]}
        """;

    private const string Secret = """
        {"kind":"Secret","apiVersion":"v1","metadata":{"name":"web","namespace":"shop","uid":"u-1","resourceVersion":"7","annotations":{"a":"b"}},"data":{"tls.crt":"Y2VydA==","tls.key":"a2V5","ca.crt":"Y2E="},"type":"kubernetes.io/tls"}
        """;

    private SecretLister Lister => field ??= new SecretLister(Connect(), new SecretFilter());

    [Fact]
    public async Task Hostile_pages_are_refused_or_read()
    {
        var (refused, read) = (0, 0);
        foreach (var seed in Soak.Inputs(250))
        {
            Answer(() => new HostileJson(seed).Damage(Page));
            refused += await Assert.AtMostFaultAsync<KubernetesException>(async () => read += (await Lister.ListAsync(default)).Secrets.Length) is null ? 0 : 1;
        }

        Assert.InRange(refused, 50, int.MaxValue);
        Assert.InRange(read, 50, int.MaxValue);
    }

    [Fact]
    public void Hostile_Secrets_are_refused_or_read()
    {
        var listed = new TlsSecretRef("shop", "web", "u-1", "7");
        foreach (var seed in Soak.Inputs(1500))
        {
            try
            {
                using var material = SecretMaterial.Read(new HostileJson(seed).Damage(Secret), listed);
                Assert.Equal("web", material.Secret.Name);
            }
            catch (System.Text.Json.JsonException fault)
            {
                Assert.False(fault.ToString().Contains("a2V5", StringComparison.Ordinal), fault.ToString());
            }
        }
    }

    [Fact]
    public async Task A_list_that_repeats_a_page_ends()
    {
        Answer(static () => Encoding.UTF8.GetBytes(Page.Replace("\"resourceVersion\":\"100\"", "\"continue\":\"again\"", StringComparison.Ordinal)));
        await Assert.FaultAsync(ExitCode.Failed, "does not end", () => Lister.ListAsync(default));
        Assert.InRange(Server.Requests.Count, 1, 200);
    }

    [Fact]
    public async Task A_list_with_ever_new_Secrets_ends_before_the_memory_does()
    {
        AnswerPages(int.MaxValue, number => $"{number:0000}-{new string('n', 3000)}", count: 2000);
        await Assert.FaultAsync(ExitCode.Failed, "exceeds the memory limit", () => Lister.ListAsync(default));
        Assert.InRange(Server.Requests.Count, 2, 70);
    }

    /// <summary>Each is a target, a line, a row and a failure: 70,000 needed more memory than the container has.</summary>
    [Fact]
    public async Task Secrets_with_short_texts_are_bounded_by_their_number()
    {
        AnswerPages(10, number => $"{number:0000}", count: 4000);
        var listing = await Lister.ListAsync(default);
        Assert.Equal(("shop", true), (Assert.Single(listing.Incomplete).Namespace, listing.Secrets.IsEmpty));
    }

    [Fact]
    public async Task A_page_without_end_is_not_read_to_its_end()
    {
        var limits = new List<string>();
        Server.Instead = async context =>
        {
            limits.Add(context.Request.Query["limit"].ToString());
            context.Response.ContentType = "application/json";
            var part = Encoding.ASCII.GetBytes("{\"items\":[" + new string(' ', 1 << 20));
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(part, context.RequestAborted);
            }

            return true;
        };

        var lister = new SecretLister(Connect(), new SecretFilter(), pageSize: 8);
        await Assert.FaultAsync(ExitCode.Failed, "answers with more than 12582912 bytes", () => lister.ListAsync(default));
        Assert.Equal(["8", "4", "2", "1"], limits);
    }

    [Fact]
    public async Task Large_Secrets_are_listed_with_smaller_pages_that_grow_again_after_them()
    {
        var annotation = new string('x', 250_000);
        for (var number = 0; number < 450; number++)
        {
            Put(number < 55 ? "bulky" : "shop", $"web-{number:000}", annotations: number < 55 ? [("filler", annotation)] : []);
        }

        Assert.Equal(450, (await Lister.ListAsync(default)).Secrets.Length);
        Assert.Equal(
            ["500", "250", "125", "62", .. Enumerable.Repeat("31", 8), "62", "62", "62", "62"],
            Paths.Select(static path => path.Split("limit=")[1].Split('&')[0]));
    }

    [Fact]
    public async Task An_oversized_annotation_is_replaced()
    {
        var longest = new string('a', Annotations.MaximumLength);
        Put("shop", "at-most", annotations: (Annotations.Vault, longest));
        Put("shop", "escaped", annotations: (Annotations.Vault, new string('\u0001', Annotations.MaximumLength)));
        Put("shop", "over", annotations: (Annotations.Vault, longest + "a"));
        Put("shop", "hostile", annotations: (Annotations.Vault, new string('a', 240_000)));
        var kept = (await Lister.ListAsync(default)).Secrets.ToDictionary(static secret => secret.Name, static secret => secret.Annotations[Annotations.Vault]);
        Assert.Equal(longest, kept["at-most"]);
        Assert.Equal(Annotations.MaximumLength, kept["escaped"].Length);
        Assert.Equal(Annotations.MaximumLength + 1, kept["over"].Length);
        Assert.Same(kept["over"], kept["hostile"]);
    }

    [Fact]
    public async Task Excluded_namespaces_are_left_out_by_the_api_server()
    {
        Put("kube-system", "web");
        Put("shop", "web");
        Put("evil", "web");
        var filter = new SecretFilter { ExcludeNamespaces = [new Glob("kube-system"), new Glob("evil"), new Glob("team-*"), new Glob("a,type=Opaque")] };
        var listing = await new SecretLister(Connect(), filter).ListAsync(default);
        Assert.Equal(["kube-system", "evil"], filter.NamespacesToOmit);
        Assert.Equal(["shop/web"], listing.Secrets.Select(static secret => secret.Source));
        Assert.Contains("fieldSelector=type%3Dkubernetes.io%2Ftls%2Cmetadata.namespace%21%3Dkube-system%2Cmetadata.namespace%21%3Devil", Paths.Last(), StringComparison.Ordinal);
    }

    /// <summary>Answers with pages of so many Secrets each.</summary>
    private void AnswerPages(int last, Func<int, string> name, int count)
    {
        var pages = 0;
        Answer(() =>
        {
            pages++;
            var items = Enumerable.Range(0, count).Select(number => $$$"""{"metadata":{"name":"{{{pages:00}}}-{{{name(number)}}}","namespace":"shop","uid":"u","resourceVersion":"7"}}""");
            return Encoding.UTF8.GetBytes($$$"""{"metadata":{"continue":"{{{(pages < last ? $"page-{pages}" : "")}}}"},"items":[{{{string.Join(',', items)}}}]}""");
        });
    }
}
