using CsCheck;
using LibGit2Sharp;

namespace ClusterTrust.Oidc.Tests.Repository;

public sealed class CommitRequestTests
{
    private static readonly Gen<string> Name =
        Gen.Select(Gen.String["aZ9 .,:;\"\\'äß世-"], Gen.String["abc"], (odd, plain) => $"{odd}x{plain}{odd}");

    private static readonly Gen<(string Name, string Email, DateTimeOffset Time, string Subject, string Body)> Commits = Gen.Select(
        Name,
        Gen.String["ab.@-'"].Select(text => text + "c"),
        Gen.Select(Gen.Long[0, 4_000_000_000], Gen.Int[-14, 14], (seconds, hours) => DateTimeOffset.FromUnixTimeSeconds(seconds).ToOffset(TimeSpan.FromHours(hours))),
        Gen.String["ab 世"].Select(text => "s" + text),
        Gen.String["ab \n#"]);

    [Theory]
    [InlineData(""), InlineData("A\nB"), InlineData("A<b>"), InlineData(".,;"), InlineData("\u00a0.\u3000"), InlineData("\"\"")]
    public void What_Git_does_not_store_is_no_name_and_no_address(string text)
    {
        const string Fault = "must not be empty or contain a character that Git does not allow (angle brackets, control characters)";
        Assert.Equal(Fault, CommitIdentity.ParseName(text).Fault);
        Assert.Equal(Fault, CommitIdentity.ParseEmail(text).Fault);
    }

    [Theory]
    [InlineData(" "), InlineData("a b@example.com")]
    public void An_address_has_no_blanks(string text) => Assert.Equal("must not contain blanks", CommitIdentity.ParseEmail(text).Fault);

    [Fact]
    public void What_is_signed_is_the_commit_that_git_makes_of_the_same_parts()
    {
        using var folder = new TemporaryFolder();
        LibGit2Sharp.Repository.Init(folder.Path, isBare: true);
        using var git = new LibGit2Sharp.Repository(folder.Path);
        var tree = git.ObjectDatabase.CreateTree(new TreeDefinition());

        Commits.Sample(
            sample =>
            {
                var (name, email, time, subject, body) = sample;
                var request = new CommitRequest([new SiteFile("a", default)], $"{subject}\n\n{body}", new CommitIdentity(CommitIdentity.ParseName(name).Value, CommitIdentity.ParseEmail(email).Value, time));
                var commit = GitHubCommitter.Compose(request, tree.Sha, null);
                // Git's versions differ in what they take off a name's ends; of what is sent, none may take anything.
                var author = new Signature(commit.Author!.Name, commit.Author.Email, time.ToUniversalTime());

                var expected = Commit.CreateBuffer(author, author, commit.Message, tree, [], false, null);

                Assert.Equal(expected, CommitBuffer.Of(commit.Tree, commit.Parents, request.Author!, commit.Message));
            },
            iter: 500,
            threads: 1);
    }
}
