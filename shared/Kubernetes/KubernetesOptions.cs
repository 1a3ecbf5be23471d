namespace ClusterTrust.Kubernetes;

/// <summary>The API server, the credentials and the retries of a connection.</summary>
public sealed record KubernetesOptions
{
    /// <summary>The kubeconfig file (<c>--kubeconfig</c>), which overrides everything else. Default null: the pod's ServiceAccount, then <c>KUBECONFIG</c>, then <c>~/.kube/config</c>.</summary>
    public string? KubeconfigPath { get; init; }

    /// <summary>The context of the kubeconfig (<c>--context</c>); with one, the pod's ServiceAccount is not used. Default null: its <c>current-context</c>.</summary>
    public string? Context { get; init; }

    /// <summary>The <c>User-Agent</c>; its first word becomes the field manager of written objects.</summary>
    public string UserAgent { get; init; } = "clustertrust";

    /// <summary>The maximum number of tries of a request, at least 1. Default 5.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>The maximum time of one try, including the body where a method reads it. Default 60 s.</summary>
    public TimeSpan TryTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The maximum wait for a <c>Retry-After</c>; a longer one is cut to this: 30 s.</summary>
    internal static readonly TimeSpan MaxRetryAfter = TimeSpan.FromSeconds(30);
}

/// <summary>The environment of a connection: variables, the ServiceAccount volume and the home folder.</summary>
/// <param name="Variable">Returns an environment variable; null when it is not set.</param>
/// <param name="ServiceAccountFolder">The mount path of <c>token</c>, <c>ca.crt</c> and <c>namespace</c>.</param>
/// <param name="HomeFolder">The folder of <c>.kube/config</c>; empty for none.</param>
public sealed record KubernetesEnvironment(Func<string, string?> Variable, string ServiceAccountFolder, string HomeFolder)
{
    /// <summary>The environment that these variables describe. Without <c>HOME</c>, the home folder is the user's in the password database.</summary>
    public static KubernetesEnvironment Of(Func<string, string?> variable) => new(
        variable,
        "/var/run/secrets/kubernetes.io/serviceaccount",
        variable("HOME") is { Length: > 0 } home ? home : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));

    internal string? NonEmpty(string variable) => Variable(variable) is { Length: > 0 } value ? value : null;
}
