namespace ClusterTrust.Oidc.Tests.Repository.Git;

public sealed class HttpsTests(GitHost host) : GitTest(host)
{
    [Fact]
    public async Task A_token_that_is_not_accepted_is_an_error_and_not_retried()
    {
        Host.Https.AddToken("reader", GitAccess.ReadOnly);
        Host.Https.ForgetRequests();
        await FaultAsync(Https with { Token = "bad-token-4711" }, "refused the token (401)");
        Assert.Single(Host.Https.Requests);
        await FaultAsync(Https with { Token = null }, "requires credentials (401)");
        await FaultAsync(Https with { Url = Host.Https.Url("owner/missing") }, "There is no repository");
        await FaultAsync(Https with { Token = "reader" }, "may not write to");
        Assert.Equal(Tip, Repository.Tip("main"));
    }

    [Theory]
    [InlineData(403, "remote: The 'acme' organization has enabled or enforced SAML SSO.", "requires single sign-on: authorize this key or token for it in the account's settings, or use a deploy key of the repository (403). The server reported: The 'acme'")]
    [InlineData(401, "HTTP Basic: Access denied. Your account has been blocked.", "suspended or disabled")]
    [InlineData(403, "remote: Write access to repository not granted.", "The token may not read the repository"), InlineData(203, "", "refused the token (203)")]
    [InlineData(404, "not with eC1hY2Nlc3MtdG9rZW46Z29vZC10b2tlbg==", "The server reported: not with (redacted)")]
    public async Task What_the_server_writes_about_a_refusal_decides(int status, string body, string sentence)
    {
        Host.Https.Instead = async context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync(body);
            return true;
        };

        await FaultAsync(Https, sentence);
    }

    /// <summary>The token is for the first server alone.</summary>
    [Fact]
    public async Task A_redirect_is_refused_and_nothing_sent_there()
    {
        Host.Https.ForgetRequests();
        Host.Https.Instead = context =>
        {
            context.Response.Redirect($"https://localhost:{Host.Https.Port}{context.Request.Path}{context.Request.QueryString}");
            return Task.FromResult(true);
        };

        await FaultAsync(Https, "has moved (302 to https://localhost:");
        Assert.Single(Host.Https.Requests);
    }

    /// <summary>A token that GitHub Actions or a machine has is for the host that it names.</summary>
    [Theory]
    [InlineData("", false), InlineData("https://github.example.com", false), InlineData("https://127.0.0.1", true)]
    public async Task A_token_for_GitHub_is_sent_to_no_other_host_and_a_file_overrides_it(string server, bool isSent)
    {
        var variables = new Dictionary<string, string> { ["GITHUB_TOKEN"] = "ghp_ambient", ["GITHUB_SERVER_URL"] = server };
        using (var site = await OpenAsync(variables, "--repository", Host.Https.Url(Name), "--token-file", Host.Write("good-token\n")))
        {
            Assert.Equal(Tip, (await site.ReadAsync()).Tip);
        }

        var opening = OpenAsync(variables, "--repository", Host.Https.Url(Name));
        if (isSent)
        {
            using var site = await opening;
            await Assert.FaultAsync(ExitCode.Usage, "refused the token (401)", () => site.ReadAsync());
        }
        else
        {
            Assert.Contains("The token in GITHUB_TOKEN is not sent to 127.0.0.1", (await Assert.ThrowsAsync<InvalidOperationException>(() => opening)).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("github.com", "x-access-token")]
    [InlineData("bitbucket.org", "x-token-auth")]
    public void The_user_name_is_the_one_that_the_host_expects_with_a_token(string host, string user) => Assert.Equal(user, HttpsTransport.UserOf(host));

    [Fact]
    public async Task A_server_that_offers_no_shallow_clones_sends_the_history()
    {
        await PushAsync("README.md", "Second\n");
        Host.Https.Tamper = static (context, body) => context.Request.Path.Value!.EndsWith("/info/refs", StringComparison.Ordinal)
            ? Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(body).Replace(" shallow ", " unknown ", StringComparison.Ordinal))
            : body;
        await PublishAsync(Https);
        Assert.Equal(3, (await Repository.LogAsync("main")).Count);
    }

    [Fact]
    public async Task An_untrusted_certificate_is_reported_with_the_setting_to_change()
    {
        using var other = new CertificateAuthority("Another CA");
        await using var server = new GitHttpsServer(other, Host.Repositories);
        await server.StartAsync();
        await FaultAsync(Https with { Url = server.Url(Name) }, "SSL_CERT_FILE");
    }

    [Fact]
    public async Task Resets_and_overload_while_reading_are_tried_again()
    {
        Host.Https.Faults.Next(new Fault.Reset());
        Host.Https.Faults.Next(Fault.Unavailable());
        Host.Https.Faults.Next(new Fault.Truncate());
        await PublishAsync(Https);
        Assert.Equal(2, (await Repository.LogAsync("main")).Count);
    }

    [Fact]
    public async Task An_answer_that_is_lost_after_the_push_makes_no_second_commit()
    {
        Host.Https.Faults.Next(new Fault.Truncate(), when: IsPush);
        Assert.Equal((await PublishAsync(Https)).Sha, Repository.Tip("main"));
        Assert.Equal(2, (await Repository.LogAsync("main")).Count);
    }

    [Fact]
    public async Task After_a_push_that_the_server_reports_nothing_else_is_requested()
    {
        Host.Https.ForgetRequests();
        await PublishAsync(Https);
        Assert.EndsWith("/git-receive-pack", Host.Https.Requests.Last().Path, StringComparison.Ordinal);
    }

    /// <summary>The branch itself shows whether it was moved.</summary>
    [Fact]
    public async Task A_report_without_the_branch_is_no_success()
    {
        const string Report = "0017\u0001000eunpack ok\n00000000";
        Host.Https.Instead = async context =>
        {
            context.Response.ContentType = "application/x-git-receive-pack-result";
            await (IsPush(context.Request) ? context.Response.WriteAsync(Report) : Task.CompletedTask);
            return IsPush(context.Request);
        };
        await Assert.ThrowsAsync<RacedException>(() => PublishAsync(Https));
        Assert.Equal(Tip, Repository.Tip("main"));

        Host.Https.Instead = null;
        Host.Https.Tamper = (context, body) => IsPush(context.Request) ? Encoding.ASCII.GetBytes(Report) : body;
        Assert.Equal((await PublishAsync(Https)).Sha, Repository.Tip("main"));
    }

    [Fact]
    public async Task A_push_that_never_arrives_is_to_be_planned_anew()
    {
        Host.Https.Faults.Next(new Fault.Reset(), when: IsPush);
        await Assert.ThrowsAsync<RacedException>(() => PublishAsync(Https));
        Assert.Equal(Tip, Repository.Tip("main"));
    }

    private static bool IsPush(HttpRequest request) => request.Path.Value!.EndsWith("/git-receive-pack", StringComparison.Ordinal);

    private static async Task FaultAsync(GitRepositoryOptions options, string sentence) =>
        Assert.DoesNotContain("4711", (await PublishFaultAsync(options, ExitCode.Usage, sentence)).ToString(), StringComparison.Ordinal);
}
