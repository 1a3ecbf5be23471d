using System.Diagnostics;
using System.Globalization;

namespace ClusterTrust.Demo;

/// <summary>Prints the steps of the demo, each with its duration.</summary>
internal sealed class Story(TextWriter output)
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly bool _colored = !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
    private int _step;

    /// <summary>Runs one step and prints its outcome.</summary>
    public async Task<T> TellAsync<T>(string title, Func<Task<(T Result, string Outcome)>> act)
    {
        output.WriteLine($"{Bold($"{++_step}. {title}")} ...");
        var began = Stopwatch.GetTimestamp();
        var (result, outcome) = await act();
        foreach (var line in outcome.Split('\n'))
        {
            output.WriteLine($"   {line}");
        }

        output.WriteLine(Dim(string.Create(CultureInfo.InvariantCulture, $"   {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s")));
        output.WriteLine();
        return result;
    }

    /// <summary>Runs one step that has no result.</summary>
    public Task TellAsync(string title, Func<Task<string>> act) => TellAsync(title, async () => (true, await act()));

    /// <summary>Shows the command line of a run, and what it wrote to standard output.</summary>
    public void Show(string command, Output run)
    {
        output.WriteLine(Dim($"   $ {command}"));
        foreach (var line in run.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            output.WriteLine($"   | {line}");
        }

        if (run.StandardOutput.Length == 0)
        {
            foreach (var error in ErrorsOf(run))
            {
                output.WriteLine($"   | error: {error}");
            }
        }

        output.WriteLine(Dim($"   exit code {run.ExitCode}"));
    }

    public void Fail(string message) => output.WriteLine($"{(_colored ? "\u001b[31m" : "")}The demo did not end as it must: {message}{(_colored ? "\u001b[0m" : "")}");

    public void End() => output.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"Every step ended as it must ({Stopwatch.GetElapsedTime(_start).TotalSeconds:0} s). Nothing is left behind."));

    /// <summary>Prints how to use the sandbox by hand while it keeps running.</summary>
    public void Invite(SandboxCluster cluster)
    {
        output.WriteLine("The sandbox keeps running. In another terminal:");
        output.WriteLine();
        foreach (var (name, value) in cluster.Environment())
        {
            output.WriteLine($"export {name}={Quote(value)}");
        }

        output.WriteLine($"export KUBECONFIG={Quote(cluster.AdminKubeconfig)}");
        output.WriteLine();
        output.WriteLine($"{Binaries.Find("oidc")} publish {string.Join(' ', cluster.OidcArguments().Select(Quote))}");
        output.WriteLine($"{Binaries.Find("certsync")} plan {string.Join(' ', cluster.CertSyncArguments().Select(Quote))}");
        output.WriteLine("kubectl get secrets --all-namespaces");
        output.WriteLine("kubectl apply -k kustomize/overlays/sandbox && kubectl create job --from=cronjob/certsync certsync-now -n clustertrust");
        output.WriteLine();
        output.WriteLine("The tokens in these files are valid for an hour. Ctrl-C ends the sandbox.");
    }

    private static string Quote(string text) =>
        text.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or ':' or '.' or '-' or '_' or '@' or ',' or '=') ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static IEnumerable<string> ErrorsOf(Output run) => run.StandardError
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(static line => JsonDocument.Parse(line).RootElement)
        .Where(static line => line.GetProperty("level").GetString() == "error")
        .Select(static line => line.GetProperty("message").GetString()!);

    private string Bold(string text) => _colored ? $"\u001b[1m{text}\u001b[0m" : text;

    private string Dim(string text) => _colored ? $"\u001b[2m{text}\u001b[0m" : text;
}
