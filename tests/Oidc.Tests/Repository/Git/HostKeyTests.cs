using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Repository.Git;
using ClusterTrust.Oidc.Tests.Jobs;
using ClusterTrust.Oidc.Tests.Repository.Signing;
using ClusterTrust.Sandbox.Git;

namespace ClusterTrust.Oidc.Tests.Repository.Git;

/// <summary>Which host keys are accepted, by a real sshd.</summary>
public sealed class HostKeyTests(GitHost host) : IClassFixture<GitHost>
{
    private static readonly (string, string) File1 = ("openid/v1/jwks", "{}\n");

    [Theory]
    [InlineData(SshKeyType.Ed25519)]
    [InlineData(SshKeyType.Ecdsa)]
    [InlineData(SshKeyType.Rsa)]
    public async Task One_known_key_of_several_suffices(SshKeyType type)
    {
        var (name, _) = await host.CreateAsync();
        await GitHost.PublishAsync(host.OverSsh(name) with { KnownHostsFile = host.WriteKnownHosts(host.Ssh.KnownHosts(null, type)) }, File1);
    }

    [Fact]
    public async Task Hashed_known_hosts_are_read()
    {
        var (name, _) = await host.CreateAsync();
        var file = host.WriteKnownHosts(host.Ssh.KnownHosts());
        Tool.Run("ssh-keygen", "-q", "-H", "-f", file);
        Assert.StartsWith("|1|", File.ReadAllText(file), StringComparison.Ordinal);
        await GitHost.PublishAsync(host.OverSsh(name) with { KnownHostsFile = file }, File1);
    }

    [Fact]
    public async Task An_unknown_host_is_a_usage_error_with_its_fingerprint()
    {
        var options = host.OverSsh("owner/any");
        var fault = await GitHost.FaultAsync(options with { KnownHostsFile = host.WriteKnownHosts("# none\n") }, ExitCode.Usage, "is not known: compare its host key");
        Assert.Contains("SHA256:", fault.Message, StringComparison.Ordinal);
        await GitHost.FaultAsync(options with { KnownHostsFile = null }, ExitCode.Usage, "is not known");
        await GitHost.FaultAsync(options with { KnownHostsFile = "/nowhere/known_hosts" }, ExitCode.Usage, "There is no known_hosts file");
        await GitHost.FaultAsync(options with { KnownHostsFile = host.WriteKnownHosts("@cert-authority " + host.Ssh.KnownHosts(null, SshKeyType.Rsa)) }, ExitCode.Usage, "certificate authority");
    }

    [Fact]
    public async Task A_truncated_line_is_named_and_no_interception_is_suspected()
    {
        var options = host.OverSsh("owner/any");
        var line = host.Ssh.KnownHosts(null, SshKeyType.Rsa).Trim();
        foreach (var cut in new[] { line[..^5], line[..^8], line[..^60], line[..60], $"[127.0.0.1]:{host.Ssh.Port}" })
        {
            var fault = await GitHost.FaultAsync(options with { KnownHostsFile = host.WriteKnownHosts(cut + "\r\n") }, ExitCode.Usage, "has no usable key for [127.0.0.1]:");
            Assert.Contains("as line 1 ", fault.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("intercepted", fault.Message, StringComparison.Ordinal);
        }

        // Another key of the same type is listed; the line that was cut is this server's.
        using var other = await SshKeyPair.CreateAsync(SshKeyType.Rsa);
        var known = host.WriteKnownHosts($"[127.0.0.1]:{host.Ssh.Port} {other.PublicKeyWithoutComment}\n{line[..^8]}\n");
        var second = await GitHost.FaultAsync(options with { KnownHostsFile = known }, ExitCode.Usage, "line 2 has a key that is damaged or cut short");
        Assert.DoesNotContain("intercepted", second.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_line_is_skipped_with_a_warning_and_the_others_hold()
    {
        var (name, _) = await host.CreateAsync();
        var known = host.WriteKnownHosts($"{host.Ssh.KnownHosts(null, SshKeyType.Rsa).Trim()[..^8]}\r\n# comment\r\n\r\n@other * ssh-rsa AAAA\r\n{host.Ssh.KnownHosts(null, SshKeyType.Ed25519).Trim()}\r\n");
        var logger = new ListLogger<GitSiteRepository>();
        using var repository = new GitSiteRepository(host.OverSsh(name) with { KnownHostsFile = known }, logger: logger);

        await repository.ReadAsync(GitHost.Layout, CancellationToken.None);

        Assert.EndsWith(
            $": The known_hosts file '{known}' has invalid lines, which are skipped: line 1 has a key that is damaged or cut short, line 4 has a marker other than @revoked and @cert-authority",
            Assert.Single(logger.Entries),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_without_a_usable_line_is_an_error()
    {
        var options = host.OverSsh("owner/any");
        await GitHost.FaultAsync(options with { KnownHostsFile = host.WriteKnownHosts("# only\n# comments\n") }, ExitCode.Usage, "has no usable line, so the server [127.0.0.1]:");
        await GitHost.FaultAsync(options with { KnownHostsFile = host.WriteKnownHosts("lines\nof another file\n") }, ExitCode.Usage, "has no usable line (line 1 is incomplete");
        await GitHost.FaultAsync(options with { KnownHostsFile = host.WriteKnownHosts(host.Ssh.HostPublicKeys[0] + "\n") }, ExitCode.Usage, "contains a public key instead of a list of host keys: write it with 'ssh-keyscan HOST'");
    }

    [Fact]
    public async Task Another_host_key_is_refused_for_safety()
    {
        using var other = await SshKeyPair.CreateAsync();
        var known = host.WriteKnownHosts($"[127.0.0.1]:{host.Ssh.Port} {other.PublicKeyWithoutComment}\n");
        var before = host.Ssh.Sessions.Count;
        await GitHost.FaultAsync(host.OverSsh("owner/any") with { KnownHostsFile = known }, ExitCode.Refused, "presents another host key than");
        Assert.Equal(before, host.Ssh.Sessions.Count);
    }

    [Fact]
    public async Task A_host_without_the_known_kind_of_key_is_refused_for_safety()
    {
        await using var server = new GitSshServer(host.Repositories, SshKeyType.Ed25519);
        await server.StartAsync();
        using var other = await SshKeyPair.CreateAsync(SshKeyType.Rsa);
        var known = host.WriteKnownHosts($"[127.0.0.1]:{server.Port} {other.PublicKeyWithoutComment}\n");
        await GitHost.FaultAsync(host.OverSsh("owner/any") with { Url = server.Url("owner/any"), KnownHostsFile = known }, ExitCode.Refused, "has no host key of the types");
    }

    [Fact]
    public async Task A_revoked_host_key_is_refused_although_it_is_listed()
    {
        var known = host.Ssh.KnownHosts(null, SshKeyType.Ed25519);
        var revoked = "@revoked * " + known[(known.IndexOf(' ', StringComparison.Ordinal) + 1)..];
        await GitHost.FaultAsync(host.OverSsh("owner/any") with { KnownHostsFile = host.WriteKnownHosts(known + revoked) }, ExitCode.Refused, "marks as revoked");
    }

    [Fact]
    public async Task A_revocation_that_is_cut_short_is_not_skipped()
    {
        var known = host.Ssh.KnownHosts(null, SshKeyType.Ed25519);
        var revoked = "@revoked * " + known[(known.IndexOf(' ', StringComparison.Ordinal) + 1)..].Trim()[..^8];
        await GitHost.FaultAsync(
            host.OverSsh("owner/any") with { KnownHostsFile = host.WriteKnownHosts(known + revoked + "\n") },
            ExitCode.Usage,
            $"The known_hosts file revokes a host key of [127.0.0.1]:{host.Ssh.Port}, but line 2 has a key that is damaged or cut short: copy the whole line again.");
    }
}
