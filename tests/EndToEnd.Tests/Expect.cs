namespace ClusterTrust.EndToEnd.Tests;

/// <summary>What a run of a job must have left; a failure shows all that it wrote.</summary>
internal static class Expect
{
    public const int Failed = 1;
    public const int Usage = 2;
    public const int Refused = 3;

    /// <summary>Exit code 0, and these words on one of its outputs.</summary>
    public static Output Done(Output output, params string[] words) => Exit(0, output, words);

    /// <summary>This exit code, and these words on one of its outputs.</summary>
    public static Output Exit(int code, Output output, params string[] words)
    {
        Assert.True(output.ExitCode == code, $"Exit code {code} was expected. {output}");
        foreach (var word in words)
        {
            // JSON lines escape a quotation mark and nothing else that these words have.
            var written = output.StandardOutput + output.StandardError.Replace("\\\"", "\"", StringComparison.Ordinal);
            Assert.True(written.Contains(word, StringComparison.Ordinal), $"'{word}' was expected. {output}");
        }

        return output;
    }

    /// <summary>No stack trace and no exception's name, however the run ends.</summary>
    public static void Clean(Output output)
    {
        foreach (var trace in new[] { "   at ", "Exception", "unexpected " })
        {
            Assert.False(output.StandardError.Contains(trace, StringComparison.Ordinal), $"'{trace}' was not expected. {output}");
        }
    }

    /// <summary>This exit code and, if the run did not end well, sentences that a person can act on, one of them with this text.</summary>
    /// <param name="text">Part of an error, a warning or the report; may be empty.</param>
    public static void Contract(int code, Output output, string text = "")
    {
        Clean(Exit(code, output));
        string[] messages = [.. Messages(output, "error"), .. Messages(output, "warning")];
        Assert.True(messages.Append(output.StandardOutput).Any(message => message.Contains(text, StringComparison.Ordinal)), $"'{text}' was expected. {output}");
        if (code != 0)
        {
            Assert.True(Messages(output, "error").Count > 0 || output.StandardOutput.Length > 0, $"No error is reported. {output}");
            Assert.All(messages, message => Assert.True(message.EndsWith('.') || message.EndsWith(')'), $"'{message}' is not a sentence. {output}"));
        }
    }

    /// <summary>This exit code, and one error and no report.</summary>
    public static string OneError(int code, Output output)
    {
        Contract(code, output);
        Assert.Equal("", output.StandardOutput);
        return Assert.Single(Messages(output, "error"));
    }

    /// <summary>The messages of a level in the JSON log lines that a job writes where standard error is no terminal, in order.</summary>
    private static IReadOnlyList<string> Messages(Output run, string level) =>
    [
        .. run.StandardError.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => JsonDocument.Parse(line).RootElement)
            .Where(line => line.GetProperty("level").GetString() == level)
            .Select(static line => line.GetProperty("message").GetString()!),
    ];
}
