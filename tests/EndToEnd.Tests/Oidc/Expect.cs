using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.EndToEnd.Tests.Oidc;

/// <summary>What a run must have left; a failure shows all that it said.</summary>
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
            var said = output.StandardOutput + output.StandardError.Replace("\\\"", "\"", StringComparison.Ordinal);
            Assert.True(said.Contains(word, StringComparison.Ordinal), $"'{word}' was expected. {output}");
        }

        return output;
    }

    /// <summary>None of these words on any output.</summary>
    public static Output Silent(Output output, params string[] words)
    {
        foreach (var word in words)
        {
            Assert.DoesNotContain(word, output.StandardOutput, StringComparison.Ordinal);
            Assert.DoesNotContain(word, output.StandardError, StringComparison.Ordinal);
        }

        return output;
    }
}
