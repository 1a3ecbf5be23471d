namespace ClusterTrust.Oidc.Tests.Jobs;

/// <summary>Every way a verification can go.</summary>
public sealed class VerifyJobTests : JobTest
{
    [Fact]
    public async Task What_the_cluster_serves_is_published_and_a_retained_key_explained_by_the_state_until_its_time_is_over()
    {
        await PublishKeysAsync(0, 1);
        await VerifiesAsync(requests: 2);
        Assert.Contains("is accepted", Output, StringComparison.Ordinal);

        // The state has it as served: no run of oidc saw it go yet.
        Cluster.Keys = [0];
        await VerifiesAsync(requests: 3);

        await PublishKeysAsync(0);
        await VerifiesAsync(requests: 3);

        Clock.Now = Start.AddHours(25);
        Assert.Equal(ExitCode.Refused, (await VerifyAsync()).ExitCode);

        async Task VerifiesAsync(int requests)
        {
            Pages.Requests.Clear();
            Assert.Equal(ExitCode.Done, (await VerifyAsync()).ExitCode);
            Assert.Equal(requests, Pages.Requests.Count);
        }
    }

    [Theory]
    [InlineData(48), InlineData(-48)]
    public async Task The_time_of_a_retained_key_is_that_of_the_API_server_as_for_publish(int hours)
    {
        Cluster.Change = static issuer => issuer with { ServedAt = Start };
        await PublishKeysAsync(0, 1);
        await PublishKeysAsync(0);
        Clock.Now = Start.AddHours(hours);
        Assert.Equal(ExitCode.Done, (await VerifyAsync()).ExitCode);
    }

    /// <summary>What happens after the keys 0 and 1 were published, how a verification ends, and what its first failure names.</summary>
    public static TheoryData<Action<VerifyJobTests>, ExitCode, string> Changes => new()
    {
        { static test => test.PutKeys(RsaKey(0), RsaKey(1), RsaKey(3)), ExitCode.Refused, Kid(3) },
        { static test => (test.Cluster.Keys, test.Options) = ([0], test.Options with { Plan = test.Options.Plan with { DropKeys = [Kid(1)] } }), ExitCode.Refused, Kid(1) },
        { static test => test.Put(Layout.DiscoveryPath, Bytes(Patched(DiscoveryOf(TestIssuer), """{"jwks_uri":"https://attacker.example/openid/v1/jwks"}"""))), ExitCode.Refused, "attacker.example" },
        { static test => test.Cluster.Signing = 2, ExitCode.Failed, $"signed by the key '{Kid(2)}', which is not among the 2" },
        { static test => test.Put(Layout.JwksPath, "<html>"u8.ToArray()), ExitCode.Failed, "is HTML or XML" },
        { static test => test.Cluster.Keys = [0, 1, 2], ExitCode.Failed, "run 'oidc publish'" },
        { static test => test.Answer = static _ => new(HttpStatusCode.NotFound), ExitCode.Failed, "404" },
        { static test => test.Answer = static _ => new(HttpStatusCode.NotModified), ExitCode.Failed, "304" },
        { static test => test.WithoutState(), ExitCode.Failed, "jwks-state.json" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Whatever_differs_from_the_cluster_is_a_failure(Action<VerifyJobTests> change, ExitCode exitCode, string reason)
    {
        await PublishKeysAsync(0, 1);
        Pages.Requests.Clear();
        change(this);
        var result = await VerifyAsync();
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains(reason, result.Failures[0].Reason, StringComparison.Ordinal);
        Assert.All(Pages.Requests, request => Assert.Equal("example.github.io", request.Host));
    }

    /// <summary>A key is not the cluster's, and it is not known whether it is retained: no proof of a rogue key.</summary>
    private void WithoutState()
    {
        Cluster.Keys = [0];
        AnswerFor("-state.json", HttpStatusCode.ServiceUnavailable);
    }
}
