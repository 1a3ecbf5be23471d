namespace ClusterTrust.Oidc.Tests.Repository.Git;

public sealed class KnownHostsTests
{
    private static readonly string[] Key = GitHubHostKeys.KnownHosts.Split('\n')[0].Split(' ');

    [Fact]
    public void GitHubs_keys_are_the_ones_it_publishes_fingerprints_of()
    {
        string[] published =
        [
            "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU",
            "SHA256:p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM",
            "SHA256:uNiVztksCsDhcc0u9e8BujQXVUpKZIDTMczCvj3tD2s",
        ];
        var known = KnownHosts.Parse(GitHubHostKeys.KnownHosts);
        Assert.Equal(published, known.Of("github.com", 22).Trusted.Select(key => HostKey.FingerprintOf(key.Blob)));
        Assert.Equal(published, known.Of("ssh.github.com", 443).Trusted.Select(key => HostKey.FingerprintOf(key.Blob)));
        Assert.Empty(known.Of("github.com.example", 22).Trusted);
        Assert.Empty(known.Skipped);
    }

    [Theory]
    [InlineData("host.example", "HOST.example", 22, true), InlineData("host.example", "host.example", 2222, true)]
    [InlineData("[host.example]:2222", "host.example", 2222, true), InlineData("[host.example]:2222", "host.example", 22, false)]
    [InlineData("other,*.example", "host.example", 22, true), InlineData("*.example,!host.example", "host.example", 22, false)]
    [InlineData("h?st.example", "host.example", 22, true), InlineData("host", "host.example", 22, false)]
    public void Names_match_as_with_ssh(string names, string host, int port, bool known) => Assert.Equal(
        known, KnownHosts.Parse($"# comment\n{names} {Key[1]} {Key[2]} comment\r\nnonsense\n").Of(host, port).Trusted.Count == 1);

    [Theory]
    [InlineData("[host.example]:2222"), InlineData("host.example"), InlineData("*")]
    public void A_key_is_revoked_under_any_name_of_its_host(string names) => Assert.NotEmpty(
        KnownHosts.Parse($"host.example {Key[1]} {Key[2]}\n@revoked {names} {Key[1]} {Key[2]}\n").Of("host.example", 2222).Revoked);

    [Theory]
    [InlineData("host"), InlineData("host ssh-ed25519"), InlineData("@revoked"), InlineData("@unknown host TYPE KEY")]
    [InlineData("host TYPE KEYAAAA"), InlineData("host ssh-rsa KEY"), InlineData("host ssh-dss AAAAB3NzaC1kc3MAAAAB")]
    [InlineData("host ssh-ed25519 gAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl")] // a length above 2 GiB
    [InlineData("host ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAEOMqqnkVzrm0SdG6UOoqKLs=")] // 16 bytes
    [InlineData("host ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNXYAAAABBA==")] // no curve
    [InlineData("TYPE KEY comment")]
    public void A_line_that_cannot_be_used_is_skipped_and_named(string line)
    {
        var hosts = KnownHosts.Parse($"\n{line.Replace("TYPE", Key[1], StringComparison.Ordinal).Replace("KEY", Key[2], StringComparison.Ordinal)}\nother {Key[1]} {Key[2]}\n");
        Assert.Equal(2, Assert.Single(hosts.Skipped).Number);
        Assert.Single(hosts.Of("other", 22).Trusted);
    }

    [Fact]
    public void A_key_is_whole_or_damaged_at_every_length()
    {
        foreach (var line in GitHubHostKeys.KnownHosts.Split('\n'))
        {
            for (var length = 0; length < line.Length; length++)
            {
                Assert.Empty(KnownHosts.Parse(line[..length]).Of("github.com", 22).Trusted);
            }

            Assert.Single(KnownHosts.Parse(line).Of("github.com", 22).Trusted);
        }
    }
}
