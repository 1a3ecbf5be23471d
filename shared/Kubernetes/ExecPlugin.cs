using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using ClusterTrust.Hosting;
using ClusterTrust.Text;
using k8s.KubeConfigModels;

namespace ClusterTrust.Kubernetes;

/// <summary>Runs a credential plugin (<c>exec</c> in the kubeconfig) by client-go's contract, non-interactively.</summary>
/// <param name="command">The program: a path, or a name on PATH.</param>
/// <param name="arguments">Its arguments.</param>
/// <param name="environment">Variables in addition to those of this process.</param>
/// <param name="apiVersion"><c>client.authentication.k8s.io/v1</c> or <c>v1beta1</c>; the answer must have the same.</param>
/// <param name="cluster">The cluster's entry for the plugin (<c>provideClusterInfo</c>); null for none.</param>
internal sealed class ExecPlugin(
    string command, IReadOnlyList<string> arguments, IReadOnlyList<KeyValuePair<string, string>> environment, string apiVersion, JsonObject? cluster)
{
    private const string Kind = "ExecCredential";

    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    /// <summary>The token of a credential, out of date a minute before it expires; one without an expiration is valid until the server rejects it.</summary>
    public static (string?, DateTimeOffset) TokenOf(ExecCredentialResponse.ExecStatus credential) =>
        (credential.Token, credential.ExpirationTimestamp?.AddMinutes(-1) ?? DateTimeOffset.MaxValue);

    /// <summary>Runs the plugin.</summary>
    /// <exception cref="JobException">It is missing, fails, takes longer than two minutes, or answers with something else (<see cref="ExitCode.Usage"/>).</exception>
    public async Task<ExecCredentialResponse.ExecStatus> RunAsync(CancellationToken cancellationToken)
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
            throw Fault($"took longer than {Timeout.TotalSeconds:0} seconds: sign in manually once, or use a plugin that works without interaction");
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

    private ExecCredentialResponse.ExecStatus Read(string answer)
    {
        ExecCredentialResponse? credential;
        try
        {
            credential = JsonSerializer.Deserialize(answer, KubernetesJson.Default.ExecCredentialResponse);
        }
        catch (JsonException)
        {
            // Without the parser's message, which may quote a token.
            throw Fault("did not print an ExecCredential: run it manually to see its output");
        }

        if (credential?.Kind != Kind || credential.ApiVersion != apiVersion)
        {
            throw Fault($"answered with {Sanitizer.Sanitize($"{credential?.ApiVersion} {credential?.Kind}", 100)} where {apiVersion} {Kind} was expected: correct the exec plugin's apiVersion");
        }

        var status = credential.Status;
        if (string.IsNullOrEmpty(status?.ClientCertificateData) != string.IsNullOrEmpty(status?.ClientKeyData))
        {
            throw Fault("returned only one of client certificate and key: use another version of it");
        }

        if (string.IsNullOrEmpty(status?.Token) && string.IsNullOrEmpty(status?.ClientCertificateData))
        {
            throw Fault("returned neither a token nor a client certificate: run it manually to see why");
        }

        return string.IsNullOrEmpty(status.Token) || TokenText.IsSendable(status.Token)
            ? status
            : throw Fault("returned a token with invalid characters: run it manually to see its output");
    }

    private JobException Fault(string sentence, Exception? cause = null) =>
        new($"The credential plugin {Sanitizer.Sanitize(command)} of the kubeconfig {sentence}.", ExitCode.Usage, cause);
}
