namespace ClusterTrust.Kubernetes.Authentication;

/// <summary>A token written in the kubeconfig, or none.</summary>
internal sealed class FixedToken(string? token) : ITokenSource
{
    public ValueTask<string?> GetAsync(CancellationToken cancellation) => ValueTask.FromResult(token);

    public bool Refused() => false;
}
