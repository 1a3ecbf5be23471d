namespace ClusterTrust.Shared.Tests.Hosting.Output;

public sealed class ProgressLineTests : IDisposable
{
    private readonly StringWriter _terminal = new();

    [Fact]
    public void A_line_replaces_the_previous_one_and_is_erased_at_the_end()
    {
        var line = new ProgressLine(_terminal, static () => 20);
        line.Show("1 of 2");
        line.Show("2 of 2");
        line.Clear();
        Assert.Equal("\r\e[K1 of 2\r\e[K2 of 2\r\e[K", _terminal.ToString());
    }

    [Fact]
    public void Other_output_is_written_above_the_line()
    {
        var line = new ProgressLine(_terminal, static () => 20);
        line.Show("1 of 2");
        line.Interrupt(() => _terminal.Write("a log line\n"));
        Assert.EndsWith("\r\e[Ka log line\n\r\e[K1 of 2", _terminal.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10, 9)]
    [InlineData(0, 79)]
    public void A_line_never_wraps(int width, int length)
    {
        new ProgressLine(_terminal, () => width).Show(new string('x', 200));
        Assert.Equal("\r\e[K".Length + length, _terminal.ToString().Length);
    }

    [Fact]
    public void Without_a_terminal_there_is_no_line()
    {
        ProgressLine.None.Show("1 of 2");
        ProgressLine.None.Clear();
        Assert.False(ProgressLine.None.IsShown);
    }

    public void Dispose() => _terminal.Dispose();
}
