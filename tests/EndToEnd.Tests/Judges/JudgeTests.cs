namespace ClusterTrust.EndToEnd.Tests.Judges;

/// <summary>
/// What oidc publishes, judged by others: a token of the cluster is accepted outside exactly when the API server accepts it. Three rounds
/// of rotations, restarts, races and kills always; 50 with <c>SOAK=1</c>.
/// </summary>
[Trait("ApiServer", "own")]
public sealed class JudgeTests(ITestOutputHelper output) : SandboxTest
{
    private const int Seed = 7;
    private readonly Random _random = new(Seed);

    private ServiceAccountKeys Keys => Cluster.ApiServer.Keys;

    [Fact]
    public async Task Others_accept_exactly_the_tokens_that_the_API_server_accepts()
    {
        using var judges = await TokenJudges.StartAsync(Cluster);
        await using var impostor = new KubeApiServer(Cluster.Authority, new ApiServerOptions { Issuer = SandboxCluster.Issuer });
        impostor.State.AddNamespace(SandboxCluster.Namespace);
        var tokens = new List<(string What, string Token)>
        {
            ("of another cluster", impostor.IssueToken(SandboxCluster.Namespace, "certsync", [TokenJudges.Audience])),
        };
        await PublishedAsync("--retain-removed-keys", "0");
        var accepted = 0;
        var refused = 0;

        for (var round = 0; round < Soak.Times(3, 50); round++)
        {
            tokens.AddRange(Issue(round));
            var step = await StepAsync();
            await PublishedAsync("--retain-removed-keys", "0");
            tokens.Add(($"of round {round}, after {step}", Issue(TokenJudges.Audience)));
            foreach (var (what, token) in tokens)
            {
                var verdict = Cluster.ApiServer.Tokens.Verify(token, [TokenJudges.Audience]) is not null;
                foreach (var (judge, said) in await judges.JudgeAsync(token))
                {
                    Assert.False(said.StartsWith("failed", StringComparison.Ordinal), $"{judge}: {said}");
                    Assert.True(verdict == (said == "accepted"), $"Round {round}, {step}: the API server {(verdict ? "accepts" : "refuses")} the token {what}; {judge}: {said}");
                }

                _ = verdict ? accepted++ : refused++;
            }

            // Some of each kind go on to the next rounds, in which keys go.
            while (tokens.Count > 10)
            {
                tokens.RemoveAt(_random.Next(tokens.Count));
            }
        }

        output.WriteLine($"{accepted} times accepted by all, {refused} times refused by all.");
        Assert.True(accepted > 0 && refused > 0);
    }

    /// <summary>The one difference, and it is wanted: a removed key goes on to be published until its retention is over or it is dropped.</summary>
    [Fact]
    public async Task A_removed_key_is_accepted_outside_until_it_is_dropped()
    {
        using var judges = await TokenJudges.StartAsync(Cluster);
        var old = Keys.Signing;
        var token = Issue(TokenJudges.Audience);
        Keys.Rotate();
        Cluster.RenewTokens();
        await PublishedAsync();
        Keys.Drop(old);
        await PublishedAsync();
        Assert.All(await judges.JudgeAsync(token), static said => Assert.Equal("accepted", said.Value));
        await PublishedAsync("--drop-key", old.KeyId);
        Assert.All(await judges.JudgeAsync(token), static said => Assert.StartsWith("refused", said.Value, StringComparison.Ordinal));
    }

    private string Issue(string audience, TimeSpan? lifetime = null) =>
        Cluster.ApiServer.IssueToken(SandboxCluster.Namespace, "certsync", [audience], lifetime);

    private IEnumerable<(string What, string Token)> Issue(int round)
    {
        var good = Issue(TokenJudges.Audience);
        var parts = good.Split('.');
        yield return ($"of round {round}", good);
        yield return ($"of round {round}, expired", Issue(TokenJudges.Audience, TimeSpan.FromMinutes(-1)));
        yield return ($"of round {round}, for another audience", Issue("https://elsewhere.example.com"));
        yield return ($"of round {round}, signed by nobody", $"{parts[0]}.{parts[1]}.");
        yield return ($"of round {round}, with the claims of another", $"{parts[0]}.{Issue(TokenJudges.Audience, TimeSpan.FromDays(1)).Split('.')[1]}.{parts[2]}");
    }

    /// <summary>Something that happens to clusters, at random. What it does to the branch, the next run puts right.</summary>
    private async Task<string> StepAsync()
    {
        var algorithm = _random.Next(2) == 0 ? SigningAlgorithm.RS256 : SigningAlgorithm.ES256;
        switch (_random.Next(6))
        {
            case 0:
                Keys.Announce(algorithm);
                return "a key was announced";
            case 1:
                Keys.SignWith(Keys.Published[_random.Next(Keys.Published.Count)]);
                Cluster.RenewTokens();
                return "another key signs";
            case 2 when Keys.Published.Count > 1:
                Keys.Drop(Keys.Published.First(key => key != Keys.Signing));
                return "a key was removed";
            case 3:
                await Cluster.ApiServer.StopAsync();
                await Cluster.ApiServer.StartAsync();
                return "the API server was restarted";
            case 4:
                Keys.Announce(algorithm);
                await Task.WhenAll(PublishAsync("--retain-removed-keys", "0"), PublishAsync("--retain-removed-keys", "0"));
                return "two publishers raced";
            case 5:
                Keys.Announce(algorithm);
                await KillAsync();
                return "a publisher was killed";
            default:
                Keys.Rotate(algorithm);
                Cluster.RenewTokens();
                return "the key was rotated";
        }
    }

    private async Task KillAsync()
    {
        await using var job = Cluster.Job("oidc");
        var run = job.Start(["publish", .. Cluster.OidcArguments(), "--no-verify", "--retain-removed-keys", "0"]);
        await Task.Delay(_random.Next(1500));
        run.Signal(UnixSignal.Kill);
        await run.WaitAsync();
        await Cluster.Ssh.IdleAsync();
    }
}
