namespace ClusterTrust.Kubernetes;

/// <summary>What a process finds around it: variables, the ServiceAccount volume and the home folder.</summary>
/// <param name="Variable">Reads an environment variable; null when it is not set.</param>
/// <param name="ServiceAccountFolder">Where kubelet mounts <c>token</c>, <c>ca.crt</c> and <c>namespace</c>.</param>
/// <param name="HomeFolder">The folder that holds <c>.kube/config</c>; empty when there is none.</param>
public sealed record KubernetesEnvironment(Func<string, string?> Variable, string ServiceAccountFolder, string HomeFolder)
{
    /// <summary>The environment of this process.</summary>
    public static KubernetesEnvironment OfThisProcess { get; } = new(
        Environment.GetEnvironmentVariable,
        "/var/run/secrets/kubernetes.io/serviceaccount",
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));

    internal string? NonEmpty(string variable) => Variable(variable) is { Length: > 0 } value ? value : null;
}
