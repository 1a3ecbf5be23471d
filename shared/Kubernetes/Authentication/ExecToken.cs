namespace ClusterTrust.Kubernetes.Authentication;

/// <summary>A token that a credential plugin hands out, asked for again a minute before it expires and when it is refused.</summary>
/// <param name="plugin">Hands it out.</param>
/// <param name="clock">Tells when the token expires.</param>
internal sealed class ExecToken(ExecPlugin plugin, TimeProvider clock) : ITokenSource, IDisposable
{
    private static readonly TimeSpan Early = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim gate = new(1);
    private ExecCredential.CredentialStatus? credential;

    /// <summary>Runs the plugin and keeps what it answers.</summary>
    /// <exception cref="Hosting.JobException">It gives no credential.</exception>
    public async Task<ExecCredential.CredentialStatus> RunAsync(CancellationToken cancellationToken) => credential = await plugin.RunAsync(cancellationToken);

    public async ValueTask<string?> GetAsync(CancellationToken cancellation)
    {
        await gate.WaitAsync(cancellation);
        try
        {
            return credential is { } current && !(current.ExpirationTimestamp - Early <= clock.GetUtcNow())
                ? current.Token
                : (await RunAsync(cancellation)).Token;
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
