using System.Text;
using ClusterTrust.EndToEnd.Tests.Oidc;
using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.Hostile;
using ClusterTrust.Sandbox.Servers;
using ClusterTrust.Sandbox.Soaking;

namespace ClusterTrust.EndToEnd.Tests.Hostile;

/// <summary>oidc among servers that mean it no good: one sentence, the right exit code, in bounded memory and time, nothing written where it does not belong.</summary>
[Trait("ApiServer", "own")]
public sealed class OidcHostileTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>, IAsyncLifetime
{
    private const string Token = "ghp_sandboxToken0123456789";
    private const string Id = "0123456789012345678901234567890123456789";
    private const string Capabilities = "multi_ack side-band-64k ofs-delta shallow";

    private static readonly Dictionary<string, (int ExitCode, string Sentence, Action<SandboxCluster> Turn)> OverHttps = new()
    {
        ["a list of branches without end"] = (2, "sends a list of branches larger than", c => c.Https.AnswerWithoutEnd(
            r => r.Has("/info/refs"), Advertised, "application/x-git-upload-pack-advertisement", Line($"{Id} refs/heads/branch\n"))),
        ["a refusal that steers a terminal and repeats the token"] = (2, "no such thing [2J (redacted)", c => c.Https.Answer(
            r => r.Has("/info/refs"), 200, Line("# service=git-upload-pack\n") + "0000" + Line($"ERR no such thing \u001b[2J {Token}\n"))),
    };

    private readonly SandboxCluster cluster = fixture.Cluster;

    public static TheoryData<string> Names => [.. OverHttps.Keys];

    private static string Advertised => Line("# service=git-upload-pack\n") + "0000" + Line($"{Id} HEAD\0{Capabilities}\n");

    public async Task InitializeAsync()
    {
        cluster.Https.AddToken(Token);
        if (cluster.Repository.Tip("other") is null)
        {
            await cluster.Repository.CommitFilesAsync("other", new Dictionary<string, string> { ["README.md"] = "A site.\n" });
        }
    }

    public Task DisposeAsync()
    {
        foreach (var server in new SandboxServer[] { cluster.ApiServer, cluster.Https, cluster.Pages })
        {
            server.Behave();
        }

        return Task.CompletedTask;
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_Git_host_gets_nowhere_with(string name)
    {
        var (exitCode, sentence, turn) = OverHttps[name];
        turn(cluster);
        if (name.Contains("refusal", StringComparison.Ordinal))
        {
            var answer = cluster.Https.Instead!;
            cluster.Https.Instead = async context =>
            {
                context.Response.OnStarting(() =>
                {
                    context.Response.ContentType = "application/x-git-upload-pack-advertisement";
                    return Task.CompletedTask;
                });
                return await answer(context);
            };
        }

        string[] arguments =
        [
            "publish", "--kubeconfig", cluster.Kubeconfig("oidc"), "--issuer", SandboxCluster.Issuer, "--no-verify", "--branch", "other",
            "--repository", $"https://github.com/{SandboxCluster.RepositoryName}.git", "--token-file", cluster.Folder.Write("git-token", Token),
        ];
        // Memory is only at stake where something has no end.
        var output = name.EndsWith("without end", StringComparison.Ordinal) ? await Confined.RunAsync(cluster, "oidc", arguments) : await Confined.AnswerAsync(cluster, "oidc", arguments);

        Assert.Contains(sentence, Logs.AssertOneSentence(output, exitCode), StringComparison.Ordinal);
        Expect.Silent(output, Token, Convert.ToBase64String(Encoding.UTF8.GetBytes($"x-access-token:{Token}")));
    }

    [Fact]
    public async Task A_file_of_hundreds_of_megabytes_that_is_small_in_the_pack_is_not_read()
    {
        var objects = new RawObjects(cluster.Repository);
        var folder = await objects.TreeAsync(("100644", "jwks", await objects.ZerosAsync(256 * 1024 * 1024)));
        await objects.CommitAsync("huge", await objects.TreeAsync(("40000", "openid", await objects.TreeAsync(("40000", "v1", folder)))));

        await RefusedAsync("huge", "a file of more than 16 MiB");
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".git")]
    [InlineData(".GIT")]
    [InlineData("git~1")]
    [InlineData("../../../escaped")]
    [InlineData("/tmp/escaped-by-name")]
    [InlineData(".git/hooks/post-checkout")]
    public async Task Names_that_lead_out_of_the_tree_lead_nowhere(string name)
    {
        var objects = new RawObjects(cluster.Repository);
        var blob = await objects.BlobAsync("#!/bin/sh\ntouch /tmp/escaped-by-name\n");
        var branch = $"names-{Math.Abs(StringComparer.Ordinal.GetHashCode(name))}";
        await objects.CommitAsync(branch, await objects.TreeAsync(
            ("100755", name, blob), ("120000", "link", await objects.BlobAsync("/etc/passwd")), ("40000", "sub", await objects.TreeAsync(("100755", name, blob)))));

        // Of the names, these two would be written beside the folder that a run works in, and into a hook.
        var output = name.Contains('/', StringComparison.Ordinal) && !name.StartsWith('/')
            ? await Confined.RunAsync(cluster, "oidc", Publish(branch))
            : await Confined.AnswerAsync(cluster, "oidc", Publish(branch));

        Assert.True(output.ExitCode is 1 or 2 or 3, output.ToString());
        Logs.AssertOneSentence(output, output.ExitCode);
        Assert.False(File.Exists("/tmp/escaped-by-name"));
    }

    [Fact]
    public async Task Random_damage_to_any_answer_ends_in_a_sentence_or_does_no_harm()
    {
        foreach (var seed in Soak.Inputs(4))
        {
            var hostile = new HostileJson(seed);
            var server = seed % 2 == 0 ? (SandboxServer)cluster.ApiServer : cluster.Pages;
            server.Tamper = (_, body) => hostile.Damage(Encoding.UTF8.GetString(body));

            var output = await Confined.AnswerAsync(cluster, "oidc", ["verify", .. cluster.OidcArguments("verify")]);

            server.Behave();
            Assert.True(output.ExitCode is >= 0 and <= 3, output.ToString());
            Assert.DoesNotContain("unexpected", output.StandardError, StringComparison.Ordinal);
        }
    }

    private static string Line(string payload) => $"{payload.Length + 4:x4}{payload}";

    private string[] Publish(string branch) => ["publish", "--no-verify", .. cluster.OidcArguments().Select(argument => argument == "main" ? branch : argument)];

    private async Task RefusedAsync(string branch, string sentence)
    {
        var before = cluster.Repository.Tip(branch);

        Assert.Contains(sentence, Logs.AssertOneSentence(await Confined.RunAsync(cluster, "oidc", Publish(branch)), 3), StringComparison.Ordinal);
        Assert.Equal(before, cluster.Repository.Tip(branch));
    }
}
