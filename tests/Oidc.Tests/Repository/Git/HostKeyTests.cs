namespace ClusterTrust.Oidc.Tests.Repository.Git;

/// <summary>Which host keys are accepted, by a real sshd.</summary>
public sealed class HostKeyTests(GitHost host) : GitTest(host)
{
    [Theory]
    [InlineData("ed25519"), InlineData("ecdsa"), InlineData("rsa")]
    public async Task One_known_key_of_several_suffices(string type) =>
        await PublishAsync(Ssh with { KnownHostsFile = Host.Write(Line(Host, type)) });

    [Fact]
    public async Task Hashed_known_hosts_are_read()
    {
        var file = Host.Write(Host.Ssh.KnownHosts());
        Tool.Run("ssh-keygen", "-q", "-H", "-f", file);
        Assert.StartsWith("|1|", File.ReadAllText(file), StringComparison.Ordinal);
        await PublishAsync(Ssh with { KnownHostsFile = file });
    }

    /// <summary>A known_hosts file that does not make the server known, and what is reported. What may be an interception is refused, and nothing else is called one. Every damage of a line is in <see cref="KnownHostsTests"/>.</summary>
    public static TheoryData<Func<GitHost, string>, ExitCode, string> Unknown => new()
    {
        { static _ => "# none\nelsewhere " + Another(0), ExitCode.Usage, "is not known: compare its host key" },
        { static _ => "# only\n# comments\n", ExitCode.Usage, "is not known: compare its host key" },
        { static _ => "lines\nof another file\n", ExitCode.Usage, "lines 1, 2 cannot be used: compare its host key" },
        { static host => host.Ssh.HostPublicKeys[0] + "\n", ExitCode.Usage, "contains a public key instead of a list of host keys: write it with 'ssh-keyscan HOST'" },
        { static host => "@cert-authority " + Line(host, "rsa"), ExitCode.Usage, "certificate authority" },
        { static host => Line(host, "rsa")[..^5] + "\r\n", ExitCode.Usage, "line 1 cannot be used: compare its host key" },
        { static host => $"[127.0.0.1]:{host.Ssh.Port}", ExitCode.Usage, "line 1 cannot be used: compare its host key" },
        { static host => $"[127.0.0.1]:{host.Ssh.Port} {Another(2)}\n{Line(host, "rsa")[..^8]}\n", ExitCode.Usage, "presents the host key of which line 2 of the known_hosts file" },
        { static host => $"[127.0.0.1]:{host.Ssh.Port} {Another(0)}\n", ExitCode.Refused, "presents another host key than" },
        { static host => Line(host, "ed25519") + "\n@revoked * " + Line(host, "ed25519").Split(' ', 2)[1], ExitCode.Refused, "marks as revoked" },
        {
            static host => Line(host, "ed25519") + "\n@revoked * " + Line(host, "ed25519").Split(' ', 2)[1][..^8],
            ExitCode.Usage,
            "The known_hosts file revokes a host key of [127.0.0.1]:PORT, but line 2 cannot be used: copy the whole line again."
        },
        {
            static host => Line(host, "ed25519") + "\n@revoked * ssh-ed2551",
            ExitCode.Usage,
            "The known_hosts file revokes a host key of [127.0.0.1]:PORT, but line 2 cannot be used: copy the whole line again."
        },
    };

    [Theory]
    [MemberData(nameof(Unknown))]
    public async Task A_server_without_a_known_key_is_refused_before_anything_is_sent(Func<GitHost, string> knownHosts, ExitCode exitCode, string sentence)
    {
        var before = Host.Ssh.Sessions.Count;
        var fault = await FaultAsync(
            Host.OverSsh("owner/any") with { KnownHostsFile = Host.Write(knownHosts(Host)) }, exitCode, sentence.Replace("PORT", $"{Host.Ssh.Port}", StringComparison.Ordinal));
        Assert.Equal(exitCode == ExitCode.Refused, fault.Message.Contains("intercepted", StringComparison.Ordinal));
        Assert.Equal(before, Host.Ssh.Sessions.Count);
    }

    [Fact]
    public async Task Without_a_file_the_server_is_unknown_and_its_fingerprint_shown()
    {
        var options = Host.OverSsh("owner/any");
        var fault = await FaultAsync(options with { KnownHostsFile = null }, ExitCode.Usage, "is not known: compare its host key");
        Assert.Contains(" SHA256:", fault.Message, StringComparison.Ordinal);
        await FaultAsync(options with { KnownHostsFile = "/nowhere/known_hosts" }, ExitCode.Usage, "There is no known_hosts file");
    }

    [Fact]
    public async Task A_damaged_line_is_skipped_with_a_warning_and_the_others_hold()
    {
        var known = Host.Write($"{Line(Host, "rsa")[..^8]}\r\n# comment\r\n\r\n@other * ssh-rsa AAAA\r\n{Line(Host, "ed25519")}\r\n");
        var logger = new ListLogger<GitSiteRepository>();
        using var repository = new GitSiteRepository(Ssh with { KnownHostsFile = known }, logger: logger);
        await repository.ReadAsync();
        Assert.EndsWith(
            $": The known_hosts file '{known}' has lines that are skipped, because they are not HOST TYPE KEY with a whole key of a supported type: lines 1, 4",
            Assert.Single(logger.Entries),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_without_the_known_kind_of_key_is_refused_for_safety()
    {
        await using var server = new GitSshServer(Host.Repositories, "ed25519");
        await server.StartAsync();
        var known = Host.Write($"[127.0.0.1]:{server.Port} {Another(2)}\n");
        await FaultAsync(Host.OverSsh("owner/any") with { Url = server.Url("owner/any"), KnownHostsFile = known }, ExitCode.Refused, "has no host key of the types");
    }

    private static string Line(GitHost host, string type) => host.Ssh.KnownHosts(null, type).Trim();

    /// <summary>A key of another host, GitHub's: ed25519, ECDSA or RSA.</summary>
    private static string Another(int index) => GitHubHostKeys.KnownHosts.Split('\n')[index].Split(' ', 2)[1];
}
