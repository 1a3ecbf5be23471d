namespace ClusterTrust.Oidc.Tests.Cluster;

public sealed class IssuerReaderTests : ClusterTest
{
    [Fact]
    public async Task The_API_server_of_the_connection_is_the_default_and_one_that_is_named_twice_or_found_counts_once()
    {
        foreach (var options in new IssuerReaderOptions[] { new(), new() { AllApiServers = true }, new() { ApiServers = [Server.LoopbackAddress, Server.LoopbackAddress] } })
        {
            var issuer = await ReadAsync(options);
            Assert.Equal(Server.Issuer.Issuer, issuer.Issuer);
            Assert.Equal([Server.Keys.Signing.KeyId], issuer.Keys.Keys.Select(static key => key.Kid));
        }
    }

    [Fact]
    public async Task The_address_of_the_connection_is_recognized_in_jwks_uri()
    {
        Server.Issuer.JwksUri = $"https://localhost:{Server.Port}/openid/v1/jwks";
        var issuer = await ReadAsync(new() { ApiServers = [new Uri($"https://localhost:{Server.Port}/")] });
        Assert.Equal(Server.Issuer.Issuer + "/openid/v1/jwks", issuer.Discovery.JwksUri);
        Assert.Contains(issuer.Notices, notice => notice.Contains("names the API server itself", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_issuer_and_an_endless_body_are_refused()
    {
        await Assert.FaultAsync(ExitCode.Refused, "as configured", () => ReadAsync(new() { Issuer = "https://example.github.io/other" }));
        Server.Tamper = static (context, body) => context.Request.Path == IssuerEndpoint.JwksPath ? new byte[10 * 1024 * 1024] : body;
        await Assert.FaultAsync(ExitCode.Refused, "is larger than 65536 bytes", () => ReadAsync(new()));
    }

    [Fact]
    public async Task The_time_is_the_API_server_s()
    {
        var time = new DateTimeOffset(2031, 2, 3, 4, 5, 6, TimeSpan.Zero);
        Server.Tamper = (context, body) =>
        {
            context.Response.Headers.Date = time.ToString("R");
            return body;
        };

        Assert.Equal(time, (await ReadAsync(new() { AllApiServers = true })).ServedAt);
        time = DateTimeOffset.MaxValue;
        Assert.Null((await ReadAsync(new())).ServedAt);
    }

    [Theory]
    [InlineData(404, ExitCode.Usage, "only when its issuer is an https URL; start it with --service-account-issuer=")]
    [InlineData(302, ExitCode.Refused, "a redirect (302), which an API server never sends")]
    [InlineData(204, ExitCode.Refused, "204 and not 200: something else answers instead of the API server")]
    public async Task Another_status_than_200_is_explained(int status, ExitCode exitCode, string sentence)
    {
        Server.Instead = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = $"https://localhost:{Server.Port}/elsewhere";
            return Task.FromResult(true);
        };

        var fault = await Assert.FaultAsync(exitCode, sentence, () => ReadAsync(new()));
        Assert.DoesNotContain(Server.Requests, static request => request.Path == "/elsewhere");
        Assert.StartsWith($"The discovery document at {Server.LoopbackAddress.AbsoluteUri}.well-known/openid-configuration was answered with ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_token_is_that_of_the_file_or_else_of_the_pod_and_never_a_person_s()
    {
        var file = Folder.Write("token", Server.IssueToken("demo", "app") + "\n");
        var own = Server.IssueToken("demo", "oidc");
        Assert.Equal("system:serviceaccount:demo:app", (await GetTokenAsync(new() { TokenFile = file }, own))!.Subject);
        Assert.Equal("system:serviceaccount:demo:oidc", (await GetTokenAsync(new(), own))!.Subject);
        Assert.Null(await GetTokenAsync(new()));
    }

    [Fact]
    public async Task A_requested_token_has_the_requested_audience()
    {
        Server.IssueToken("demo", "app");
        var sent = "";
        Server.OnRequest = async context =>
        {
            context.Request.EnableBuffering();
            sent = await new StreamReader(context.Request.Body).ReadToEndAsync();
            context.Request.Body.Position = 0;
        };

        var token = await GetTokenAsync(new() { ServiceAccount = "demo/app", Audience = "sts.amazonaws.com" });

        Assert.Equal("""{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"audiences":["sts.amazonaws.com"],"expirationSeconds":600}}""", sent);
        Assert.Equal(("system:serviceaccount:demo:app", "sts.amazonaws.com"), (token!.Subject, Assert.Single(token.Audiences)));
        Assert.Equal(TimeSpan.FromMinutes(10), token.ExpiresAt - token.NotBefore);

        await Assert.FaultAsync(ExitCode.Usage, "serviceaccounts/nobody/token at https://", () => GetTokenAsync(new() { ServiceAccount = "demo/nobody" }));
    }

    [Fact]
    public async Task Hostile_answers_to_the_request_for_a_token_are_refused_or_read()
    {
        const string Answer = """{"kind":"TokenRequest","apiVersion":"authentication.k8s.io/v1","metadata":{"name":"app"},"spec":{"audiences":["a"],"expirationSeconds":600},"status":{"token":"e30.e30.c2ln","expirationTimestamp":"2026-11-24T14:50:31Z"}}""";
        foreach (var seed in Soak.Inputs(100))
        {
            Server.Instead = Answering(new HostileJson(seed).Damage(Answer));
            await Assert.AtMostFaultAsync<JobException>(() => GetTokenAsync(new() { ServiceAccount = "demo/app" }));
        }
    }

    [Fact]
    public async Task A_token_file_that_is_missing_or_invalid_is_an_error()
    {
        await Assert.FaultAsync(ExitCode.Usage, "correct --verify-token-file", () => GetTokenAsync(new() { TokenFile = Folder.Combine("none") }));
        var invalid = await Assert.FaultAsync(ExitCode.Usage, "contains no ServiceAccount token", () => GetTokenAsync(new() { TokenFile = Folder.Write("bad", "secret-text") }));
        Assert.DoesNotContain("secret-text", invalid.Message, StringComparison.Ordinal);
    }

    private Task<CheckedIssuer> ReadAsync(IssuerReaderOptions options) => ConnectAsync(connection => new IssuerReader(options, connection).ReadAsync(default));

    private Task<JsonWebToken?> GetTokenAsync(IssuerReaderOptions options, string? token = null) =>
        ConnectAsync(connection => new IssuerReader(options, connection).GetTokenAsync(default), token);
}
