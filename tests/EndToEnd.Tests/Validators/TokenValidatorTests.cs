namespace ClusterTrust.EndToEnd.Tests.Validators;

/// <summary>
/// What oidc publishes, checked by independent validators: they accept a token of the cluster exactly when the API server accepts it. Three rounds
/// of rotations, restarts, races and kills always; 50 with <c>SOAK=1</c>.
/// </summary>
[Trait("ApiServer", "own")]
public sealed class TokenValidatorTests(ITestOutputHelper output) : SandboxTest
{
    private const int Seed = 7;
    private readonly Random _random = new(Seed);

    private ServiceAccountKeys Keys => Cluster.ApiServer.Keys;

    [Fact]
    public async Task Others_accept_exactly_the_tokens_that_the_API_server_accepts()
    {
        using var validators = await TokenValidators.StartAsync(Cluster);
        await using var impostor = new KubeApiServer(Cluster.Authority, new ApiServerOptions { Issuer = SandboxCluster.Issuer });
        impostor.State.AddNamespace(SandboxCluster.Namespace);
        var tokens = new List<(string What, string Token)>
        {
            ("of another cluster", impostor.IssueToken(SandboxCluster.Namespace, "certsync", [TokenValidators.Audience])),
        };
        await PublishedAsync("--retain-removed-keys", "0");
        var accepted = 0;
        var refused = 0;

        for (var round = 0; round < Soak.Times(3, 50); round++)
        {
            tokens.AddRange(Issue(round));
            var step = await StepAsync();
            await PublishedAsync("--retain-removed-keys", "0");
            tokens.Add(($"of round {round}, after {step}", Issue(TokenValidators.Audience)));
            foreach (var (what, token) in tokens)
            {
                var isAccepted = Cluster.ApiServer.Tokens.Verify(token, [TokenValidators.Audience]) is not null;
                foreach (var (validator, result) in await validators.ValidateAsync(token))
                {
                    Assert.False(result.StartsWith("failed", StringComparison.Ordinal), $"{validator}: {result}");
                    Assert.True(isAccepted == (result == "accepted"), $"Round {round}, {step}: the API server {(isAccepted ? "accepts" : "refuses")} the token {what}; {validator}: {result}");
                }

                _ = isAccepted ? accepted++ : refused++;
            }

            // Some of each kind are kept for the next rounds, in which keys are removed.
            while (tokens.Count > 10)
            {
                tokens.RemoveAt(_random.Next(tokens.Count));
            }
        }

        output.WriteLine($"{accepted} times accepted by all, {refused} times refused by all.");
        Assert.True(accepted > 0 && refused > 0);
    }

    /// <summary>The one intended difference: a removed key stays published until its retention is over or it is dropped.</summary>
    [Fact]
    public async Task A_removed_key_is_accepted_outside_until_it_is_dropped()
    {
        using var validators = await TokenValidators.StartAsync(Cluster);
        var old = Keys.Signing;
        var token = Issue(TokenValidators.Audience);
        Keys.Rotate();
        Cluster.RenewTokens();
        await PublishedAsync();
        Keys.Drop(old);
        await PublishedAsync();
        Assert.All(await validators.ValidateAsync(token), static result => Assert.Equal("accepted", result.Value));
        await PublishedAsync("--drop-key", old.KeyId);
        Assert.All(await validators.ValidateAsync(token), static result => Assert.StartsWith("refused", result.Value, StringComparison.Ordinal));
    }

    private string Issue(string audience, TimeSpan? lifetime = null) =>
        Cluster.ApiServer.IssueToken(SandboxCluster.Namespace, "certsync", [audience], lifetime);

    private IEnumerable<(string What, string Token)> Issue(int round)
    {
        var good = Issue(TokenValidators.Audience);
        var parts = good.Split('.');
        yield return ($"of round {round}", good);
        yield return ($"of round {round}, expired", Issue(TokenValidators.Audience, TimeSpan.FromMinutes(-1)));
        yield return ($"of round {round}, for another audience", Issue("https://elsewhere.example.com"));
        yield return ($"of round {round}, signed by nobody", $"{parts[0]}.{parts[1]}.");
        yield return ($"of round {round}, with the claims of another", $"{parts[0]}.{Issue(TokenValidators.Audience, TimeSpan.FromDays(1)).Split('.')[1]}.{parts[2]}");
    }

    /// <summary>A random event in a cluster. The next run corrects its effect on the branch.</summary>
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
