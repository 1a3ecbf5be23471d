using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.CertManager;
using ClusterTrust.Sandbox.Hostile;
using ClusterTrust.Sandbox.Servers;
using ClusterTrust.Sandbox.Soaking;

namespace ClusterTrust.EndToEnd.Tests.Hostile;

/// <summary>certsync among servers that mean it no good: one sentence, the right exit code, in bounded memory and time.</summary>
[Trait("ApiServer", "own")]
public sealed class CertSyncHostileTests(PublishedFixture fixture) : IClassFixture<PublishedFixture>, IAsyncLifetime
{
    private const string Secrets = "/api/v1/secrets";
    private const string Certificates = "/certificates?";
    private const string TokenEndpoint = "/oauth2/v2.0/token";

    private static readonly Dictionary<string, (int ExitCode, string Sentence, Action<SandboxCluster> Turn)> Cases = new()
    {
        ["an API server whose answer has no end"] = (1, "answers with more than 12582912 bytes", c => c.ApiServer.AnswerWithoutEnd(r => r.Has(Secrets), "{\"items\":[")),
        ["an API server whose error is a book"] = (2, "is forbidden (403)", c => c.ApiServer.AnswerWithError(403)),
        ["a vault whose answer has no end"] = (1, "exceeds 8388608 bytes", c => c.KeyVault.AnswerWithoutEnd(r => r.Has(Certificates) && r.Headers.Authorization.Count > 0, "{\"value\":[")),
        ["an Entra ID whose answer has no end"] = (1, "exceeds 8388608 bytes", c => c.Entra.AnswerWithoutEnd(r => r.Has(TokenEndpoint), "{\"token_type\":\"")),
        ["an Entra ID whose discovery prefers a stranger"] = (3, "must not receive credentials", c => c.Entra.Answer(
            r => r.Has("/discovery/instance"), 200, """{"tenant_discovery_endpoint":"https://evil.example/x","api-version":"1.1","metadata":[{"preferred_network":"evil.example","preferred_cache":"evil.example","aliases":["login.microsoftonline.com","evil.example"]}]}""")),
    };

    private readonly SandboxCluster cluster = fixture.Cluster;

    public static TheoryData<string> Names => [.. Cases.Keys];

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync()
    {
        foreach (var server in new SandboxServer[] { cluster.ApiServer, cluster.KeyVault, cluster.Entra })
        {
            server.Behave();
        }

        return Task.CompletedTask;
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Ends_in_a_sentence_for(string name)
    {
        var (exitCode, sentence, turn) = Cases[name];
        turn(cluster);

        // Memory is only at stake where something has no end; and MSAL remembers for the whole process what Entra ID answered.
        var needsProcess = name.EndsWith("has no end", StringComparison.Ordinal) || name.StartsWith("an Entra ID", StringComparison.Ordinal);
        var output = needsProcess ? await Confined.RunAsync(cluster, "certsync", Sync) : await Confined.AnswerAsync(cluster, "certsync", Sync);

        Assert.Contains(sentence, Logs.AssertOneSentence(output, exitCode), StringComparison.Ordinal);
        Assert.Empty(cluster.Vault.Certificates);
    }

    [Fact]
    public async Task Random_damage_to_any_answer_ends_in_a_sentence_or_does_no_harm()
    {
        foreach (var seed in Soak.Inputs(6))
        {
            var hostile = new HostileJson(seed);
            var server = new SandboxServer[] { cluster.ApiServer, cluster.KeyVault, cluster.Entra }[seed % 3];
            server.Tamper = (_, body) => hostile.Damage(System.Text.Encoding.UTF8.GetString(body));

            var output = await Confined.AnswerAsync(cluster, "certsync", ["plan", .. cluster.CertSyncArguments()]);

            server.Behave();
            Assert.True(output.ExitCode is >= 0 and <= 3, output.ToString());
            Assert.DoesNotContain("unexpected", output.StandardError, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task One_Secret_that_is_hostile_does_not_stop_the_others()
    {
        var vault = cluster.AddVault("hostile-secret");
        cluster.Certificates.Issue(new CertificateSpec("hostile", "good"));
        cluster.Certificates.Issue(new CertificateSpec("hostile", "bad"));
        cluster.ApiServer.AnswerWithoutEnd(static r => r.Path.Value!.EndsWith("/secrets/bad-tls", StringComparison.Ordinal) || r.Path.Value.EndsWith("/secrets/bad", StringComparison.Ordinal), "{\"data\":{\"tls.key\":\"");

        var output = await Confined.AnswerAsync(cluster, "certsync", ["sync", "--kubeconfig", cluster.Kubeconfig("certsync"), "--vault", vault.Name, "--cluster", "blue", "--namespace", "hostile"]);

        Assert.True(output.ExitCode == 1, output.ToString());
        Assert.Single(vault.Certificates);
    }

    private string[] Sync => ["sync", .. cluster.CertSyncArguments()];
}
