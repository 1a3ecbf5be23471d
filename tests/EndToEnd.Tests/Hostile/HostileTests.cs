namespace ClusterTrust.EndToEnd.Tests.Hostile;

/// <summary>
/// Both jobs among servers that mean them no good: one sentence, the right exit code, in bounded memory and time, nothing written where it
/// does not belong. What each client refuses is held by <c>Hostile*Tests</c> of the other test projects.
/// </summary>
[Trait("ApiServer", "own")]
public sealed class HostileTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>, IAsyncLifetime
{
    private const string Token = "ghp_sandboxToken0123456789";
    private const string Branch = "0123456789012345678901234567890123456789 refs/heads/branch\n";

    private static readonly Case[] Cases =
    [
        new("an API server whose answer has no end", "certsync", 1, "answers with more than 12582912 bytes", static c => c.ApiServer.AnswerWithoutEnd(static r => r.Has("/api/v1/secrets"), "{\"items\":[")),
        new("an Entra ID whose discovery prefers another host", "certsync", 3, "must not receive credentials", static c => c.Entra.Answer(
            static r => r.Has("/discovery/instance"), 200, """{"tenant_discovery_endpoint":"https://evil.example/x","api-version":"1.1","metadata":[{"preferred_network":"evil.example","preferred_cache":"evil.example","aliases":["login.microsoftonline.com","evil.example"]}]}""")),
        new("a Git host whose list of branches has no end", "oidc", 2, "sends a list of branches larger than", static c => c.Https.AnswerWithoutEnd(
            static r => r.Has("/info/refs"), Line("# service=git-upload-pack\n") + "0000" + Line("0123456789012345678901234567890123456789 HEAD\0multi_ack side-band-64k ofs-delta shallow\n"),
            "application/x-git-upload-pack-advertisement", Line(Branch))),
    ];

    private readonly SandboxCluster _cluster = fixture.Cluster;

    public static TheoryData<string> Names => [.. Cases.Select(static one => one.Name)];

    public async Task InitializeAsync()
    {
        _cluster.Certificates.Issue(new CertificateSpec("shop", "web") { Ec = true });
        _cluster.Https.AddToken(Token);
        await _cluster.Repository.CommitFilesAsync("other", new Dictionary<string, string> { ["README.md"] = "A site.\n" });
    }

    public Task DisposeAsync()
    {
        _cluster.Behave();
        return Task.CompletedTask;
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Ends_in_a_sentence_for(string name)
    {
        var one = Cases.Single(one => one.Name == name);
        one.Turn(_cluster);
        string[] arguments = one.Job == "certsync" ? ["sync", .. _cluster.CertSyncArguments()] :
        [
            "publish", "--kubeconfig", _cluster.Kubeconfig("oidc"), "--issuer", SandboxCluster.Issuer, "--no-verify", "--branch", "other",
            "--repository", $"https://github.com/{SandboxCluster.RepositoryName}.git", "--token-file", _cluster.Folder.Write("git-token", Token),
        ];
        var output = await RunAsync(one.Job, arguments);
        Assert.Contains(one.Sentence, Expect.OneError(one.ExitCode, output), StringComparison.Ordinal);
        Assert.Empty(_cluster.Vault.Certificates);
    }

    [Fact]
    public async Task A_file_of_hundreds_of_megabytes_that_is_small_in_the_pack_is_not_read()
    {
        var zeros = _cluster.Folder.Write("zeros", "");
        using (var file = File.OpenWrite(zeros))
        {
            file.SetLength(256 * 1024 * 1024);
        }

        await GitAsync("update-index", "--add", "--cacheinfo", $"100644,{await GitAsync("hash-object", "-w", zeros)},openid/v1/jwks");
        var tip = await GitAsync("-c", "user.name=a", "-c", "user.email=a@example.com", "commit-tree", await GitAsync("write-tree"), "-m", "Zeros");
        await GitAsync("update-ref", "refs/heads/huge", tip);

        var output = await RunAsync(
            "oidc", ["publish", "--no-verify", .. _cluster.OidcArguments().Select(static argument => argument == "main" ? "huge" : argument)]);

        Assert.Contains("a file of more than 16 MiB", Expect.OneError(Expect.Refused, output), StringComparison.Ordinal);
        Assert.Equal(tip, _cluster.Repository.Tip("huge"));

        async Task<string> GitAsync(params string[] arguments) => (await _cluster.Repository.RunAsync(arguments)).OrThrow().StandardOutput.Trim();
    }

    [Fact]
    public async Task One_Secret_that_is_hostile_does_not_stop_the_others()
    {
        var vault = _cluster.AddVault("hostile-secret");
        _cluster.Certificates.Issue(new CertificateSpec("hostile", "good"));
        _cluster.Certificates.Issue(new CertificateSpec("hostile", "bad"));
        _cluster.ApiServer.AnswerWithoutEnd(static r => r.Path.Value!.EndsWith("/secrets/bad-tls", StringComparison.Ordinal), "{\"data\":{\"tls.key\":\"");
        var output = await RunAsync(
            "certsync", ["sync", "--kubeconfig", _cluster.Kubeconfig("certsync"), "--vault", vault.Name, "--cluster", "blue", "--namespace", "hostile"]);
        Expect.Exit(Expect.Failed, output);
        Assert.Equal("good", Assert.Single(vault.Certificates).Name);
    }

    /// <summary>
    /// Runs a job to its end as a process that is held to its bounds: memory, time, and nothing left or written outside of its temporary
    /// folder. What MSAL learns of an authority, it remembers for its whole process; so the tests' own never meets a hostile one.
    /// </summary>
    private async Task<Output> RunAsync(string job, IEnumerable<string> arguments)
    {
        await using var runner = _cluster.Job(job);
        // Deep enough for names such as ../../../x to stay where they are looked for.
        runner.WorkingDirectory = Directory.CreateDirectory(Path.Combine(runner.Home, "a", "b", "c", "work")).FullName;
        runner.Environment["TMPDIR"] = Directory.CreateDirectory(Path.Combine(runner.Home, "a", "b", "c", "tmp")).FullName;
        runner.Environment["DOTNET_EnableDiagnostics"] = "0"; // sockets in the temporary folder
        var before = Content();
        var output = await runner.Start(arguments).WaitWithinLimitAsync(job);
        Assert.Equal(before, Content());
        return output;
        string[] Content() => [.. Directory.EnumerateFileSystemEntries(runner.Home, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
    }

    /// <summary>A line of the Git protocol.</summary>
    private static string Line(string payload) => $"{payload.Length + 4:x4}{payload}";

    /// <param name="Turn">Has a server of the sandbox turn hostile.</param>
    private sealed record Case(string Name, string Job, int ExitCode, string Sentence, Action<SandboxCluster> Turn);
}
