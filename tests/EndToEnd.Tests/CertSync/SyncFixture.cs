using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.KeyVault;

namespace ClusterTrust.EndToEnd.Tests.CertSync;

/// <summary>One sandbox for the tests of a class, its issuer published; each test makes a <see cref="Scenario"/> of its own in it.</summary>
public sealed class SyncFixture : IAsyncLifetime
{
    // Across all fixtures: the SDK remembers challenges by host for as long as the process lives.
    private static int scenarios;

    /// <summary>The sandbox.</summary>
    public SandboxCluster Cluster { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Cluster = await SandboxCluster.StartAsync();
        var published = await Cluster.OidcAsync("publish", "--no-verify");
        Assert.True(published.ExitCode == 0, published.ToString());
    }

    public async Task DisposeAsync() => await Cluster.DisposeAsync();

    /// <summary>A vault and a namespace that no other test knows.</summary>
    internal Scenario New(VaultOptionsChange? change = null) => new(this, Interlocked.Increment(ref scenarios), change);
}

/// <summary>Makes a vault behave in its own way.</summary>
internal delegate VaultOptions VaultOptionsChange(VaultOptions options);
