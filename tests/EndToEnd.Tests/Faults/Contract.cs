using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.EndToEnd.Tests.Faults;

/// <summary>What every run promises, however it ends.</summary>
internal static class Contract
{
    /// <summary>Holds a run to its exit code and, if it did not end well, to sentences that a person can act on.</summary>
    /// <param name="output">The run.</param>
    /// <param name="exitCode">What it must end with.</param>
    /// <param name="says">What must be told; may be empty.</param>
    public static void AssertEnds(Output output, int exitCode, string says)
    {
        Assert.True(output.ExitCode == exitCode, $"Exit code {exitCode} was expected. {output}");
        AssertSober(output);
        var told = Logs.Messages(output, "error").Concat(Logs.Messages(output, "warning")).ToArray();
        if (says.Length > 0)
        {
            Assert.True(told.Append(output.StandardOutput).Any(text => text.Contains(says, StringComparison.Ordinal)), $"'{says}' was expected. {output}");
        }

        if (exitCode != 0)
        {
            // A report on standard output tells it, too.
            Assert.True(Logs.Messages(output, "error").Count > 0 || output.StandardOutput.Length > 0, $"No error is reported. {output}");
            Assert.All(told, sentence => Assert.True(sentence.EndsWith('.') || sentence.EndsWith(')'), $"'{sentence}' is not a sentence. {output}"));
        }
    }

    /// <summary>No stack trace, no exception's name.</summary>
    public static void AssertSober(Output output)
    {
        foreach (var trace in new[] { "   at ", "Exception", "unexpected " })
        {
            Assert.False(output.StandardError.Contains(trace, StringComparison.Ordinal), $"'{trace}' was not expected. {output}");
        }
    }
}
