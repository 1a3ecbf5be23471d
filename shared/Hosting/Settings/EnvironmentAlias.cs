namespace ClusterTrust.Hosting.Settings;

/// <summary>A further environment variable that a setting is read from, such as <c>KUBECONFIG</c>.</summary>
/// <param name="Name">The variable's whole name; the job's prefix is not put before it.</param>
/// <param name="Parse">How its text is read when that differs from the setting's own form, else null.</param>
public sealed record EnvironmentAlias<T>(string Name, Func<string, Parsed<T>>? Parse = null);
