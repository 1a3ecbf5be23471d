using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ClusterTrust.Oidc.Tests.Repository.GitHub;

public sealed class GitHubFaultTests(GitHost host) : GitHubTest(host)
{
    private static readonly string LongUrl = "https://docs.github.com/" + new string('u', 120);

    /// <summary>The options, or GitHub's response to a read, and the message; &lt;url&gt; is the address of the API.</summary>
    public static TheoryData<Func<GitHubFaultTests, object>, ExitCode, string> Faults => new()
    {
        { static test => test.Options with { Token = "wrong-token" }, ExitCode.Usage, "GitHub does not accept the token: it is invalid, expired or revoked; set a new one (GitHub answered 401: 'Bad credentials')." },
        { static test => test.Options with { Token = null }, ExitCode.Usage, "GitHub requires credentials: set a token, a token file or a GitHub App." },
        { static test => test.Options with { Name = "other" }, ExitCode.Usage, "There is no repository octo/other at <url> that the token may read and write: " },
        { static test => test.After(GitHubServer.Problem(400, $"Denied. {string.Concat(Enumerable.Repeat("word ", 70))}{LongUrl} and more of it.")), ExitCode.Usage, $" word {LongUrl}...')." },
        { static test => test.After(GitHubServer.Problem(502, "Server Error")), ExitCode.Failed, "GitHub's API at <url> still answers 502 after all retries: run again later (GitHub answered 502: 'Server Error')." },
        { static test => test.After(new Fault.Latency(TimeSpan.FromMinutes(1))) with { Timeout = TimeSpan.FromSeconds(0.1) }, ExitCode.Failed, "GitHub's API at <url> did not answer within 0.1 seconds: run again later." },
        { static test => test.After(new Fault.Status(403, Body: "<html>Blocked</html>")), ExitCode.Usage, "The response of <url> is not from GitHub's API, or a proxy changed it: check the API URL (of GitHub Enterprise Server: https://HOST/api/v3/) and HTTPS_PROXY (HTTP status 403)." },
        { static test => test.After("Content-Type", "text/html"), ExitCode.Failed, "The response of <url> is not from GitHub's API" },
        { static test => test.After("Content-Encoding", "gzip"), ExitCode.Failed, "The response of <url> is not from GitHub's API" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_reading_that_fails_says_why_and_shows_no_token(Func<GitHubFaultTests, object> arrange, ExitCode exitCode, string sentence)
    {
        var options = (GitHubOptions)arrange(this);
        var fault = await FaultAsync(exitCode, sentence.Replace("<url>", $"{Server.ApiUrl}", StringComparison.Ordinal), options);
        Assert.DoesNotContain(options.Token ?? "no token", $"{fault} {options}", StringComparison.Ordinal);
    }

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

    [Theory]
    [InlineData("You have exceeded a secondary rate limit.")]
    [InlineData("You have triggered an abuse detection mechanism. Please wait a few minutes before you try again.")] // older GitHub Enterprise Servers
    public async Task A_secondary_limit_without_a_time_is_waited_for_a_minute_and_all_limits_of_a_run_for_two(string message)
    {
        Server.Faults.Next(GitHubServer.Problem(403, message));
        var start = DateTimeOffset.UtcNow;
        var clock = new SwiftClock(start);
        await Open(clock: clock).ReadAsync();
        Assert.InRange(clock.Now - start, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2));
        Assert.Single(Server.Requests, request => request.Status == 403);
        Server.Faults.Rate(1, 1, GitHubServer.Problem(403, message));
        await Assert.FaultAsync(ExitCode.Failed, "GitHub's rate limit is used up until", () => Open(clock: clock).ReadAsync());
        Assert.InRange(clock.Now - start, TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(4));
    }

    [Fact]
    public async Task A_primary_limit_is_waited_for_if_it_is_about_to_end_and_else_fails_the_run_with_its_end()
    {
        Limit(DateTimeOffset.UtcNow);
        await ReadAsync();
        Assert.Single(Server.Requests, request => request.Status == 403);

        Server.ForgetRequests();
        var reset = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1800);
        Limit(reset);
        await FaultAsync(ExitCode.Failed, $"GitHub's rate limit is used up until {reset.AddSeconds(1):yyyy-MM-dd'T'HH:mm:ss'Z'}: run again then, or less often");
        Assert.Single(Server.Requests);

        void Limit(DateTimeOffset reset)
        {
            Server.Faults.Next(GitHubServer.Problem(403, "API rate limit exceeded for user ID 1."));
            SendHeaders(("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", reset.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)));
        }
    }

    [Fact]
    public async Task Server_errors_are_retried_five_times_and_a_server_that_is_down_fails_the_run()
    {
        await FaultAsync(ExitCode.Failed, "still answers 502", After(GitHubServer.Problem(502, "Server Error")));
        Assert.Equal(6, Server.Requests.Count);
        await Server.StopAsync();
        await FaultAsync(ExitCode.Failed, $"GitHub's API at {Server.ApiUrl} cannot be reached: check the network, HTTPS_PROXY and the API URL.");
    }

    /// <summary>A load balancer without a server behind it closes the connection; a server that shares no version or cipher sends an alert, handshake_failure. A certificate is no fault of either.</summary>
    [Theory]
    [InlineData(new byte[0], ExitCode.Failed, "cannot be reached: check the network")]
    [InlineData(new byte[] { 21, 3, 3, 0, 2, 2, 40 }, ExitCode.Usage, "cannot be reached over TLS (")]
    public async Task A_handshake_that_ends_is_no_fault_of_a_certificate(byte[] answer, ExitCode exitCode, string sentence)
    {
        await using var listener = new LoopbackListener(async (client, cancellationToken) =>
        {
            await client.ReceiveAsync(new byte[4096], cancellationToken);
            await client.SendAsync(answer, cancellationToken);
        });
        await FaultAsync(exitCode, sentence, Options with { ApiUrl = new Uri($"https://127.0.0.1:{listener.Port}/") });
    }

    [Theory]
    [InlineData(false, "127.0.0.1", 1, "presents a certificate that is not trusted (PartialChain): set SSL_CERT_FILE")]
    [InlineData(true, "other.example", 1, "presents a certificate for other names (other.example): correct the address")]
    [InlineData(false, "other.example", 1, "presents a certificate for other names (other.example): correct the address")] // a CA is not to be trusted because of it
    [InlineData(true, "127.0.0.1", -1, "presents a certificate that is not currently valid (it is valid from ")]
    public async Task A_certificate_that_is_not_accepted_is_an_error(bool isTrusted, string name, int daysLeft, string sentence)
    {
        using var other = new CertificateAuthority("Another CA");
        var now = DateTimeOffset.UtcNow;
        Server.CertificateOverride = (isTrusted ? CertificateAuthority.OfProcess : other).Issue([name], now.AddDays(-2), now.AddDays(daysLeft));
        await FaultAsync(ExitCode.Usage, $"GitHub's API at {Server.ApiUrl} {sentence}");
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
        var file = Host.Write("stale");
        var repository = Open(Options with { Token = null, TokenFile = file });
        await Assert.FaultAsync(ExitCode.Usage, "GitHub does not accept the token", () => repository.ReadAsync());
        await File.WriteAllTextAsync(file, Server.Token + "\n");
        Assert.Equal(Tip, (await repository.ReadAsync()).Tip);
    }

    [Fact]
    public async Task What_is_left_of_the_hours_budget_is_measured()
    {
        // Every value and not the last, which may be that of another test.
        var recorded = new TaskCompletionSource();
        using var listener = new MeterListener { InstrumentPublished = static (instrument, listener) => listener.EnableMeasurementEvents(instrument) };
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => _ = instrument.Name == JobMeter.RequestsLeft && value == 4321 && recorded.TrySetResult());
        listener.Start();
        SendHeaders(("X-RateLimit-Remaining", "4321"));
        await ReadAsync();
        Assert.True(recorded.Task.IsCompleted);
    }

    private Task<JobException> FaultAsync(ExitCode exitCode, string message, GitHubOptions? options = null) => Assert.FaultAsync(exitCode, message, () => ReadAsync(options));

    /// <summary>The options, after the server was given this fault for every request.</summary>
    private GitHubOptions After(Fault fault)
    {
        Server.Faults.Rate(1, 1, fault);
        return Options;
    }

    private GitHubOptions After(string header, string value)
    {
        Server.OnAnswer = context => Task.FromResult(context.Response.Headers[header] = value);
        return Options;
    }

    private void SendHeaders(params (string Name, string Value)[] headers) => Server.OnRequest = context =>
    {
        Array.ForEach(headers, header => context.Response.Headers[header.Name] = header.Value);
        return Task.CompletedTask;
    };
}
