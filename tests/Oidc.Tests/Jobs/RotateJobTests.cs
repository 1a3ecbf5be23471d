namespace ClusterTrust.Oidc.Tests.Jobs;

/// <summary>Every way a look at a rotation can go.</summary>
public sealed class RotateJobTests : JobTest
{
    public RotateJobTests() => Cluster.Servers = [([0], 0, Start.AddDays(-9))];

    /// <summary>When the site was deployed and the API servers started; every stage by value is in <c>RotationTests</c>.</summary>
    [Fact]
    public async Task A_key_is_safe_to_sign_and_another_to_remove_from_a_time_on()
    {
        await PublishAsync();
        Deployed = Clock.Now = Start.AddHours(1);
        await PublishBothAsync(Start.AddHours(2));
        Assert.Contains("Wait until 2026-11-25T13:15:00Z before it signs", await StageAsync(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, await AskAsync(sign: 1));

        Clock.Now = Start + new TimeSpan(25, 15, 0);
        Assert.Contains("Sign with it on every API server", await StageAsync(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Done, await AskAsync(sign: 1));

        Cluster.Servers = [([0, 1], 1, Clock.Now.AddMinutes(-5)), ([0, 1], 1, Clock.Now)];
        Assert.Contains("Wait until 2026-11-26T13:20:00Z before you remove", await StageAsync(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, await AskAsync(remove: 0));

        Clock.Now += new TimeSpan(24, 5, 0);
        Assert.Contains("Remove it from every API server", await StageAsync(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Done, await AskAsync(remove: 0));
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

    /// <summary>What happens after the key was published, and how a look at the rotation ends.</summary>
    public static TheoryData<Action<RotateJobTests>, ExitCode, string> Changes => new()
    {
        { static test => test.PutKeys(RsaKey(0), RsaKey(3)), ExitCode.Refused, Kid(3) },
        { static test => test.Cluster.Servers = [([0], 1, Start)], ExitCode.Refused, "https://10.0.0.1:6443 does not accept a token that it issued itself" },
        { static test => test.Answer = static _ => new(HttpStatusCode.NotFound), ExitCode.Failed, "404" },
        { static test => test.Answer = static _ => new(HttpStatusCode.ServiceUnavailable), ExitCode.Failed, "503" },
        { static test => test.AnswerFor("-state.json", HttpStatusCode.ServiceUnavailable), ExitCode.Failed, "jwks-state.json" }, // it may say that a key was published later than the site does
        { static test => test.AnswerFor("-state.json", HttpStatusCode.Found), ExitCode.Failed, "jwks-state.json" },
        { static test => test.Cluster.IssuesAt = () => test.Clock.Now.AddMinutes(-6), ExitCode.Failed, "https://10.0.0.1:6443 issued a token that is valid from" },
        { static test => test.Cluster.IssuesAt = () => test.Clock.Now.AddMinutes(6), ExitCode.Failed, "https://10.0.0.1:6443 issued a token that is valid from" },
        { static _ => { }, ExitCode.Usage, $"There is no key 'unknown': the API servers serve '{Kid(0)}'" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task What_does_not_belong_together_or_cannot_be_read_proves_nothing(Action<RotateJobTests> change, ExitCode exitCode, string message)
    {
        await PublishAsync();
        change(this);
        await Assert.FaultAsync(exitCode, message, () => RotateAsync("unknown"));
    }

    /// <summary>The state file is public and its seal cannot be checked here: its content may delay a step, and never allows one.</summary>
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
    public async Task A_site_without_Last_Modified_proves_nothing_and_its_keys_are_public_since_an_unknown_time()
    {
        await PublishBothAsync(Start.AddYears(1));
        Deployed = null;
        Assert.Contains("  unknown  ", await StageAsync(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, await AskAsync(sign: 1));
    }

    private async Task<string> StageAsync()
    {
        var before = Output.Length;
        Assert.Equal(ExitCode.Done, (await RotateAsync()).ExitCode);
        return Output[before..];
    }

    private async Task<ExitCode> AskAsync(int? sign = null, int? remove = null) =>
        (await RotateAsync(sign is { } s ? Kid(s) : null, remove is { } r ? Kid(r) : null)).ExitCode;

    /// <summary>Publishes both keys, which the only API server accepts, and advances the clock.</summary>
    private async Task PublishBothAsync(DateTimeOffset now)
    {
        await PublishKeysAsync(0, 1);
        Cluster.Servers = [([0, 1], 0, Start)];
        Clock.Now = now;
    }
}
