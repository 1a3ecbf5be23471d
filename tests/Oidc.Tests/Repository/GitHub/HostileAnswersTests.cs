namespace ClusterTrust.Oidc.Tests.Repository.GitHub;

/// <summary>Whatever is returned in GitHub's place: the run fails with a sentence, or succeeds. Nothing else is thrown.</summary>
public sealed class HostileAnswersTests
{
    private const string Token = "ghp_0123456789abcdefghijABCDEFGHIJ";
    private static readonly string Id = new('a', 40);

    private static readonly (string Path, string Answer)[] Good =
    [
        ("/branches/main", $$$"""{"name":"main","commit":{"sha":"{{{Id}}}"}}"""),
        ($"/git/commits/{Id}", $$$"""{"sha":"{{{Id}}}","tree":{"sha":"{{{Id}}}"}}"""),
        ($"/git/trees/{Id}", $$$"""{"sha":"{{{Id}}}","truncated":false,"tree":[{"path":"openid","mode":"040000","sha":"{{{Id}}}"},{"path":"v1","mode":"040000","sha":"{{{Id}}}"},{"path":"jwks","mode":"100644","sha":"{{{Id}}}","size":2},{"path":".well-known","mode":"040000","sha":"{{{Id}}}"},{"path":"openid-configuration","mode":"100644","sha":"{{{Id}}}","size":2}]}"""),
        ($"/git/blobs/{Id}", """{"content":"e30K","encoding":"base64"}"""),
        ("/git/trees", $$$"""{"sha":"{{{Id}}}"}"""),
        ("/git/commits", $$$"""{"sha":"{{{Id}}}","verification":{"verified":false,"reason":"unsigned","payload":null}}"""),
        ("/git/refs/heads/main", """{"ref":"refs/heads/main"}"""),
        ("/octo/pages", """{"default_branch":"main"}"""),
    ];

    [Fact]
    public async Task Hostile_JSON_ends_in_a_sentence_or_does_no_harm()
    {
        var refused = 0;
        foreach (var seed in Soak.Inputs(300))
        {
            var hostile = new HostileJson(seed);
            var at = seed % Good.Length;
            using var handler = Otherwise(path => Find(path) == at ? hostile.Damage(Good[at].Answer) : null);
            refused += await PublishAsync(handler) is null ? 0 : 1;
        }

        Assert.InRange(refused, 100, int.MaxValue);
    }

    [Fact]
    public async Task Hostile_error_bodies_end_in_a_sentence()
    {
        foreach (var seed in Soak.Inputs(200))
        {
            var hostile = new HostileJson(seed);
            var status = new[] { 400, 401, 403, 404, 409, 422, 429, 451, 500, 503 }[seed % 10];
            var body = hostile.Damage("""{"message":"Not Found","documentation_url":"https://docs.github.com/rest","errors":[{"code":"custom"}]}""");
            using var handler = new StubHandler(_ => Answer((HttpStatusCode)status, body));

            Assert.NotNull(await PublishAsync(handler));
        }
    }

    [Theory]
    [InlineData("Content-Type", "application/json; charset=no-such-charset")]
    [InlineData("Content-Type", "text/html; charset=\"\"")]
    [InlineData("Content-Type", ";;")]
    [InlineData("Content-Encoding", "gzip, br")]
    [InlineData("Link", "<ht!tp://[>; rel=\"next\", <>; rel=\"last\"")]
    [InlineData("X-RateLimit-Reset", "99999999999999999999")]
    [InlineData("X-RateLimit-Remaining", "-1")]
    [InlineData("Retry-After", "Fri, 99 Foo 2026 00:00:00 GMT")]
    [InlineData("Date", "yesterday")]
    [InlineData("X-OAuth-Scopes", ",,,")]
    [InlineData("ETag", "no quotes")]
    [InlineData("Location", "http://[")]
    public async Task Hostile_headers_end_in_a_sentence_or_do_no_harm(string name, string value)
    {
        foreach (var status in new[] { 200, 301, 403, 404, 422, 429, 502 })
        {
            using var handler = new StubHandler(request =>
            {
                var answer = Answer((HttpStatusCode)status, status == 200 ? Encoding.UTF8.GetBytes(Good[Find(request.RequestUri!.AbsolutePath)].Answer) : """{"message":"No"}"""u8.ToArray());
                answer.Content.Headers.Remove(name.StartsWith("Content", StringComparison.Ordinal) ? name : "Content-None");
                Assert.True(name.StartsWith("Content", StringComparison.Ordinal) ? answer.Content.Headers.TryAddWithoutValidation(name, value) : answer.Headers.TryAddWithoutValidation(name, value));
                return answer;
            });

            Assert.Equal(status == 200, await PublishAsync(handler) is null || (status == 200 && name.StartsWith("Content", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task Hostile_answers_to_an_App_end_in_a_sentence()
    {
        using var key = RSA.Create(2048);
        using var folder = new TemporaryFolder();
        var app = new GitHubAppOptions("1", folder.Write("key", key.ExportRSAPrivateKeyPem()));
        foreach (var seed in Soak.Inputs(100))
        {
            var hostile = new HostileJson(seed);
            using var handler = Otherwise(path => path.EndsWith("/installation", StringComparison.Ordinal) ? seed % 2 == 0 ? hostile.Damage("""{"id":4711}""") : """{"id":4711}"""u8.ToArray()
                : path.EndsWith("/access_tokens", StringComparison.Ordinal) ? hostile.Damage($$"""{"token":"{{Token}}","expires_at":"2026-01-01T00:00:00Z"}""")
                : null);

            await PublishAsync(handler, options => options with { Token = null, App = app });
        }
    }

    /// <summary>A tree that is created without the commit's tree as its base has no other files.</summary>
    [Fact]
    public async Task A_commit_without_a_tree_is_not_taken_for_an_empty_one()
    {
        var requests = 0;
        using var handler = Otherwise(path => path.EndsWith($"/git/commits/{Id}", StringComparison.Ordinal) && ++requests > 1 ? Encoding.UTF8.GetBytes($$"""{"sha":"{{Id}}"}""") : null);

        Assert.Contains("is not from GitHub's API", (await PublishAsync(handler))?.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(handler.Requests, static request => request.AbsolutePath.EndsWith("/git/trees", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"sha":"ID"}""", """{"content":"e30K","encoding":"base64"}""")]
    [InlineData("""{"sha":"ID","tree":[null]}""", """{"content":"e30K","encoding":"base64"}""")]
    [InlineData("""{"sha":"ID","tree":[{"path":"openid","mode":"100000","sha":"ID"}]}""", """{"content":"e30K","encoding":"base64"}""")]
    [InlineData(null, """{"content":"","encoding":"none"}""")]
    [InlineData(null, """{"content":"e30K"}""")]
    public async Task A_missing_list_an_unknown_mode_or_encoding_is_not_guessed(string? tree, string blob)
    {
        using var handler = Otherwise(path => path.Contains("/git/blobs/", StringComparison.Ordinal) ? Encoding.UTF8.GetBytes(blob)
            : tree is not null && path.Contains("/git/trees/", StringComparison.Ordinal) ? Encoding.UTF8.GetBytes(tree.Replace("ID", Id, StringComparison.Ordinal))
            : null);
        Assert.Contains("is not from GitHub's API", (await PublishAsync(handler))?.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HttpStatusCode.MovedPermanently), InlineData(HttpStatusCode.PermanentRedirect)]
    public async Task A_redirect_off_the_API_is_refused_and_nothing_sent_there(HttpStatusCode status)
    {
        foreach (var location in new[] { "https://evil.example/", "http://api.github.com/repositories/1", "https://api.github.com:444/x", "//evil.example/x", "https://api.github.com@evil.example/", "https://xn--\u00e4.example/" })
        {
            using var handler = new StubHandler(_ => Redirect(status, location));
            var fault = await PublishAsync(handler);
            Assert.Equal(ExitCode.Refused, fault!.ExitCode);
            Assert.Contains("to which the token must not be sent", fault.Message, StringComparison.Ordinal);
            Assert.All(handler.Requests, static request => Assert.Equal("https://api.github.com", request.GetLeftPart(UriPartial.Authority)));
        }
    }

    [Fact]
    public async Task A_redirect_within_the_API_is_followed_and_one_without_end_is_not()
    {
        using var renamed = new StubHandler(request => request.RequestUri!.AbsolutePath.StartsWith("/repos/", StringComparison.Ordinal)
            ? Redirect(HttpStatusCode.MovedPermanently, "/repositories/1" + request.RequestUri.AbsolutePath["/repos/octo/pages".Length..])
            : Answer(HttpStatusCode.OK, Encoding.UTF8.GetBytes(Good[Find(request.RequestUri!.AbsolutePath)].Answer)));
        Assert.Null(await PublishAsync(renamed));
        using var endless = new StubHandler(request => Redirect(HttpStatusCode.Found, request.RequestUri!.AbsolutePath + "x"));
        Assert.Contains("redirects in a loop", (await PublishAsync(endless))!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_without_end_is_not_read_to_its_end()
    {
        using var handler = new StubHandler(_ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(File.OpenRead("/dev/zero")) });
        Assert.Contains("answers with more than", (await PublishAsync(handler))!.Message, StringComparison.Ordinal);
    }

    /// <summary>Publishes; an exception other than a fault with a sentence fails the test.</summary>
    private static async Task<JobException?> PublishAsync(StubHandler handler, Func<GitHubOptions, GitHubOptions>? change = null)
    {
        var options = new GitHubOptions { Owner = "octo", Name = "pages", Branch = "main", Token = Token, RetryDelay = TimeSpan.Zero };
        using var repository = new GitHubSiteRepository(change?.Invoke(options) ?? options, new SwiftClock(DateTimeOffset.UtcNow), NullLogger<GitHubSiteRepository>.Instance, () => handler);
        var fault = await Assert.AtMostFaultAsync<JobException>(() => repository.PublishAsync(TestRepository.Request(TestRepository.Jwks)));
        Assert.DoesNotContain(Token, $"{fault}", StringComparison.Ordinal);
        return fault;
    }

    private static int Find(string path) => Array.FindIndex(Good, good => path.EndsWith(good.Path, StringComparison.Ordinal)) is >= 0 and var index ? index : Good.Length - 1;

    /// <summary>Answers to a path as GitHub does where nothing else is given.</summary>
    private static StubHandler Otherwise(Func<string, byte[]?> answer) => new(request =>
        Answer(HttpStatusCode.OK, answer(request.RequestUri!.AbsolutePath) ?? Encoding.UTF8.GetBytes(Good[Find(request.RequestUri.AbsolutePath)].Answer)));

    private static HttpResponseMessage Answer(HttpStatusCode status, byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json");
        return new HttpResponseMessage(status) { Content = content };
    }

    private static HttpResponseMessage Redirect(HttpStatusCode status, string location)
    {
        var response = new HttpResponseMessage(status);
        response.Headers.TryAddWithoutValidation("Location", location);
        return response;
    }
}
