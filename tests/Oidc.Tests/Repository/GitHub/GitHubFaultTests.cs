using System.Diagnostics;

namespace ClusterTrust.Oidc.Tests.Repository.GitHub;

public sealed class GitHubFaultTests : GitHubTest
{
    [Fact]
    public async Task A_wrong_token_is_an_error_that_does_not_show_it()
    {
        var fault = await FaultAsync(
            ExitCode.Usage,
            "GitHub does not accept the token: it is invalid, expired or revoked; set a new one (GitHub answered 401: 'Bad credentials').",
            Options with { Token = "wrong-token" });

        Assert.DoesNotContain("wrong-token", fault.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Server.Token, Options.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_repository_is_an_error() =>
        await FaultAsync(ExitCode.Usage, $"There is no repository octo/other at {Server.ApiUrl} that the token may read and write: ", Options with { Name = "other" });

    [Theory]
    [InlineData(403, "Repository was archived so is read-only.", "The repository octo/pages is archived and refuses commits: unarchive it, or publish to another one")]
    [InlineData(403, "Resource not accessible by personal access token", "The token may not write to octo/pages: grant it the permission Contents: write (a classic token: the scope repo)")]
    [InlineData(403, "Resource not accessible by integration", "The token may not write to octo/pages: grant it the permission Contents: write (a classic token: the scope repo)")]
    [InlineData(403, "Resource protected by organization SAML enforcement.", "The organization that owns octo/pages requires single sign-on: authorize this key or token for it in the account's settings, or use a deploy key of the repository")]
    [InlineData(403, "The 'octo' organization forbids access via a personal access tokens (classic) if the token's lifetime is greater than 8 days.", "The token has a longer lifetime than the owner of octo/pages allows: shorten it in the token's settings, or create a new token")]
    [InlineData(403, "`octo` forbids access via a fine-grained personal access token. Please use a GitHub App.", "The owner of octo/pages forbids this kind of token: use another kind, a deploy key or a GitHub App")]
    [InlineData(403, "Although you appear to have the correct authorization credentials, the `octo` organization has enabled OAuth App access restrictions, meaning that data access to third-parties is limited.", "The owner of octo/pages restricts OAuth apps, and the token belongs to one: ask the owner to approve it, or use a fine-grained token or a GitHub App")]
    [InlineData(401, "The 'octo' organization has enabled or enforced SAML SSO.", "The organization that owns octo/pages requires single sign-on: authorize this key or token for it in the account's settings, or use a deploy key of the repository")]
    [InlineData(451, "Repository access blocked", "The repository octo/pages is blocked for legal reasons")]
    [InlineData(400, "Problems parsing JSON", "GitHub refused the request for octo/pages: correct what its message names")]
    public async Task A_refusal_says_what_to_do(int status, string message, string sentence)
    {
        Server.Faults.Next(GitHubServer.Problem(status, message), when: request => request.Method == "POST");

        var fault = await Assert.FaultAsync(ExitCode.Usage, sentence, () => CommitAsync());

        Assert.Equal($"{sentence} (GitHub answered {status}: '{message}').", fault.Message);
        Assert.Single(Server.Requests, request => request.Status == status);
    }

    [Fact]
    public async Task A_long_message_of_GitHubs_is_quoted_with_its_URL_whole()
    {
        var url = "https://docs.github.com/" + new string('u', 120);
        var message = $"Denied. {string.Concat(Enumerable.Repeat("word ", 70))}{url} and more of it.";
        Server.Faults.Next(GitHubServer.Problem(400, message));

        var fault = await FaultAsync(ExitCode.Usage, message[..300]);

        Assert.EndsWith($" {url}...').", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(403), InlineData(429)]
    public async Task A_secondary_limit_is_waited_for_as_long_as_GitHub_requests(int status)
    {
        Server.Faults.Next(GitHubServer.Problem(status, "You have exceeded a secondary rate limit.", retryAfterSeconds: 1));
        var watch = Stopwatch.StartNew();

        await ReadAsync();

        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(0.95), TimeSpan.FromMinutes(5));
        Assert.Single(Server.Requests, request => request.Status == status);
    }

    [Fact]
    public async Task A_long_primary_limit_fails_the_run_with_its_end()
    {
        var reset = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1800);
        Limit(reset);

        await FaultAsync(ExitCode.Failed, $"GitHub's rate limit is used up until {reset.AddSeconds(1):yyyy-MM-dd'T'HH:mm:ss'Z'}: run again then, or less often");

        Assert.Single(Server.Requests);
    }

    [Fact]
    public async Task A_primary_limit_that_is_about_to_end_is_waited_for()
    {
        Limit(DateTimeOffset.UtcNow);

        await ReadAsync();

        Assert.Single(Server.Requests, request => request.Status == 403);
    }

    [Theory]
    [InlineData("You have exceeded a secondary rate limit.")]
    [InlineData("You have triggered an abuse detection mechanism. Please wait a few minutes before you try again.")] // older GitHub Enterprise Servers
    public async Task A_secondary_limit_without_a_time_is_waited_for_a_minute(string message)
    {
        Server.Faults.Next(GitHubServer.Problem(403, message));
        var start = DateTimeOffset.UtcNow;
        var clock = new SwiftClock(start);

        await Open(clock: clock).ReadAsync();

        Assert.InRange(clock.Now - start, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2));
        Assert.Single(Server.Requests, request => request.Status == 403);
    }

    [Fact]
    public async Task Server_errors_are_retried_and_then_reported()
    {
        Server.Faults.Rate(1, 1, GitHubServer.Problem(502, "Server Error"));

        await FaultAsync(ExitCode.Failed, $"GitHub's API at {Server.ApiUrl} still answers 502 after all retries: run again later (GitHub answered 502: 'Server Error').");

        Assert.Equal(6, Server.Requests.Count);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_or_is_down_fails_the_run()
    {
        Server.Faults.Rate(1, 1, new Fault.Latency(TimeSpan.FromMinutes(1)));
        await FaultAsync(ExitCode.Failed, $"GitHub's API at {Server.ApiUrl} did not answer within 0.1 seconds: run again later.", Options with { Timeout = TimeSpan.FromSeconds(0.1) });

        await Server.StopAsync();
        await FaultAsync(ExitCode.Failed, $"GitHub's API at {Server.ApiUrl} cannot be reached: check the network, HTTPS_PROXY and the API URL.");
    }

    /// <summary>A load balancer without a server behind it accepts a connection and closes it: no fault of a certificate.</summary>
    [Fact]
    public async Task A_connection_that_ends_in_the_handshake_may_be_tried_again()
    {
        await using var listener = new LoopbackListener(static async (client, cancellationToken) => await client.ReceiveAsync(new byte[16], cancellationToken));

        await FaultAsync(ExitCode.Failed, "cannot be reached", Options with { ApiUrl = new Uri($"https://127.0.0.1:{listener.Port}/") });
    }

    [Theory]
    [InlineData(false, "127.0.0.1", 1, "presents a certificate that is not trusted (PartialChain): set SSL_CERT_FILE")]
    [InlineData(true, "other.example", 1, "presents a certificate for other names (other.example): correct the address")]
    [InlineData(true, "127.0.0.1", -1, "presents a certificate that is not currently valid (it is valid from ")]
    public async Task A_certificate_that_is_not_accepted_is_an_error(bool isTrusted, string name, int daysLeft, string sentence)
    {
        using var other = new CertificateAuthority("Another CA");
        var now = DateTimeOffset.UtcNow;
        Server.CertificateOverride = (isTrusted ? CertificateAuthority.OfProcess : other).Issue([name], now.AddDays(-2), now.AddDays(daysLeft));

        await FaultAsync(ExitCode.Usage, $"GitHub's API at {Server.ApiUrl} {sentence}");
    }

    /// <summary>Wrong names come first: a CA is not to be trusted because of a server with another name.</summary>
    [Theory]
    [InlineData("partial", "that is not trusted (PartialChain)")]
    [InlineData("names partial", "for other names (api.example, 10.96.0.1)")]
    public void Every_fault_of_a_certificate_is_named(string faults, string sentence) => Assert.Contains(
        sentence,
        TlsFault.Of(new HttpRequestException(null, CertificateCallback.Call(ServerCertificateException.Validate, faults.Split(' ')))),
        StringComparison.Ordinal);

    /// <summary>A TLS alert, such as the handshake_failure of a server that shares no version or cipher.</summary>
    [Fact]
    public async Task A_handshake_that_the_server_refuses_is_no_fault_of_a_certificate()
    {
        await using var listener = new LoopbackListener(static async (client, cancellationToken) =>
        {
            await client.ReceiveAsync(new byte[4096], cancellationToken);
            await client.SendAsync(new byte[] { 21, 3, 3, 0, 2, 2, 40 }, cancellationToken);
        });

        await FaultAsync(ExitCode.Usage, "cannot be reached over TLS (", Options with { ApiUrl = new Uri($"https://127.0.0.1:{listener.Port}/") });
    }

    [Theory]
    [InlineData("Content-Type", "text/html")]
    [InlineData("Content-Encoding", "gzip")]
    public async Task A_page_of_a_proxy_or_what_cannot_be_decompressed_is_an_error(string name, string value)
    {
        Server.OnAnswer = context =>
        {
            context.Response.Headers[name] = value;
            return Task.CompletedTask;
        };

        await FaultAsync(ExitCode.Failed, $"The answer of {Server.ApiUrl} is not GitHub's API");
    }

    [Fact]
    public async Task A_cancelled_run_stops_at_once()
    {
        using var stop = new CancellationTokenSource();
        Server.OnRequest = _ => stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Open().ReadAsync(TestRepository.Layout, stop.Token));

        Assert.InRange(Server.Requests.Count, 0, 1);
    }

    [Fact]
    public async Task A_token_file_is_read_anew_with_every_request()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("token", "stale");
        var repository = Open(Options with { Token = null, TokenFile = file });
        await Assert.FaultAsync(ExitCode.Usage, "GitHub does not accept the token", () => repository.ReadAsync());
        folder.Write("token", Server.Token + "\n");

        Assert.NotNull((await repository.ReadAsync()).Tip);
    }

    [Fact]
    public void Credentials_are_required() =>
        Assert.Fault(ExitCode.Usage, "GitHub requires credentials: set a token, a token file or a GitHub App.", () => Open(Options with { Token = null }));

    [Fact]
    public async Task What_is_left_of_the_hours_budget_is_measured()
    {
        using var collector = new MetricCollector();
        SendHeaders(("X-RateLimit-Remaining", "4321"));

        await ReadAsync();

        Assert.Contains(collector.Samples(), static sample => sample.Name == JobMeter.RequestsLeft && sample.Value == 4321);
    }

    private Task<JobException> FaultAsync(ExitCode exitCode, string message, GitHubOptions? options = null) => Assert.FaultAsync(exitCode, message, () => ReadAsync(options));

    private void Limit(DateTimeOffset reset)
    {
        Server.Faults.Next(GitHubServer.Problem(403, "API rate limit exceeded for user ID 1."));
        SendHeaders(("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", reset.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)));
    }

    private void SendHeaders(params (string Name, string Value)[] headers) => Server.OnRequest = context =>
    {
        Array.ForEach(headers, header => context.Response.Headers[header.Name] = header.Value);
        return Task.CompletedTask;
    };
}
