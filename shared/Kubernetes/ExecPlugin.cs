using System.Diagnostics;
using k8s.KubeConfigModels;

namespace ClusterTrust.Kubernetes;

/// <summary>Runs a credential plugin (<c>exec</c> in the kubeconfig) by client-go's contract, non-interactively.</summary>
/// <param name="command">The program as the kubeconfig names it.</param>
/// <param name="environment">Variables in addition to those of this process.</param>
/// <param name="apiVersion"><c>client.authentication.k8s.io/v1</c> or <c>v1beta1</c>; the response must have the same.</param>
/// <param name="cluster">The cluster's entry for the plugin (<c>provideClusterInfo</c>); null for none.</param>
internal sealed class ExecPlugin(
    string? path,
    string command,
    IReadOnlyList<string> arguments,
    IReadOnlyList<KeyValuePair<string, string>> environment,
    string apiVersion,
    JsonObject? cluster)
{
    private const string Kind = "ExecCredential";

    private const int MaxOutputBytes = 1024 * 1024;

    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    /// <exception cref="JobException">It is missing, fails, takes longer than two minutes, or returns something else (<see cref="ExitCode.Usage"/>).</exception>
    public async Task<ExecCredentialResponse.ExecStatus> RunAsync(CancellationToken cancellationToken)
    {
        using var process = Start();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Timeout);
        try
        {
            process.StandardInput.Close();

            // Its own children may outlive it and keep its output open.
            return await ReadAsync(process, limit.Token).WaitAsync(limit.Token);
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

    private async Task<ExecCredentialResponse.ExecStatus> ReadAsync(Process process, CancellationToken cancellationToken)
    {
        var errors = ReadAsync(process.StandardError, cancellationToken);
        var output = ReadAsync(process.StandardOutput, cancellationToken);

        // A stream that is too long ends the run at once.
        await await Task.WhenAny(errors, output);
        var response = await output;
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0
            ? Read(response)
            : throw Fault($"ended with exit code {process.ExitCode}{((await errors).Trim() is { Length: > 0 } text ? $": {Sanitizer.Sanitize(text)}" : " without a message: run it manually")}");
    }

    private async Task<string> ReadAsync(StreamReader output, CancellationToken cancellationToken)
    {
        await using var limited = new BoundedStream(output.BaseStream, MaxOutputBytes, () => Fault($"printed more than {MaxOutputBytes} bytes: run it manually to see its output"));
        using var reader = new StreamReader(limited);
        return await reader.ReadToEndAsync(cancellationToken);
    }

    private Process Start()
    {
        var start = new ProcessStartInfo(path ?? throw NotRun(), arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
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
            throw NotRun(fault);
        }
    }

    private ExecCredentialResponse.ExecStatus Read(string response)
    {
        ExecCredentialResponse? credential;
        try
        {
            credential = JsonSerializer.Deserialize(response, KubernetesJson.Default.ExecCredentialResponse);
        }
        catch (JsonException)
        {
            // Without the parser's message, which may quote a token.
            throw Fault("did not print an ExecCredential: run it manually to see its output");
        }

        if (credential?.Kind != Kind || credential.ApiVersion != apiVersion)
        {
            throw Fault($"returned {Sanitizer.Sanitize($"{credential?.ApiVersion} {credential?.Kind}", 100)} where {apiVersion} {Kind} was expected: correct the exec plugin's apiVersion");
        }

        return credential.Status switch
        {
            var status when string.IsNullOrEmpty(status?.ClientCertificateData) != string.IsNullOrEmpty(status?.ClientKeyData) =>
                throw Fault("returned only one of client certificate and key: use another version of it"),
            null or { Token: null or "", ClientCertificateData: null or "" } => throw Fault("returned neither a token nor a client certificate: run it manually to see why"),
            { Token: { Length: > 0 } token } when !Credential.IsSendable(token) => throw Fault("returned a token with invalid characters: run it manually to see its output"),
            var status => status,
        };
    }

    private JobException NotRun(Exception? cause = null) => Fault("cannot be run: install it, or correct its path", cause);

    private JobException Fault(string sentence, Exception? cause = null) =>
        new($"The credential plugin {Sanitizer.Sanitize(command)} of the kubeconfig {sentence}.", ExitCode.Usage, cause);
}
