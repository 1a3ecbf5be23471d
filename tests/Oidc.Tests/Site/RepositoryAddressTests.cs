namespace ClusterTrust.Oidc.Tests.Site;

public sealed class RepositoryAddressTests
{
    [Theory]
    [InlineData("git@github.com:owner/repo.git", "ssh://git@github.com/owner/repo.git")]
    [InlineData("ssh://git@ssh.github.com:443/owner/repo.git", "ssh://git@ssh.github.com:443/owner/repo.git")]
    [InlineData("ssh://host.example/srv/git/repo.git", "ssh://git@host.example/srv/git/repo.git")]
    [InlineData("owner/repo", "ssh://git@github.com/owner/repo.git")]
    [InlineData("an-owner_corp/owner.github.io", "ssh://git@github.com/an-owner_corp/owner.github.io.git")]
    [InlineData(" owner/repo \n", "ssh://git@github.com/owner/repo.git")]
    [InlineData("https://github.com/owner/repo.git/", "https://github.com/owner/repo.git")]
    [InlineData("git+ssh://git@github.com/owner/repo.git", "ssh://git@github.com/owner/repo.git")]
    [InlineData("https://git.example:8443/owner/repo/", "https://git.example:8443/owner/repo")]
    [InlineData("https://git.example/tree/blob/wiki.git", "https://git.example/tree/blob/wiki.git")]
    [InlineData("https://dev.azure.com/org/project/_git/site", "https://dev.azure.com/org/project/_git/site")]
    [InlineData("git@ssh.dev.azure.com:v3/org/project/site", "ssh://git@ssh.dev.azure.com/v3/org/project/site")]
    [InlineData("git@github.com:7999/repo.git", "ssh://git@github.com/7999/repo.git")]
    [InlineData("git@[::1]:owner/repo.git", "ssh://git@::1/owner/repo.git")]
    [InlineData("file:///srv/git/repo.git", "/srv/git/repo.git")]
    [InlineData("/srv/git/repo.git", "/srv/git/repo.git")]
    public void The_forms_of_addresses_are_parsed(string address, string shown) => Assert.Equal(shown, RepositoryAddress.Parse(address).ToString());

    [Theory]
    [InlineData("git@gitlab.example.com:7999/team/site.git", "ssh://git@gitlab.example.com:7999/team/site.git")]
    [InlineData("git@gitlab.example.com:7999:team/site.git", "ssh://git@gitlab.example.com:7999/team/site.git")]
    [InlineData("gitlab.example.com:7999/~user/team/site.git", "ssh://git@gitlab.example.com:7999/~user/team/site.git")]
    [InlineData("git@[2001:db8::1]:7999/team/site.git", "ssh://git@[2001:db8::1]:7999/team/site.git")]
    [InlineData("ssh://git@github.com:o/r.git", "ssh://git@github.com/o/r.git")]
    [InlineData("git@github.com/o/r.git", "git@github.com:o/r.git")]
    [InlineData("git@git.example.com/team/sub/site.git", "git@git.example.com:team/sub/site.git")]
    [InlineData("git@git.example.com//srv/site.git", "git@git.example.com:/srv/site.git")]
    [InlineData("git@server/site.git", "git@server:site.git")]
    [InlineData("git clone git@github.com:o/r.git", "git@github.com:o/r.git")]
    [InlineData("git clone --depth 1 -b main https://github.com/o/r.git site", "https://github.com/o/r.git")]
    [InlineData("git remote add origin git@github.com:o/r.git", "git@github.com:o/r.git")]
    [InlineData("$ git clone \"git@github.com:o/r.git\"", "git@github.com:o/r.git")]
    [InlineData("gh repo clone o/r", "o/r")]
    [InlineData("gh repo clone https://github.com/o/r -- --depth 1", "https://github.com/o/r")]
    [InlineData("ssh git@github.com:o/r.git", "git@github.com:o/r.git")]
    [InlineData("<git@github.com:o/r.git>", "git@github.com:o/r.git")]
    [InlineData("https://github.com/o/r/tree/main", "https://github.com/o/r.git")]
    [InlineData("https://github.com/o/r/blob/main/README.md", "https://github.com/o/r.git")]
    [InlineData("https://github.com/o/r?tab=readme-ov-file", "https://github.com/o/r.git")]
    [InlineData("https://github.com/o/r#readme", "https://github.com/o/r.git")]
    [InlineData("https://github.com/o/r.git/tree/main/", "https://github.com/o/r.git")]
    [InlineData("https://www.github.com/o/r", "https://github.com/o/r.git")]
    [InlineData("https://api.github.com/repos/o/r", "https://github.com/o/r.git")]
    [InlineData("github.com/o/r", "https://github.com/o/r")]
    [InlineData("www.github.com/o/r/settings/pages", "https://github.com/o/r.git")]
    [InlineData("https://gitlab.com/group/team/site/-/tree/main?ref_type=heads", "https://gitlab.com/group/team/site")]
    [InlineData("https://bitbucket.org/team/site/src/main/", "https://bitbucket.org/team/site")]
    [InlineData("https://codeberg.org/team/site/src/branch/main", "https://codeberg.org/team/site")]
    [InlineData("https://dev.azure.com/org/project/_git/site?path=/&version=GBmain", "https://dev.azure.com/org/project/_git/site")]
    [InlineData("git+https://github.com/o/r.git", "https://github.com/o/r.git")]
    [InlineData("https://o.github.io/r/", "o/r")]
    [InlineData("https://o.github.io", "o/o.github.io")]
    public void A_pasted_command_or_page_is_refused_with_the_address_to_write(string address, string correct)
    {
        Assert.Fault(ExitCode.Usage, $": write '{correct}'", () => RepositoryAddress.Parse(address));
        RepositoryAddress.Parse(correct);
    }

    public static TheoryData<string> Invalid =>
    [
        "", "repo", "a/b/c", "http://github.com/owner/repo", "git://github.com/owner/repo",
        "ssh://-oProxyCommand=x/owner/repo", "https://user:secret4711@github.com/owner/repo",
        "git clone https://secret4711@github.com/owner/repo", "ext::sh -c date", "git@host:", "git clone",
        "<your repository>", "C:\\repos\\site", "git.example.com/site.git", "secret4711@server/", "git@[::1]/site.git", "a+secret4711@server/site.git",
        "owner@x/", "owner/..", "owner/.git", "-owner/repo", "owner/r%65po", "owner/re\u0441po", "owner\\x/repo",
        "ssh://git@\u05d0a.com/owner/repo.git", "https://xn--\u00e4.com/owner/repo", "git@b\u00fccher.example:owner/repo.git",
    ];

    [Theory]
    [MemberData(nameof(Invalid))]
    public void Anything_else_is_a_usage_error_and_no_secret_is_shown(string address) =>
        Assert.DoesNotContain("4711", Assert.Fault(ExitCode.Usage, "", () => RepositoryAddress.Parse(address)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_name_alone_means_HTTPS_when_there_is_a_token_only() =>
        Assert.Equal("https://github.com/owner/repo.git", RepositoryAddress.Parse("owner/repo", preferHttps: true).ToString());

    [Theory]
    [InlineData("git@github.com:octo/pages.git", "github.com", "octo", "pages")]
    [InlineData("ssh://git@ssh.github.com:443/octo/pages.git", "ssh.github.com", "octo", "pages")]
    [InlineData("octo/pages", "github.com", "octo", "pages")]
    [InlineData("ssh://user@127.0.0.1:2222/srv/git/site.git", "127.0.0.1", "git", "site")]
    [InlineData("file:///srv/git/site.git", "", null, "site")]
    [InlineData("/srv/git/site.git", "", null, "site")]
    [InlineData("./site.git", "", null, "site")]
    public void Host_owner_and_name_are_read(string address, string host, string? owner, string name)
    {
        var parsed = RepositoryAddress.Parse(address);
        Assert.Equal((host, owner, name), (parsed.Host, parsed.Owner, parsed.Name));
    }
}
