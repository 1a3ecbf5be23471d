using System.Runtime.InteropServices;
using ClusterTrust.Demo;

var keep = Environment.GetEnvironmentVariable("KEEP") is { Length: > 0 } and not "0";
var story = new Story(Console.Out);
try
{
    await using var cluster = await story.TellAsync("Starting a cluster and its surroundings on loopback", async () =>
    {
        var started = await SandboxCluster.StartAsync();
        return (started, (started.IsOwn ? "API server, " : $"the cluster of {started.AdminKubeconfig}, whose issuer is {started.IssuerUrl}; namespaces {started.Kubernetes.NamespaceOf("*")};\n")
            + "Entra ID, Key Vault, Git over SSH and HTTPS, GitHub Pages, a proxy that leads their names here");
    });

    // Ctrl-C must leave nothing behind in a cluster either.
    TaskCompletionSource? stays = null;
    using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
    using var termination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
    void End(PosixSignalContext signal)
    {
        signal.Cancel = true;
        if (stays is null)
        {
            cluster.DisposeAsync().AsTask().GetAwaiter().GetResult();
            Environment.Exit(130);
        }

        stays.TrySetResult();
    }

    await new Walk(cluster, story).RunAsync();
    if (keep)
    {
        story.Invite(cluster);
        stays = new TaskCompletionSource();
        await stays.Task;
    }
}
catch (InvalidOperationException unexpected)
{
    story.Fail(unexpected.Message);
    return 1;
}

story.End();
return 0;
