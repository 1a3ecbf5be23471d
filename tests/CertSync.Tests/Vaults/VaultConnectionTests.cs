using System.Net.Sockets;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.CertSync.Vaults;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.CertSync.Tests.Vaults;

/// <summary>Vaults that do not answer.</summary>
public sealed class VaultConnectionTests : IAsyncLifetime
{
    private VaultRig rig = null!;

    public async Task InitializeAsync() => rig = await VaultRig.StartAsync();

    public Task DisposeAsync() => rig.DisposeAsync().AsTask();

    [Fact]
    public async Task Goes_on_after_a_broken_connection()
    {
        rig.Server.Faults.Next(new Fault.Reset(), 1, VaultFaultTests.Authorized);

        Assert.Empty(await rig.Open().ListAsync(default));
    }

    [Fact]
    public async Task Says_at_once_that_a_vault_does_not_exist()
    {
        rig.Broken = (rig.Vault.Host, SocketError.HostNotFound);
        rig.Settings = rig.Settings with { Retries = 5, RetryDelay = TimeSpan.FromMinutes(1) };

        var fault = await FaultAsync();

        Assert.Equal((VaultFault.UnknownHost, Reason.VaultUnavailable), (fault.Fault, fault.Reason));
        Assert.Contains($"the address {rig.Vault.Host}, but its host name does not exist", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SocketError.ConnectionRefused, "the connection was refused")]
    [InlineData(SocketError.NetworkUnreachable, "network policies")]
    [InlineData(SocketError.TryAgain, "DNS does not answer")]
    public async Task Says_how_the_connection_failed(SocketError error, string expected)
    {
        rig.Broken = (rig.Vault.Host, error);

        var fault = await FaultAsync();

        Assert.Equal(VaultFault.Unreachable, fault.Fault);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_that_the_vaults_certificate_is_not_trusted()
    {
        using var stranger = new CertificateAuthority("Stranger");
        using var certificate = stranger.Issue([rig.Vault.Host]);
        rig.Server.CertificateOverride = certificate;

        var fault = await FaultAsync();

        Assert.Equal(VaultFault.Unreachable, fault.Fault);
        Assert.Contains("SSL_CERT_FILE", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_that_there_was_no_answer_in_time()
    {
        var signIn = rig.SignIn(SignInMethod.ClientSecret);
        await rig.Open(signIn: signIn).ListAsync(default);
        rig.Settings = rig.Settings with { Retries = 0, RequestTimeout = TimeSpan.FromMilliseconds(200) };
        rig.Server.Faults.Next(new Fault.Latency(TimeSpan.FromMinutes(1)), 2);

        var fault = await Assert.ThrowsAsync<VaultException>(() => rig.Open(signIn: signIn).ListAsync(default));

        Assert.Equal(VaultFault.Unreachable, fault.Fault);
        Assert.Contains("no answer in time", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lets_the_callers_own_stop_through()
    {
        using var stop = new CancellationTokenSource();
        rig.Server.OnRequest = _ => stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => rig.Open().ListAsync(stop.Token));
    }

    private Task<VaultException> FaultAsync() => Assert.ThrowsAsync<VaultException>(() => rig.Open().ListAsync(default));
}
