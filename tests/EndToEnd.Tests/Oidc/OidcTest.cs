using System.Text.Json.Nodes;
using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.EndToEnd.Tests.Oidc;

/// <summary>A test of the built binary in a sandbox of its own.</summary>
public abstract class OidcTest : IAsyncLifetime
{
    protected SandboxCluster Cluster { get; private set; } = null!;

    /// <summary>The host that serves the issuer.</summary>
    protected string SiteHost => new Uri(Cluster.IssuerUrl).Host;

    /// <summary>Where the repository's root is served.</summary>
    protected string SiteUrl => Cluster.SiteRepository.EndsWith('/' + SiteHost, StringComparison.Ordinal)
        ? $"https://{SiteHost}"
        : $"https://{SiteHost}/{Cluster.SiteRepository.Split('/')[1]}";

    /// <summary>The key IDs of the cluster's own keys, in order.</summary>
    protected IEnumerable<string> ClusterKids => Cluster.Kubernetes.SigningKeys.Select(static key => key["kid"]!.GetValue<string>()).Order(StringComparer.Ordinal);

    protected string DiscoveryPath => InFolder(".well-known/openid-configuration");

    protected string JwksPath => InFolder("openid/v1/jwks");

    protected string StatePath => InFolder("openid/v1/jwks-state.json");

    /// <summary>Whether every run is a process.</summary>
    protected virtual bool NeedsProcesses => false;

    public virtual async Task InitializeAsync()
    {
        Cluster = await SandboxCluster.StartAsync();
        Cluster.JobsAreProcesses = NeedsProcesses;
    }

    public virtual async Task DisposeAsync() => await Cluster.DisposeAsync();

    /// <summary>A path below the issuer's folder: a given cluster's issuer may have more of a path than its repository.</summary>
    protected string InFolder(string path) => Cluster.IssuerUrl.Split('/', 5) is [_, _, _, _, var folder] ? $"{folder}/{path}" : path;

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
        ["publish", "--kubeconfig", Cluster.Kubeconfig("oidc"), "--issuer", Cluster.IssuerUrl, "--repository", repository, "--no-verify", .. more]);

    protected async Task<int> CommitsAsync(string branch = "main") => (await Cluster.Repository.LogAsync(branch)).Count;

    protected async Task<string> ReadAsync(string path, string revision = "main") =>
        await Cluster.Repository.ReadTextAsync(revision, path) ?? throw new FileNotFoundException($"{path} is not in {revision}.");

    /// <summary>The kids that are published, in their order.</summary>
    protected async Task<string[]> KidsAsync(string? path = null) =>
        [.. JsonNode.Parse(await ReadAsync(path ?? JwksPath))!["keys"]!.AsArray().Select(key => key!["kid"]!.GetValue<string>())];
}
