using k8s.KubeConfigModels;

namespace ClusterTrust.Kubernetes;

/// <summary>Reads one context of one or several kubeconfig files; the first file that has a value takes precedence, as with kubectl.</summary>
internal sealed class KubeconfigReader(KubernetesEnvironment environment, TimeProvider clock)
{
    private const string ExecVersion = "client.authentication.k8s.io/v1";
    private const string ExecBetaVersion = "client.authentication.k8s.io/v1beta1";

    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private static readonly string[] Static = ["token", "tokenFile", "client-certificate", "client-certificate-data"];

    private static readonly string[] Impersonation = ["as", "as-uid", "as-groups", "as-user-extra"];

    /// <param name="paths">The files, at least one.</param>
    /// <param name="context">The context; null takes <c>current-context</c>.</param>
    /// <exception cref="JobException">Something is missing or broken (<see cref="ExitCode.Usage"/>).</exception>
    public ClusterConfiguration Read(IReadOnlyList<string> paths, string? context)
    {
        var files = paths.Select(KubeconfigEntry.ReadFile).ToArray();
        var name = context ?? files.Select(static file => file["current-context"]).FirstOrDefault(static current => current is not null);
        var chosen = (name is null ? null : Find(files, "context", name)) ?? throw NoContext(files, paths, name);
        var cluster = Referenced(files, chosen, "cluster") ?? throw chosen.Fault("names no cluster: add one");
        var user = Referenced(files, chosen, "user");
        var server = cluster.Address("server", "http", "https") ?? throw cluster.Fault("has no server: add the API server's address");
        if (cluster.IsTrue("insecure-skip-tls-verify"))
        {
            throw cluster.Fault("sets insecure-skip-tls-verify, which would send the token to an unverified server: remove it and set certificate-authority");
        }

        return new ClusterConfiguration(
            server,
            chosen["namespace"] ?? "default",
            user is null ? Fixed(null) : Credentials(user, cluster),
            cluster.Certificates("certificate-authority"),
            cluster.HostName("tls-server-name"),
            cluster.Address("proxy-url", "socks5", "https", "http"));
    }

    private CredentialSource Credentials(KubeconfigEntry user, KubeconfigEntry cluster)
    {
        if (user["username"] is not null || user.Child("auth-provider") is not null)
        {
            throw user.Fault("signs in with a password or an auth-provider, which API servers no longer support: use a token, a client certificate or an exec plugin");
        }

        if (Impersonation.Any(user.Has))
        {
            throw user.Fault("impersonates another user, which is not supported: use credentials of that user");
        }

        // A token or a client certificate takes precedence over a plugin, as with kubectl.
        if (Static.All(key => user[key] is null) && user.Child("exec") is { } exec)
        {
            return OfPlugin(Plugin(exec, cluster), user);
        }

        var certificate = user.Pem("client-certificate") is { } pem ? KeyPair(user, pem, user.Pem("client-key")) : null;

        // A file takes precedence over a token, as with kubectl.
        if (user.File("tokenFile") is { } path)
        {
            return CredentialSource.OfFile(path, certificate, clock);
        }

        return user["token"] switch
        {
            { } token when FileContent.IsRedacted(token) => throw user.Fault("has a token that was exported redacted: export it again with 'kubectl config view --raw --flatten'"),
            { } token when !Credential.IsSendable(token) => throw user.Fault("has a token with invalid characters: set it again"),
            var token => Fixed(token, certificate),
        };
    }

    /// <summary>A plugin that failed is not run again, because all its faults require manual action, and each run may take minutes.</summary>
    private CredentialSource OfPlugin(ExecPlugin plugin, KubeconfigEntry user)
    {
        JobException? failed = null;
        return new CredentialSource(first: null, ReadAsync, clock);

        async Task<Credential> ReadAsync(CancellationToken cancellationToken)
        {
            try
            {
                return failed is null ? ToCredential(await plugin.RunAsync(cancellationToken), user) : throw failed;
            }
            catch (JobException fault)
            {
                failed = fault;
                throw;
            }
        }
    }

    private CredentialSource Fixed(string? token, X509Certificate2? certificate = null) => new(new Credential(token, certificate), read: null, clock);

    /// <summary>The credential of a plugin, out of date a minute before it expires; without an expiration, it is valid until the server rejects it.</summary>
    private static Credential ToCredential(ExecCredentialResponse.ExecStatus given, KubeconfigEntry user) => new(
        given.Token is { Length: > 0 } token ? token : null,
        given.ClientCertificateData is { Length: > 0 } certificate ? KeyPair(user, certificate, given.ClientKeyData) : null,
        // Plugins in Go write the year 1 for no expiration.
        given.ExpirationTimestamp is { Year: > 1 } expiry ? expiry.AddMinutes(-1) : null);

    private ExecPlugin Plugin(KubeconfigEntry exec, KubeconfigEntry cluster)
    {
        var command = exec["command"] ?? throw exec.Fault("has an exec plugin without a command: add it");
        var version = exec["apiVersion"] ?? throw exec.Fault($"has an exec plugin without an apiVersion: add {ExecVersion}");
        if (version is not (ExecVersion or ExecBetaVersion))
        {
            throw exec.Fault($"has an exec plugin of the apiVersion {Sanitizer.Sanitize(version, 100)}: update the plugin and use {ExecVersion}");
        }

        switch (exec["interactiveMode"])
        {
            case "Never" or "IfAvailable":
            case null when version == ExecBetaVersion:
                break;
            case "Always":
                throw exec.Fault("has an exec plugin that requires a terminal (interactiveMode: Always): use credentials that work without interaction");
            case var mode:
                throw exec.Fault($"has an exec plugin with {(mode is null ? "no interactiveMode" : $"the interactiveMode {Sanitizer.Sanitize(mode, 100)}")}: set it to Never or IfAvailable");
        }

        return new ExecPlugin(
            command.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal) ? exec.File("command") : OnPath(command),
            command,
            [.. exec.Texts("args")],
            [.. exec.Children("env").Select(variable => KeyValuePair.Create(
                variable["name"] ?? throw exec.Fault("has an exec plugin with a variable (env) without a name: add it"),
                variable["value"] ?? ""))],
            version,
            exec.IsTrue("provideClusterInfo") ? ClusterInfo(cluster) : null);
    }

    /// <summary>
    /// The path of a program: the first executable file of that name, as kubectl finds it. .NET would search the current folder first,
    /// which others may be able to write to.
    /// </summary>
    private string? OnPath(string command) => (environment.NonEmpty("PATH") ?? "").Split(Path.PathSeparator)
        .Where(Path.IsPathFullyQualified)
        .Select(folder => Path.Combine(folder, command))
        .FirstOrDefault(static path => new FileInfo(path) is { Exists: true } file && (file.UnixFileMode & Executable) != 0);

    /// <summary>The cluster's entry for a plugin, with the content of its files, and the extension for plugins.</summary>
    private static JsonObject ClusterInfo(KubeconfigEntry cluster)
    {
        var info = new JsonObject();
        foreach (var key in new[] { "server", "tls-server-name", "proxy-url" })
        {
            if (cluster[key] is { } value)
            {
                info[key] = value;
            }
        }

        if (cluster.Pem("certificate-authority") is { } authorities)
        {
            info["certificate-authority-data"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(authorities));
        }

        if (cluster.Children("extensions").FirstOrDefault(static extension => extension["name"] == "client.authentication.k8s.io/exec")?.Json("extension") is { } config)
        {
            info["config"] = config;
        }

        return info;
    }

    private static X509Certificate2 KeyPair(KubeconfigEntry user, string certificate, string? key)
    {
        try
        {
            return X509Certificate2.CreateFromPem(certificate, key ?? throw user.Fault("has a client-certificate without a client-key: add it"));
        }
        catch (Exception fault) when (fault is CryptographicException or ArgumentException)
        {
            throw user.Fault("has a client-certificate and a client-key that do not match: give both as PEM, the key unencrypted", fault);
        }
    }

    private static KubeconfigEntry? Referenced(KubeconfigEntry[] files, KubeconfigEntry context, string kind) => context[kind] is not { } name
        ? null
        : Find(files, kind, name) ?? throw context.Fault($"refers to the {kind} \"{Sanitizer.Sanitize(name, 100)}\", which does not exist: add it, or correct the name");

    private static KubeconfigEntry? Find(KubeconfigEntry[] files, string kind, string name) =>
        files.Select(file => file.Find(kind, name)).FirstOrDefault(static entry => entry is not null);

    private static JobException NoContext(KubeconfigEntry[] files, IReadOnlyList<string> paths, string? name)
    {
        var names = files.SelectMany(static file => file.Children("contexts")).Select(static entry => entry["name"]).OfType<string>().Distinct().Take(20).ToArray();
        var missing = name is null ? "has no current-context" : $"has no context \"{Sanitizer.Sanitize(name, 100)}\"";
        var remedy = names.Length == 0 ? "it has no contexts, so use another file" : $"choose one with --context: {Sanitizer.Sanitize(string.Join(", ", names))}";
        return new JobException($"The kubeconfig {Sanitizer.Sanitize(string.Join(Path.PathSeparator, paths))} {missing}: {remedy}.", ExitCode.Usage);
    }
}
