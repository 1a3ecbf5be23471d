using System.Runtime.CompilerServices;

namespace ClusterTrust.EndToEnd.Tests;

/// <summary>
/// Runs the jobs in the process of the tests, by the same entry as the binaries, where nothing of a run needs a process of its own.
/// With the native binaries (<c>PUBLISHED=1</c>), which start in milliseconds, every run is a process.
/// </summary>
internal static class InProcessJobs
{
    private static readonly AsyncLocal<Uri?> Proxy = new();

    private static readonly AsyncLocal<string[]?> NoProxy = new();

    /// <summary>Variables that the runtime reads once for the whole process; a run that sets one of them is a process.</summary>
    private static readonly string[] OfProcesses = ["SSL_CERT_DIR", "LD_PRELOAD", "http_proxy", "https_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy", "TZ"];

    /// <summary>Before any test. The CA of every sandbox is trusted by <c>SystemTrust</c>.</summary>
    [ModuleInitializer]
    internal static void Prepare()
    {
        if (Environment.GetEnvironmentVariable("PUBLISHED") == "1")
        {
            return;
        }

        HttpClient.DefaultProxy = new ProxyOfRun();
        BinaryRunner.InProcess = RunAsync;
    }

    private static Task<Output>? RunAsync(JobCall call, CancellationToken cancellationToken) =>
        NeedsProcess(call) ? null : Task.Run(() => RunHereAsync(call, cancellationToken), cancellationToken);

    private static bool NeedsProcess(JobCall call) => call.Variables.Keys.Any(static name => name != "HOME") && (
        call.Variables.Keys.Any(name => OfProcesses.Contains(name) || name.StartsWith("DOTNET_", StringComparison.Ordinal))
        // MSAL remembers for the whole process which authorities are one cloud's.
        || call.Variables.GetValueOrDefault("AZURE_AUTHORITY_HOST") is not (null or "https://login.microsoftonline.com/")
        || !call.Variables.ContainsKey("HTTPS_PROXY")
        || call.Variables.GetValueOrDefault("NO_PROXY")?.StartsWith("127.0.0.1,localhost", StringComparison.Ordinal) != true
        || !call.Variables.TryGetValue("SSL_CERT_FILE", out var file)
        || !File.Exists(file) || File.ReadAllText(file) != CertificateAuthority.OfProcess.CertificatePem);

    private static async Task<Output> RunHereAsync(JobCall call, CancellationToken cancellationToken)
    {
        // A run without any variables connects to nothing.
        Proxy.Value = call.Variables.TryGetValue("HTTPS_PROXY", out var proxy) ? new Uri(proxy) : null;
        NoProxy.Value = call.Variables.GetValueOrDefault("NO_PROXY")?.Split(',');
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        using var messages = new TemporaryFolder("clustertrust-messages-");
        var terminationLog = call.Variables.GetValueOrDefault(call.Job.ToUpperInvariant() + "_TERMINATION_LOG") ?? messages.Write("termination-log", "");
        var application = call.Job == "oidc" ? OidcCommands.Application : CertSyncCommands.Application;
        var exitCode = await application.RunAsync(call.Arguments, new JobEnvironment
        {
            Variables = call.Variables,
            Output = TextWriter.Synchronized(output),
            Error = TextWriter.Synchronized(error),
            TerminationLog = terminationLog,
            ListenForStop = stop => cancellationToken.Register(stop),
        });
        var ended = new Output(exitCode, output.ToString(), error.ToString())
        {
            TerminationMessage = File.Exists(terminationLog) ? await File.ReadAllTextAsync(terminationLog, CancellationToken.None) : "",
        };
        foreach (var (text, where) in new[] { (ended.StandardOutput, "stdout"), (ended.StandardError, "stderr"), (ended.TerminationMessage, "The termination message") })
        {
            KnownSecrets.ThrowIfIn(text, $"{where} of {call.Job} {call.Arguments.FirstOrDefault()}");
        }

        return ended;
    }

    /// <summary>The proxy of the run that sends the request, as <c>HTTPS_PROXY</c> and the hosts in <c>NO_PROXY</c> name it.</summary>
    private sealed class ProxyOfRun : IWebProxy
    {
        public ICredentials? Credentials { get; set; }
        public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? null : Proxy.Value;
        public bool IsBypassed(Uri host) => host.IsLoopback || host.Scheme != Uri.UriSchemeHttps || Proxy.Value is null || NoProxy.Value?.Contains(host.Host) == true;
    }
}
