using System.Runtime.InteropServices;
using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.Demo;

/// <summary>Leaves the sandbox running and says how to try it by hand.</summary>
/// <param name="cluster">The sandbox.</param>
/// <param name="output">Where it is said.</param>
internal sealed class Stay(SandboxCluster cluster, TextWriter output)
{
    /// <summary>Waits for Ctrl-C or SIGTERM.</summary>
    public async Task UntilInterruptedAsync()
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
        var interrupted = new TaskCompletionSource();
        using var terminal = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
        using var termination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
        await interrupted.Task;

        void Interrupt(PosixSignalContext context)
        {
            context.Cancel = true;
            interrupted.TrySetResult();
        }
    }

    private static string Quote(string text) =>
        text.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or ':' or '.' or '-' or '_' or '@' or ',' or '=') ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
