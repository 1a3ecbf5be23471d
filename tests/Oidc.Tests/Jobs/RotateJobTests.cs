namespace ClusterTrust.Oidc.Tests.Jobs;

/// <summary>Every way a look at a rotation can go.</summary>
public sealed class RotateJobTests : JobTest
{
    public RotateJobTests() => Cluster.Servers = [([0], 0, Start.AddDays(-9))];

    [Fact]
    public async Task A_rotation_on_two_API_servers_is_shown_from_its_first_step_to_its_last()
    {
        await PublishAsync();
        Cluster.Servers = [([0], 0, Start), ([0], 0, Start)];
        Assert.Contains("No rotation is under way", await StageAsync(), StringComparison.Ordinal);

        Cluster.Servers = [([0, 1], 0, Start), ([0], 0, Start)];
        Assert.Contains("Add it on the others: https://10.0.0.2:6443", await StageAsync(), StringComparison.Ordinal);

        Cluster.Servers = [([0, 1], 0, Start), ([0, 1], 0, Start)];
        Assert.Contains("it is not public", await StageAsync(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, await AskAsync(sign: 1));

        Cluster.Keys = [0, 1];
        Deployed = Clock.Now = Start.AddHours(1);
        await PublishAsync();
        Assert.Contains("Wait until 2026-11-25T13:15:00Z before it signs", await StageAsync(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, await AskAsync(sign: 1));

        Clock.Now = Deployed.Value + new TimeSpan(24, 15, 0);
        Assert.Contains("Sign with it on every API server", await StageAsync(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Done, await AskAsync(sign: 1));

        var switched = Clock.Now;
        Cluster.Servers = [([0, 1], 1, switched), ([0, 1], 0, Start)];
        Assert.Contains("Switch the others: https://10.0.0.2:6443", await StageAsync(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, await AskAsync(remove: 0));

        Cluster.Servers = [([0, 1], 1, switched), ([0, 1], 1, switched.AddMinutes(5))];
        Assert.Contains("Wait until 2026-11-26T13:25:00Z before you remove", await StageAsync(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, await AskAsync(remove: 0));

        Clock.Now = switched.AddMinutes(5) + new TimeSpan(24, 5, 0);
        Assert.Contains("Remove it from every API server", await StageAsync(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Done, await AskAsync(remove: 0));

        Cluster.Servers = [([1], 1, Clock.Now), ([1], 1, Clock.Now)];
        Cluster.Keys = [1];
        Cluster.Signing = 1;
        await PublishAsync();
        Assert.Contains("when its retention is over", await StageAsync(), StringComparison.Ordinal);

        Clock.Now += TimeSpan.FromHours(25);
        await PublishAsync();
        Assert.Contains("No rotation is under way", await StageAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_holds_the_stage_the_step_the_keys_and_the_commands()
    {
        await PublishAsync();
        Cluster.Servers = [([0, 1], 0, Start)];
        var before = Output.Length;

        Assert.Equal(ExitCode.Done, (await RotateAsync(format: OutputFormat.Json)).ExitCode);

        var json = JsonNode.Parse(Output[before..])!;
        Assert.Equal("new-key-not-public", (string)json["stage"]!);
        Assert.Equal("publish", (string)json["step"]!);
        Assert.Equal(Kid(1), (string)json["kid"]!);
        Assert.Equal(new[] { Kid(0), Kid(1) }.Order(StringComparer.Ordinal), json["keys"]!.AsArray().Select(static key => (string)key!["kid"]!));
        Assert.All(json["keys"]!.AsArray(), static key => Assert.False((bool)key!["safeToRemove"]!["safe"]!));
        Assert.Equal("https://10.0.0.1:6443", (string)json["apiServers"]![0]!["server"]!);
        Assert.Contains("create job", (string)json["commands"]!["oidc"]![0]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(6), InlineData(-6), InlineData(60 * 24 * 365)]
    public async Task A_clock_that_differs_from_an_API_server_s_proves_nothing(int minutes)
    {
        await PublishBothAsync(Start.AddDays(9));
        Assert.Equal(ExitCode.Done, await AskAsync(sign: 1));
        Cluster.IssuesAt = () => Clock.Now.AddMinutes(-minutes);

        await Assert.FaultAsync(ExitCode.Failed, "https://10.0.0.1:6443 issued a token that is valid from", () => RotateAsync(Kid(1)));
    }

    [Fact]
    public async Task Other_keys_than_the_cluster_s_on_the_site_are_refused()
    {
        await PublishAsync();
        PutKeys(RsaKey(0), RsaKey(3));

        await Assert.FaultAsync(ExitCode.Refused, Kid(3), () => RotateAsync());
    }

    /// <summary>The state file is public and its seal cannot be checked here: whatever it holds may delay a step, and never allows one.</summary>
    [Theory]
    [InlineData("\"firstSeen\": \"2026-11-24T", "\"firstSeen\": \"2016-11-24T")]
    [InlineData("\"firstSeen\": \"2026-11-24T", "\"firstSeen\": \"9999-12-31T")]
    [InlineData("\"firstSeen\"", "\"removedAt\": \"9999-12-31T23:59:59Z\",\n\"firstSeen\"")]
    [InlineData("\"firstSeen\"", "\"removedAt\": \"0001-01-01T00:00:00Z\",\n\"firstSeen\"")]
    [InlineData("{", "")]
    [InlineData("\"schemaVersion\": 1", "\"schemaVersion\": 99")]
    public async Task No_edit_of_the_state_makes_a_key_safe_to_sign(string original, string replacement)
    {
        await PublishBothAsync(Start.AddHours(23));
        var state = System.Text.Encoding.UTF8.GetString(Repository.Site.Find(Layout.StatePath)!.Value.Span);
        Assert.Contains(original, state, StringComparison.Ordinal);
        Put(Layout.StatePath, System.Text.Encoding.UTF8.GetBytes(state.Replace(original, replacement, StringComparison.Ordinal)));

        await RotateAsync();
        Assert.Equal(ExitCode.Failed, await AskAsync(sign: 1));
        Assert.Equal(ExitCode.Failed, await AskAsync(remove: 0));
    }

    [Fact]
    public async Task An_unknown_kid_is_a_usage_error()
    {
        await PublishAsync();

        await Assert.FaultAsync(ExitCode.Usage, $"There is no key 'unknown': the API servers serve '{Kid(0)}'", () => RotateAsync("unknown"));
    }

    [Fact]
    public async Task A_site_without_Last_Modified_proves_nothing_and_its_keys_are_public_since_an_unknown_time()
    {
        await PublishBothAsync(Start.AddYears(1));
        Deployed = null;
        Assert.Contains("  unknown  ", await StageAsync(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, await AskAsync(sign: 1));
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound), InlineData(HttpStatusCode.ServiceUnavailable)]
    public async Task A_site_that_does_not_serve_the_documents_fails_the_run(HttpStatusCode status)
    {
        await PublishAsync();
        Answer = _ => new HttpResponseMessage(status);

        await Assert.FaultAsync(ExitCode.Failed, $"{(int)status}", () => RotateAsync());
    }

    [Fact]
    public async Task An_API_server_that_signs_with_a_key_it_does_not_accept_is_refused()
    {
        await PublishAsync();
        Cluster.Servers = [([0], 1, Start)];

        await Assert.FaultAsync(ExitCode.Refused, "https://10.0.0.1:6443 does not accept a token that it issued itself", () => RotateAsync());
    }

    /// <summary>It may say that a key was published later than the site does.</summary>
    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable), InlineData(HttpStatusCode.Found)]
    public async Task A_state_file_that_cannot_be_read_proves_nothing(HttpStatusCode status)
    {
        await PublishBothAsync(Start.AddHours(1));
        Deployed = Start.AddYears(-1);
        AnswerFor("-state.json", status);

        await Assert.FaultAsync(ExitCode.Failed, "jwks-state.json", () => RotateAsync(Kid(1)));
    }

    private async Task<string> StageAsync()
    {
        var before = Output.Length;
        Assert.Equal(ExitCode.Done, (await RotateAsync()).ExitCode);
        return Output[before..];
    }

    private async Task<ExitCode> AskAsync(int? sign = null, int? remove = null) =>
        (await RotateAsync(sign is { } s ? Kid(s) : null, remove is { } r ? Kid(r) : null)).ExitCode;

    /// <summary>Publishes both keys, which the only API server accepts, and lets time pass.</summary>
    private async Task PublishBothAsync(DateTimeOffset now)
    {
        await PublishKeysAsync(0, 1);
        Cluster.Servers = [([0, 1], 0, Start)];
        Clock.Now = now;
    }
}
