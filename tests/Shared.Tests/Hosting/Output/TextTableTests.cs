namespace ClusterTrust.Shared.Tests.Hosting.Output;

public sealed class TextTableTests
{
    [Fact]
    public void Columns_are_aligned_and_lines_end_without_blanks()
    {
        using var output = new StringWriter();
        new TextTable("ACTION", "SECRET", "REASON")
            .Add("create", "shop/web-tls", "")
            .Add("unchanged", "a/b", "same\nthumbprint\e[31m")
            .WriteTo(output);
        Assert.Equal(
            """
            ACTION     SECRET        REASON
            create     shop/web-tls
            unchanged  a/b           same thumbprint [31m

            """,
            output.ToString());
    }

    [Fact]
    public void A_row_must_fit_the_headings() =>
        Assert.Throws<ArgumentException>(() => new TextTable("A", "B").Add("only one"));

    [Fact]
    public void One_long_cell_does_not_widen_every_row()
    {
        using var output = new StringWriter();
        new TextTable("SECRET", "NAME").Add(new string('x', 200), "a").Add("shop/web", "b").WriteTo(output);
        Assert.All(output.ToString().Split('\n')[2..], static line => Assert.InRange(line.Length, 0, 20));
        Assert.Contains($"{new string('x', 200)}  a", output.ToString(), StringComparison.Ordinal);
    }
}
