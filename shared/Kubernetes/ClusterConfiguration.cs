namespace ClusterTrust.Kubernetes;

/// <summary>The address, the trusted CAs and the credentials of one API server.</summary>
/// <param name="Server">The address; its path, if any, precedes the path of every request.</param>
/// <param name="Authorities">The trusted CA certificates; null for the system's.</param>
/// <param name="TlsServerName">The name in the server's certificate, as in a URL; null for the address's.</param>
/// <param name="Proxy">The proxy of the kubeconfig; null for the environment's.</param>
internal sealed record ClusterConfiguration(
    Uri Server, string Namespace, CredentialSource Credentials, X509Certificate2Collection? Authorities, string? TlsServerName = null, Uri? Proxy = null)
{
    /// <summary>Loads the given kubeconfig, or the first that exists of the pod's ServiceAccount, <c>KUBECONFIG</c> and <c>~/.kube/config</c>.</summary>
    /// <exception cref="JobException">There is none, or it is invalid (<see cref="ExitCode.Usage"/>).</exception>
    public static ClusterConfiguration Load(KubernetesOptions options, KubernetesEnvironment environment, TimeProvider clock)
    {
        var configuration = Choose(options, environment, clock);
        Check(configuration.Server);
        return configuration;
    }

    /// <summary>Refuses an address that tokens must not be sent to.</summary>
    /// <exception cref="JobException">It is neither an absolute https address nor an http address of this machine.</exception>
    public static void Check(Uri server)
    {
        if (!server.IsAbsoluteUri
            || !(server.Scheme == Uri.UriSchemeHttps || (server.Scheme == Uri.UriSchemeHttp && server.IsLoopback))
            || server.Query.Length > 0
            || server.UserInfo.Length > 0)
        {
            throw new JobException($"The API server address {Sanitizer.Sanitize(server)} is invalid: use an https address without user, password or query (http only on loopback).", ExitCode.Usage);
        }
    }

    private static ClusterConfiguration Choose(KubernetesOptions options, KubernetesEnvironment environment, TimeProvider clock)
    {
        if (options.KubeconfigPath is { } path)
        {
            return new KubeconfigReader(environment, clock).Read([path], options.Context);
        }

        if (options.Context is null && InClusterConfiguration.IsPresent(environment))
        {
            return InClusterConfiguration.Load(environment, clock);
        }

        if (environment.NonEmpty("KUBECONFIG") is { } variable)
        {
            var files = variable.Split(Path.PathSeparator, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(File.Exists).ToArray();
            return files.Length > 0
                ? new KubeconfigReader(environment, clock).Read(files, options.Context)
                : throw new JobException("KUBECONFIG names no file that exists: correct it, or unset it to use ~/.kube/config.", ExitCode.Usage);
        }

        var defaultPath = Path.Combine(environment.HomeFolder, ".kube", "config");
        return environment.HomeFolder.Length > 0 && File.Exists(defaultPath)
            ? new KubeconfigReader(environment, clock).Read([defaultPath], options.Context)
            : throw new JobException(
                "No cluster is configured: run in a pod that mounts its ServiceAccount token, or give --kubeconfig FILE, or set KUBECONFIG.",
                ExitCode.Usage);
    }
}

/// <summary>The configuration that the kubelet provides to a pod: the address in variables, and token, CA and namespace as files.</summary>
internal static class InClusterConfiguration
{
    public static bool IsPresent(KubernetesEnvironment environment) =>
        environment.NonEmpty("KUBERNETES_SERVICE_HOST") is not null && File.Exists(TokenFile(environment));

    /// <exception cref="JobException">A file is missing or invalid, or the address is.</exception>
    public static ClusterConfiguration Load(KubernetesEnvironment environment, TimeProvider clock)
    {
        var host = environment.NonEmpty("KUBERNETES_SERVICE_HOST")!;
        var port = environment.NonEmpty("KUBERNETES_SERVICE_PORT") ?? "443";
        if (!Uri.TryCreate($"https://{(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}:{port}", UriKind.Absolute, out var server))
        {
            throw new JobException("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not a valid address: leave them as the cluster sets them.", ExitCode.Usage);
        }

        return new ClusterConfiguration(
            server,
            Namespace(environment),
            CredentialSource.OfFile(TokenFile(environment), certificate: null, clock),
            Authorities(Path.Combine(environment.ServiceAccountFolder, "ca.crt")));
    }

    private static X509Certificate2Collection Authorities(string path)
    {
        var authorities = new X509Certificate2Collection();
        Exception? cause = null;
        try
        {
            using var content = InputFile.Read(path, FileKind.Certificate);
            authorities.ImportFromPem(content.Text);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptographicException)
        {
            cause = fault;
        }

        return cause is null && authorities.Count > 0
            ? authorities
            : throw new JobException($"The cluster's CA file {path} is missing or contains no certificate: mount the ServiceAccount volume with its ca.crt.", ExitCode.Usage, cause);
    }

    private static string Namespace(KubernetesEnvironment environment)
    {
        var path = Path.Combine(environment.ServiceAccountFolder, "namespace");
        if (!File.Exists(path))
        {
            return "default";
        }

        try
        {
            using var content = InputFile.Read(path);
            return Encoding.UTF8.GetString(content.Memory.Span).Trim();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new JobException($"The namespace file {path} cannot be read: mount the ServiceAccount volume with its namespace.", ExitCode.Usage, fault);
        }
    }

    private static string TokenFile(KubernetesEnvironment environment) => Path.Combine(environment.ServiceAccountFolder, "token");
}
