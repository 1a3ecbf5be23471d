using ClusterTrust.Sandbox.Proxy;
using ClusterTrust.Sandbox.Servers;
using ClusterTrust.Sandbox.Soaking;
using Xunit.Abstractions;

namespace ClusterTrust.EndToEnd.Tests.Oidc;

/// <summary>Two publishers race on one repository while 5 % of everything fails. 20 runs always; 200 with <c>SOAK=1</c>.</summary>
[Trait("ApiServer", "own")]
public sealed class SoakTests(ITestOutputHelper output) : SandboxTest
{
    private const double Share = 0.05;

    [Fact]
    public async Task Under_faults_no_commit_is_lost_or_made_twice_and_the_documents_are_always_valid()
    {
        var rounds = Soak.Times(10, 100);
        await using var race = await PublisherRace.StartAsync(Cluster);
        var seed = 20;
        foreach (var server in new SandboxServer[] { race.Servers[0], race.Servers[1], Cluster.Pages })
        {
            server.Faults.Rate(Share, seed++, new Fault.Reset(), Fault.Unavailable(), new Fault.Status(500), new Fault.Truncate());
        }

        Cluster.Proxy.Faults.Rate(Share, seed++, new ConnectionFault.Reset());
        Cluster.Ssh.Faults.Rate(
            Share, seed, new ConnectionFault.Reset(), new ConnectionFault.CutReceiving(3000), new ConnectionFault.CutSending(2000), new ConnectionFault.CutReceiving(4500));

        // The look from outside is short here: what it waits for is another test's matter.
        await race.RunAsync(rounds, "--verify-timeout", "1s");

        Tally.Add("runs of oidc under faults", race.Published + race.Failed);
        output.WriteLine($"{2 * rounds} runs: {race.Published} done, {race.Failed} gave up; {Cluster.Ssh.Connections} SSH connections.");
        Assert.True(race.Failed <= rounds / 5, $"{race.Failed} of {2 * rounds} runs gave up.");
        foreach (var server in race.Servers)
        {
            server.Faults.Clear();
        }

        Cluster.Ssh.Faults.Clear();
        await race.FinishAsync();
        await race.JudgeAsync();
    }
}
