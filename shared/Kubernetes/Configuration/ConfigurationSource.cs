using ClusterTrust.Hosting;
using ClusterTrust.Text;

namespace ClusterTrust.Kubernetes.Configuration;

/// <summary>Decides where the configuration comes from: a given kubeconfig, the pod's ServiceAccount, <c>KUBECONFIG</c>, <c>~/.kube/config</c>.</summary>
internal static class ConfigurationSource
{
    /// <exception cref="JobException">There is none, or it is broken (<see cref="ExitCode.Usage"/>).</exception>
    public static ClusterConfiguration Load(KubernetesOptions options, KubernetesEnvironment environment, TimeProvider clock)
    {
        var configuration = Choose(options, environment, clock);
        if (options.Server is { } server)
        {
            configuration = configuration with { Server = server };
        }

        Check(configuration.Server);
        return configuration;
    }

    /// <summary>Refuses an address that tokens must not be sent to.</summary>
    /// <exception cref="JobException">It is no absolute https address, or http beyond this machine.</exception>
    public static void Check(Uri server)
    {
        if (!server.IsAbsoluteUri
            || !(server.Scheme == Uri.UriSchemeHttps || (server.Scheme == Uri.UriSchemeHttp && server.IsLoopback))
            || server.Query.Length > 0
            || server.UserInfo.Length > 0)
        {
            var shown = server.IsAbsoluteUri ? ServerFault.Address(server) : Sanitizer.Sanitize(server.OriginalString);
            throw new JobException($"The API server address {shown} cannot be used: give an https address without user, password or query (http only for this machine).", ExitCode.Usage);
        }
    }

    private static ClusterConfiguration Choose(KubernetesOptions options, KubernetesEnvironment environment, TimeProvider clock)
    {
        if (options.KubeconfigPath is { } path)
        {
            return new KubeconfigReader(clock).Read([path], options.Context);
        }

        if (options.Context is null && InClusterConfiguration.IsPresent(environment))
        {
            return InClusterConfiguration.Load(environment, clock);
        }

        if (environment.NonEmpty("KUBECONFIG") is { } variable)
        {
            var files = variable.Split(Path.PathSeparator, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(File.Exists).ToArray();
            return files.Length > 0
                ? new KubeconfigReader(clock).Read(files, options.Context)
                : throw new JobException("KUBECONFIG names no file that exists: correct it, or unset it to use ~/.kube/config.", ExitCode.Usage);
        }

        var usual = Path.Combine(environment.HomeFolder, ".kube", "config");
        return environment.HomeFolder.Length > 0 && File.Exists(usual)
            ? new KubeconfigReader(clock).Read([usual], options.Context)
            : throw new JobException(
                "No cluster is configured: run in a pod that mounts its ServiceAccount token, or give --kubeconfig FILE, or set KUBECONFIG.",
                ExitCode.Usage);
    }
}
