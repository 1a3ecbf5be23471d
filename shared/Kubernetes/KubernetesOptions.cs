namespace ClusterTrust.Kubernetes;

/// <summary>Which API server to speak to, as whom, and how patiently.</summary>
public sealed record KubernetesOptions
{
    /// <summary>A kubeconfig file (<c>--kubeconfig</c>). When given it beats everything else; when null, the pod's own ServiceAccount is used inside a cluster, else <c>KUBECONFIG</c>, else <c>~/.kube/config</c>.</summary>
    public string? KubeconfigPath { get; init; }

    /// <summary>A context of the kubeconfig (<c>--context</c>); its <c>current-context</c> when null. Naming one asks for a kubeconfig, so that the pod's own ServiceAccount is not considered.</summary>
    public string? Context { get; init; }

    /// <summary>Another address of the API server than the configuration names, with the same credentials.</summary>
    public Uri? Server { get; init; }

    /// <summary>The <c>User-Agent</c>; its first word becomes the field manager of what is written.</summary>
    public string UserAgent { get; init; } = "clustertrust";

    /// <summary>How often a request is tried in all, at least 1.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>How long one try may take; for the helpers that read a body, the body included.</summary>
    public TimeSpan TryTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The longest <c>Retry-After</c> that is obeyed; a longer one is cut to this.</summary>
    public TimeSpan MaxRetryAfter { get; init; } = TimeSpan.FromSeconds(30);
}
