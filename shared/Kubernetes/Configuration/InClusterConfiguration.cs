using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClusterTrust.Hosting;
using ClusterTrust.Kubernetes.Authentication;

namespace ClusterTrust.Kubernetes.Configuration;

/// <summary>What kubelet gives a pod: the address in variables, and token, CA and namespace as files.</summary>
internal static class InClusterConfiguration
{
    /// <summary>Whether this process runs in a pod that mounts its ServiceAccount token.</summary>
    public static bool IsPresent(KubernetesEnvironment environment) =>
        environment.NonEmpty("KUBERNETES_SERVICE_HOST") is not null && File.Exists(TokenFile(environment));

    /// <exception cref="JobException">A file is missing or broken, or the address is not one.</exception>
    public static ClusterConfiguration Load(KubernetesEnvironment environment, TimeProvider clock)
    {
        var host = environment.NonEmpty("KUBERNETES_SERVICE_HOST")!;
        var port = environment.NonEmpty("KUBERNETES_SERVICE_PORT") ?? "443";
        if (!Uri.TryCreate($"https://{(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}:{port}", UriKind.Absolute, out var server))
        {
            throw new JobException("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT make no address: leave them as the cluster sets them.", ExitCode.Usage);
        }

        var token = new FileToken(TokenFile(environment), clock);
        var namespaceFile = Path.Combine(environment.ServiceAccountFolder, "namespace");
        return new ClusterConfiguration(server, File.Exists(namespaceFile) ? File.ReadAllText(namespaceFile).Trim() : "default", token)
        {
            Authorities = Authorities(Path.Combine(environment.ServiceAccountFolder, "ca.crt")),
            Identity = TokenText.Subject(token.Read()),
        };
    }

    private static X509Certificate2Collection Authorities(string path)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw Broken(fault);
        }

        return authorities.Count > 0 ? authorities : throw Broken(null);

        JobException Broken(Exception? fault) => new($"The cluster's CA file {path} is missing or holds no certificate: mount the ServiceAccount volume with its ca.crt.", ExitCode.Usage, fault);
    }

    private static string TokenFile(KubernetesEnvironment environment) => Path.Combine(environment.ServiceAccountFolder, "token");
}
