using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using ClusterTrust.Hosting;
using ClusterTrust.Text;

namespace ClusterTrust.Kubernetes.Authentication;

/// <summary>Runs a credential plugin (<c>exec</c> in the kubeconfig) by client-go's contract, without a terminal: it is never asked to be interactive.</summary>
/// <param name="command">The program: a path, or a name on PATH.</param>
/// <param name="arguments">Its arguments, each passed on as it is.</param>
/// <param name="environment">Variables besides those of this process.</param>
/// <param name="apiVersion"><c>client.authentication.k8s.io/v1</c> or <c>v1beta1</c>; the answer must have the same.</param>
/// <param name="cluster">What it is told about the cluster (<c>provideClusterInfo</c>); null for nothing.</param>
internal sealed class ExecPlugin(
    string command, IReadOnlyList<string> arguments, IReadOnlyList<KeyValuePair<string, string>> environment, string apiVersion, JsonObject? cluster)
{
    private const string Kind = "ExecCredential";

    // As long as anybody waits for a sign-in that needs no person.
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    /// <summary>Runs it.</summary>
    /// <exception cref="JobException">It is missing, fails, takes longer than two minutes, or answers with something else (<see cref="ExitCode.Usage"/>).</exception>
    public async Task<ExecCredential.CredentialStatus> RunAsync(CancellationToken cancellationToken)
    {
        using var process = Start();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Timeout);
        try
        {
            process.StandardInput.Close();
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            var answer = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return process.ExitCode == 0
                ? Read(answer)
                : throw Fault($"ended with exit code {process.ExitCode}: {Sanitizer.Sanitize((await errors).Trim())}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Fault($"took longer than {Timeout.TotalSeconds:0} seconds: sign in by hand once, or use one that needs nobody");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private Process Start()
    {
        var start = new ProcessStartInfo(command, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        var spec = new JsonObject { ["interactive"] = false };
        if (cluster is not null)
        {
            spec["cluster"] = cluster.DeepClone();
        }

        start.Environment["KUBERNETES_EXEC_INFO"] = new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = Kind, ["spec"] = spec }.ToJsonString();
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception fault)
        {
            throw Fault("cannot be run: install it, or correct its path", fault);
        }
    }

    private ExecCredential.CredentialStatus Read(string answer)
    {
        ExecCredential? credential;
        try
        {
            credential = JsonSerializer.Deserialize(answer, KubernetesJson.Default.ExecCredential);
        }
        catch (JsonException)
        {
            // Without the reader's words: they may quote a token.
            throw Fault("did not answer with an ExecCredential: run it by hand to see what it prints");
        }

        if (credential?.Kind != Kind || credential.ApiVersion != apiVersion)
        {
            throw Fault($"answered with {Sanitizer.Sanitize($"{credential?.ApiVersion} {credential?.Kind}", 100)} where {apiVersion} {Kind} was expected: correct the exec plugin's apiVersion");
        }

        var status = credential.Status;
        if (string.IsNullOrEmpty(status?.ClientCertificateData) != string.IsNullOrEmpty(status?.ClientKeyData))
        {
            throw Fault("gave a client certificate or its key, not both: use another version of it");
        }

        if (string.IsNullOrEmpty(status?.Token) && string.IsNullOrEmpty(status?.ClientCertificateData))
        {
            throw Fault("gave neither a token nor a client certificate: run it by hand to see why");
        }

        return string.IsNullOrEmpty(status.Token) || TokenText.IsSendable(status.Token)
            ? status
            : throw Fault("gave a token with characters that no token has: run it by hand to see what it prints");
    }

    private JobException Fault(string sentence, Exception? cause = null) =>
        new($"The credential plugin {Sanitizer.Sanitize(command)} of the kubeconfig {sentence}.", ExitCode.Usage, cause);
}
