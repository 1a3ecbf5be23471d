using System.Diagnostics;

namespace ClusterTrust.CertSync.Tests.Certificates;

/// <summary>The machine's openssl, as a judge that shares no code with us.</summary>
internal static class OpenSsl
{
    /// <summary>Runs it and returns both of its outputs as one text; fails the test if it exits with another code than 0.</summary>
    public static string Run(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("openssl", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd() + errors.GetAwaiter().GetResult();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"openssl {string.Join(' ', arguments)} exited with {process.ExitCode}: {output}");
        return output;
    }
}
