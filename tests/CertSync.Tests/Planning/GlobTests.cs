namespace ClusterTrust.CertSync.Tests.Planning;

/// <summary>What a regular expression reads otherwise than a glob, which is translated to one.</summary>
public sealed class GlobTests
{
    [Theory]
    [InlineData("[z-a]", "b", false)]
    [InlineData("[!z-a]", "b", true)]
    [InlineData("[a-]b-c]*", "-b-c]", true)]
    [InlineData("[^a]*", "^", true)]
    [InlineData("[^a]*", "b", false)]
    [InlineData(@"[\]*", @"\", true)]
    [InlineData("a.c*", "abc", false)]
    [InlineData("^a$|b*", "^a$|b", true)]
    [InlineData("(a)+{2}?", "(a)+{2}x", true)]
    [InlineData("a*b", "a\nb", true)]
    [InlineData("*\n", "a\n", true)]
    [InlineData("a*", "a\n", true)]
    [InlineData("*b", "b\n", false)]
    public void Characters_that_mean_something_else_in_regular_expressions_are_literal(string pattern, string text, bool matches) =>
        Assert.Equal(matches, new Glob(pattern).IsMatch(text));

    [Fact]
    public void Globs_are_equal_by_their_pattern()
    {
        Assert.Equal(new Glob("team-*"), new Glob("team-*"));
        Assert.NotEqual(new Glob("team-*"), new Glob("team-?"));
    }
}
