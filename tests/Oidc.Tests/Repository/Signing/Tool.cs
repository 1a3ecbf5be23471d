using System.Diagnostics;

namespace ClusterTrust.Oidc.Tests.Repository.Signing;

/// <summary>A program of the machine (gpg, ssh-keygen, git): the judge that shares no code with us.</summary>
internal static class Tool
{
    /// <summary>Runs it and returns both of its outputs as one text; fails the test if it exits with another code than 0.</summary>
    public static string Run(string program, IReadOnlyDictionary<string, string> environment, string input, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd() + errors.GetAwaiter().GetResult();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} exited with {process.ExitCode}: {output}");
        return output;
    }

    public static string Run(string program, params string[] arguments) =>
        Run(program, new Dictionary<string, string>(), "", arguments);
}
