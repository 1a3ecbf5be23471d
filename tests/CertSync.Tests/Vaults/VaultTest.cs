namespace ClusterTrust.CertSync.Tests.Vaults;

/// <summary>A class of tests with a vault and an Entra ID of its own for each test.</summary>
public abstract class VaultTest : IAsyncLifetime
{
    protected VaultRig Rig { get; private set; } = null!;

    public async Task InitializeAsync() => Rig = await VaultRig.StartAsync();

    public Task DisposeAsync() => Rig.DisposeAsync().AsTask();
}
