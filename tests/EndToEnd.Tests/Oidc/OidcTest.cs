using System.Text.Json.Nodes;
using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.EndToEnd.Tests.Oidc;

/// <summary>A test of the built binary in a sandbox of its own.</summary>
public abstract class OidcTest : IAsyncLifetime
{
    protected const string DiscoveryPath = ".well-known/openid-configuration";
    protected const string JwksPath = "openid/v1/jwks";
    protected const string StatePath = "openid/v1/jwks-state.json";

    protected SandboxCluster Cluster { get; private set; } = null!;

    /// <summary>Whether every run is a process.</summary>
    protected virtual bool NeedsProcesses => false;

    public virtual async Task InitializeAsync()
    {
        Cluster = await SandboxCluster.StartAsync();
        Cluster.JobsAreProcesses = NeedsProcesses;
    }

    public virtual async Task DisposeAsync() => await Cluster.DisposeAsync();

    /// <summary>Publishes without a look from outside, which has tests of its own.</summary>
    protected Task<Output> PublishAsync(params string[] more) => Cluster.OidcAsync("publish", ["--no-verify", .. more]);

    /// <summary>Publishes, and must be able to.</summary>
    protected async Task<Output> PublishedAsync(params string[] more) => Expect.Done(await PublishAsync(more));

    /// <summary>Runs oidc with exactly these arguments.</summary>
    /// <param name="arguments">The command and its arguments.</param>
    /// <param name="environment">Variables besides those that lead to the sandbox.</param>
    protected async Task<Output> RunAsync(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        await using var job = Cluster.Job("oidc");
        return await job.RunAsync(arguments, environment, TimeSpan.FromMinutes(10));
    }

    /// <summary>Publishes to a repository by what these arguments say, and without a look from outside.</summary>
    protected Task<Output> PublishToAsync(string repository, params string[] more) => RunAsync(
        ["publish", "--kubeconfig", Cluster.Kubeconfig("oidc"), "--issuer", SandboxCluster.Issuer, "--repository", repository, "--no-verify", .. more]);

    protected async Task<int> CommitsAsync(string branch = "main") => (await Cluster.Repository.LogAsync(branch)).Count;

    protected async Task<string> ReadAsync(string path, string revision = "main") =>
        await Cluster.Repository.ReadTextAsync(revision, path) ?? throw new FileNotFoundException($"{path} is not in {revision}.");

    /// <summary>The kids that are published, in their order.</summary>
    protected async Task<string[]> KidsAsync(string path = JwksPath) =>
        [.. JsonNode.Parse(await ReadAsync(path))!["keys"]!.AsArray().Select(key => key!["kid"]!.GetValue<string>())];
}
