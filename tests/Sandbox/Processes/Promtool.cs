namespace ClusterTrust.Sandbox.Processes;

/// <summary>Prometheus' own checker: <c>scripts/setup.sh test</c> takes it out of Debian's package.</summary>
public static class Promtool
{
    /// <summary>Runs it.</summary>
    /// <param name="arguments">Such as <c>check metrics</c>.</param>
    /// <param name="input">What it reads from standard input.</param>
    /// <exception cref="MissingToolException">It is not installed.</exception>
    public static async Task<Output> RunAsync(IEnumerable<string> arguments, string input = "")
    {
        await using var runner = new BinaryRunner(Tools.Find("promtool", "prometheus"));
        await using var running = runner.Start(arguments, input: System.Text.Encoding.UTF8.GetBytes(input));
        return await running.WaitAsync(TimeSpan.FromMinutes(10));
    }
}
