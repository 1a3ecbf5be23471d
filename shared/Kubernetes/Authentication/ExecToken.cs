using ClusterTrust.Hosting;
using k8s;
using k8s.Exceptions;
using k8s.KubeConfigModels;

namespace ClusterTrust.Kubernetes.Authentication;

/// <summary>A token that a credential plugin (<c>exec</c> in the kubeconfig) hands out.</summary>
/// <param name="plugin">How the plugin is called.</param>
/// <param name="clock">Tells when the token expires.</param>
internal sealed class ExecToken(ExternalExecution plugin, TimeProvider clock) : ITokenSource, IDisposable
{
    private static readonly TimeSpan Early = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim gate = new(1);
    private ExecCredentialResponse.ExecStatus? credential;

    /// <summary>Runs the plugin and keeps what it says.</summary>
    /// <exception cref="JobException">The plugin is missing, fails, or answers with something else.</exception>
    public ExecCredentialResponse.ExecStatus Run()
    {
        try
        {
            return credential = KubernetesClientConfiguration.ExecuteExternalCommand(plugin).Status;
        }
        catch (KubeConfigException fault)
        {
            throw new JobException(
                $"The credential plugin {Printable.Of(plugin.Command)} of the kubeconfig gave no credential: install it, and run it by hand to see what it says.",
                ExitCode.Usage,
                fault);
        }
    }

    public async ValueTask<string?> GetAsync(CancellationToken cancellation)
    {
        await gate.WaitAsync(cancellation);
        try
        {
            // The plugin may take seconds and is waited for without a token to cancel it: not on the caller's thread.
            return credential is { } current && !(current.ExpirationTimestamp - Early <= clock.GetUtcNow().UtcDateTime)
                ? current.Token
                : (await Task.Run(Run, cancellation)).Token;
        }
        finally
        {
            gate.Release();
        }
    }

    public bool Refused()
    {
        credential = null;
        return true;
    }

    public void Dispose() => gate.Dispose();
}
