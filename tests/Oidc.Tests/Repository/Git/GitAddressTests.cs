using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Repository.Git;
using ClusterTrust.Oidc.Repository.Git.Ssh;

namespace ClusterTrust.Oidc.Tests.Repository.Git;

public sealed class GitAddressTests
{
    [Theory]
    [InlineData("git@github.com:owner/repo.git", "ssh://git@github.com/owner/repo.git")]
    [InlineData("ssh://git@github.com/owner/repo.git", "ssh://git@github.com/owner/repo.git")]
    [InlineData("ssh://git@ssh.github.com:443/owner/repo.git", "ssh://git@ssh.github.com:443/owner/repo.git")]
    [InlineData("ssh://host.example/srv/git/repo.git", "ssh://git@host.example/srv/git/repo.git")]
    [InlineData("owner/repo", "ssh://git@github.com/owner/repo.git")]
    [InlineData("https://github.com/owner/repo.git", "https://github.com/owner/repo.git")]
    [InlineData("https://git.example:8443/owner/repo/", "https://git.example:8443/owner/repo")]
    [InlineData("file:///srv/git/repo.git", "/srv/git/repo.git")]
    [InlineData("/srv/git/repo.git", "/srv/git/repo.git")]
    public void The_forms_that_people_paste_are_understood(string url, string shown) => Assert.Equal(shown, GitAddress.Parse(url).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("repo")]
    [InlineData("a/b/c")]
    [InlineData("http://github.com/owner/repo")]
    [InlineData("git://github.com/owner/repo")]
    [InlineData("ssh://-oProxyCommand=x/owner/repo")]
    [InlineData("https://user:secret4711@github.com/owner/repo")]
    [InlineData("ext::sh -c date")]
    [InlineData("git@host:")]
    [InlineData("https://github.com/owner/repo?x=1")]
    public void Anything_else_is_a_setting_to_correct_and_no_secret_is_shown(string url)
    {
        var fault = Assert.Throws<JobException>(() => GitAddress.Parse(url));
        Assert.Equal(ExitCode.Usage, fault.ExitCode);
        Assert.DoesNotContain("4711", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_alone_means_HTTPS_when_there_is_a_token_only() =>
        Assert.Equal("https://github.com/owner/repo.git", GitAddress.Parse("owner/repo", preferHttps: true).ToString());

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
        Assert.Equal(published, known.Of("github.com", 22).Trusted.Select(key => key.Fingerprint));
        Assert.Equal(published, known.Of("ssh.github.com", 443).Trusted.Select(key => key.Fingerprint));
        Assert.Empty(known.Of("github.com.example", 22).Trusted);
    }

    [Theory]
    [InlineData("host.example", "host.example", 22, true)]
    [InlineData("host.example", "HOST.example", 22, true)]
    [InlineData("host.example", "host.example", 2222, true)]
    [InlineData("[host.example]:2222", "host.example", 2222, true)]
    [InlineData("[host.example]:2222", "host.example", 22, false)]
    [InlineData("other,*.example", "host.example", 22, true)]
    [InlineData("*.example,!host.example", "host.example", 22, false)]
    [InlineData("h?st.example", "host.example", 22, true)]
    [InlineData("host", "host.example", 22, false)]
    public void Known_hosts_match_as_ssh_matches_them(string names, string host, int port, bool known)
    {
        var key = GitHubHostKeys.KnownHosts.Split('\n')[0].Split(' ');
        Assert.Equal(known, KnownHosts.Parse($"# comment\n{names} {key[1]} {key[2]} comment\r\nnonsense\n").Of(host, port).Trusted.Count == 1);
    }
}
