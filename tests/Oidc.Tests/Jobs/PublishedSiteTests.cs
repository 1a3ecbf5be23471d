namespace ClusterTrust.Oidc.Tests.Jobs;

/// <summary>Every way the public site can answer after a publication.</summary>
public sealed class PublishedSiteTests : JobTest
{
    [Theory]
    [InlineData(HttpStatusCode.NotFound, ExitCode.Failed)]
    [InlineData(HttpStatusCode.ServiceUnavailable, ExitCode.Done)]
    public async Task In_the_steady_state_a_site_that_does_not_serve_fails_the_run_and_one_in_trouble_does_not(HttpStatusCode status, ExitCode exitCode)
    {
        await PublishAsync();
        Pages.Requests.Clear();
        Answer = _ => new HttpResponseMessage(status);
        Assert.Equal(exitCode, (await PublishAsync()).ExitCode);
        Assert.Single(Pages.Requests);
        AssertLogged(exitCode == ExitCode.Done ? "Warning NotVisibleYet" : "Error NotVisible:");
    }

    [Fact]
    public async Task A_deployment_that_takes_a_while_is_waited_for()
    {
        var deployed = Start.AddSeconds(45);
        Answer = request => Clock.Now < deployed ? new HttpResponseMessage(HttpStatusCode.NotFound) : Serve(request);
        Assert.Equal(ExitCode.Done, (await PublishAsync()).ExitCode);
        Assert.InRange(Clock.Now, deployed, deployed.AddSeconds(11));
    }

    [Fact]
    public async Task A_deployment_that_never_comes_fails_the_run_when_the_time_is_up()
    {
        Answer = _ => new HttpResponseMessage(HttpStatusCode.NotFound);
        var result = await PublishAsync();
        Assert.Equal(ExitCode.Failed, result.ExitCode);
        Assert.Contains("but the public URL does not serve it", result.Message, StringComparison.Ordinal);
        Assert.Equal(Start + Options.Verification.Timeout, Clock.Now);
    }

    [Fact]
    public async Task A_site_that_cannot_be_reached_is_given_up_after_three_tries()
    {
        Answer = _ => throw new HttpRequestException(HttpRequestError.ConnectionError);
        Assert.Equal(ExitCode.Done, (await PublishAsync()).ExitCode);
        Assert.Equal(3, Pages.Requests.Count);
        AssertLogged("Warning NotVisibleYet");
    }

    [Fact]
    public async Task Without_verification_the_site_is_not_requested()
    {
        Options = Options with { Verify = false };
        await PublishKeysAsync(0);
        Assert.Empty(Pages.Requests);
    }

    /// <summary>Someone who can push could claim in the state file that a key of theirs was dropped a moment ago.</summary>
    [Fact]
    public async Task A_served_key_that_the_state_file_has_as_just_dropped_is_refused()
    {
        await PublishKeysAsync(0, 1);
        var cached = Repository.Site;
        Drop(1);
        await PublishKeysAsync(0);
        var current = Repository.Site;
        Answer = request =>
        {
            Repository.Site = cached;
            var response = Serve(request);
            Repository.Site = current;
            response.Headers.CacheControl = new() { MaxAge = TimeSpan.FromMinutes(10) };
            return response;
        };

        Assert.Equal(ExitCode.Refused, (await PublishAsync()).ExitCode);
        AssertLogged("and was dropped: if it is still so in 600 seconds, when no cache serves an earlier copy any more");
        Assert.Equal(2, Repository.Commits.Count);
    }

    [Fact]
    public async Task A_stop_while_waiting_for_the_site_ends_the_waiting_and_claims_nothing()
    {
        using var stop = new CancellationTokenSource();
        Answer = _ =>
        {
            stop.Cancel();
            return new HttpResponseMessage(HttpStatusCode.NotFound);
        };

        Assert.Equal(ExitCode.Done, (await PublishAsync(stopping: stop.Token)).ExitCode);
        Assert.DoesNotContain(Log.Entries, entry => entry.Contains("served as published", StringComparison.Ordinal));
    }
}
