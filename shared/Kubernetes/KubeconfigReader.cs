using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using ClusterTrust.Hosting;
using ClusterTrust.Text;
using YamlDotNet.RepresentationModel;

namespace ClusterTrust.Kubernetes;

/// <summary>Reads one context of one or several kubeconfig files; the first file that names something wins, as with kubectl.</summary>
internal sealed class KubeconfigReader(TimeProvider clock)
{
    private const string ExecVersion = "client.authentication.k8s.io/v1";
    private const string ExecBetaVersion = "client.authentication.k8s.io/v1beta1";

    /// <param name="paths">The files, at least one.</param>
    /// <param name="context">The context; null takes <c>current-context</c>.</param>
    /// <exception cref="JobException">Something is missing or broken (<see cref="ExitCode.Usage"/>).</exception>
    public ClusterConfiguration Read(IReadOnlyList<string> paths, string? context)
    {
        var files = paths.Select(KubeconfigFile.Read).ToArray();
        var name = context ?? files.Select(static file => file.CurrentContext).FirstOrDefault(static current => current is not null);
        var chosen = (name is null ? null : Find(files, "context", name)) ?? throw NoContext(files, paths, name);
        var cluster = Referenced(files, chosen, "cluster") ?? throw chosen.Fault("names no cluster: add one");
        var user = Referenced(files, chosen, "user");
        var server = cluster.Address("server") ?? throw cluster.Fault("has no server: add the API server's address");
        if (cluster.IsTrue("insecure-skip-tls-verify"))
        {
            throw cluster.Fault("sets insecure-skip-tls-verify, which would send the token to an unverified server: remove it and set certificate-authority");
        }

        var configuration = new ClusterConfiguration(server, chosen["namespace"] ?? "default", TokenSource.Of(null))
        {
            Authorities = cluster.Certificates("certificate-authority"),
            TlsServerName = cluster["tls-server-name"],
            Proxy = cluster.Address("proxy-url"),
        };
        return user is null ? configuration : WithCredentials(configuration, user, cluster);
    }

    private ClusterConfiguration WithCredentials(ClusterConfiguration configuration, KubeconfigEntry user, KubeconfigEntry cluster)
    {
        if (user["username"] is not null || user["auth-provider"] is not null || KubeconfigFile.Mapping(user.Body, "auth-provider") is not null)
        {
            throw user.Fault("signs in with a password or an auth-provider, which API servers no longer support: use a token, a client certificate or an exec plugin");
        }

        if (user["as"] is not null)
        {
            throw user.Fault("impersonates another user, which is not supported: use credentials of that user");
        }

        if (KubeconfigFile.Mapping(user.Body, "exec") is { } exec)
        {
            // Now, because a client certificate is needed before the first connection.
            var plugin = Plugin(user with { Body = exec }, cluster);
            var credential = Task.Run(() => plugin.RunAsync(CancellationToken.None)).GetAwaiter().GetResult();
            return configuration with
            {
                Tokens = new TokenSource(ExecPlugin.TokenOf(credential), async token => ExecPlugin.TokenOf(await plugin.RunAsync(token)), clock),
                ClientCertificate = credential.ClientCertificateData is { Length: > 0 } certificate ? KeyPair(user, certificate, credential.ClientKeyData) : null,
                Identity = TokenText.Subject(credential.Token),
            };
        }

        var certified = configuration with { ClientCertificate = user.Pem("client-certificate") is { } pem ? KeyPair(user, pem, user.Pem("client-key")) : null };

        // A file wins over a token beside it, as with kubectl.
        if (user.File("tokenFile") is { } path)
        {
            var file = TokenSource.OfFile(path, clock);
            return certified with { Tokens = file, Identity = TokenText.Subject(file.Current) };
        }

        var token = user["token"];
        if (token is not null && FileContent.IsRedacted(token))
        {
            throw user.Fault("has a token that was exported redacted: export it again with 'kubectl config view --raw --flatten'");
        }

        return token is null || TokenText.IsSendable(token)
            ? certified with
            {
                Tokens = TokenSource.Of(token),
                Identity = TokenText.Subject(token) ?? certified.ClientCertificate?.GetNameInfo(X509NameType.SimpleName, false),
            }
            : throw user.Fault("has a token with invalid characters: set it again");
    }

    private static ExecPlugin Plugin(KubeconfigEntry exec, KubeconfigEntry cluster)
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
            (command.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal) ? exec.File("command") : command)!,
            [.. KubeconfigFile.List(exec.Body, "args").OfType<YamlScalarNode>().Select(static argument => argument.Value ?? "")],
            [.. KubeconfigFile.List(exec.Body, "env").OfType<YamlMappingNode>().Select(variable => KeyValuePair.Create(
                KubeconfigFile.Text(variable, "name") ?? throw exec.Fault("has an exec plugin with a variable (env) without a name: add it"),
                KubeconfigFile.Text(variable, "value") ?? ""))],
            version,
            exec.IsTrue("provideClusterInfo") ? ClusterInfo(cluster) : null);
    }

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

        var settings = KubeconfigFile.List(cluster.Body, "extensions").OfType<YamlMappingNode>()
            .FirstOrDefault(static extension => KubeconfigFile.Text(extension, "name") == "client.authentication.k8s.io/exec");
        if (settings is not null && settings.Children.TryGetValue(new YamlScalarNode("extension"), out var config))
        {
            info["config"] = KubeconfigFile.Json(config);
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

    private static KubeconfigEntry? Referenced(KubeconfigFile[] files, KubeconfigEntry context, string kind) => context[kind] is not { } name
        ? null
        : Find(files, kind, name) ?? throw context.Fault($"refers to the {kind} \"{Sanitizer.Sanitize(name, 100)}\", which does not exist: add it, or correct the name");

    private static KubeconfigEntry? Find(KubeconfigFile[] files, string kind, string name) =>
        files.Select(file => file.Find(kind, name)).FirstOrDefault(static entry => entry is not null);

    private static JobException NoContext(KubeconfigFile[] files, IReadOnlyList<string> paths, string? name)
    {
        var names = files.SelectMany(static file => file.ContextNames).Distinct().Take(20).ToArray();
        var missing = name is null ? "has no current-context" : $"has no context \"{Sanitizer.Sanitize(name, 100)}\"";
        var cure = names.Length == 0 ? "it has no contexts, so use another file" : $"choose one with --context: {Sanitizer.Sanitize(string.Join(", ", names))}";
        return new JobException($"The kubeconfig {Sanitizer.Sanitize(string.Join(Path.PathSeparator, paths))} {missing}: {cure}.", ExitCode.Usage);
    }
}
