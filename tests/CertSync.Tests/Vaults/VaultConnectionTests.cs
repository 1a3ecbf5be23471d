using System.Net.Sockets;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.CertSync.Vaults;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.CertSync.Tests.Vaults;

/// <summary>Vaults that do not answer.</summary>
public sealed class VaultConnectionTests : VaultTest
{
    [Fact]
    public async Task Retries_after_a_broken_connection()
    {
        Rig.Server.Faults.Next(new Fault.Reset(), 1, VaultFaultTests.Authorized);

        Assert.Empty(await Rig.Open().ListAsync(default));
    }

    /// <summary>The other vaults would wait with it.</summary>
    [Theory]
    [InlineData("Retry-After", "3600")]
    [InlineData("Retry-After", "Fri, 01 Jan 2100 00:00:00 GMT")]
    [InlineData("retry-after-ms", "3600000")]
    public async Task A_vault_that_asks_for_an_hour_is_not_waited_for(string header, string value)
    {
        Rig.Server.Instead = context =>
        {
            context.Response.StatusCode = 503;
            context.Response.Headers["x-ms-retry-after-ms"] = "soon";
            context.Response.Headers[header] = value;
            return Task.FromResult(true);
        };

        var fault = await FaultAsync().WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(VaultFault.Unavailable, fault.Fault);
        Assert.Single(Rig.Server.Requests);
    }

    [Fact]
    public async Task An_unknown_host_is_not_retried()
    {
        Rig.Broken = (Rig.Vault.Host, SocketError.HostNotFound);
        Rig.Settings = Rig.Settings with { Retries = 5, RetryDelay = TimeSpan.FromMinutes(1) };

        var fault = await FaultAsync();

        Assert.Equal((VaultFault.UnknownHost, Reason.VaultUnavailable), (fault.Fault, fault.Reason));
        Assert.Contains($"the address {Rig.Vault.Host}, but its host name does not exist", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SocketError.ConnectionRefused, "the connection was refused")]
    [InlineData(SocketError.NetworkUnreachable, "network policies")]
    [InlineData(SocketError.TryAgain, "DNS did not answer")]
    public async Task Explains_a_failed_connection(SocketError error, string expected)
    {
        Rig.Broken = (Rig.Vault.Host, error);

        var fault = await FaultAsync();

        Assert.Equal(VaultFault.Unreachable, fault.Fault);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explains_an_untrusted_certificate()
    {
        using var stranger = new CertificateAuthority("Stranger");
        using var certificate = stranger.Issue([Rig.Vault.Host]);
        Rig.Server.CertificateOverride = certificate;

        var fault = await FaultAsync();

        Assert.Equal(VaultFault.Unreachable, fault.Fault);
        Assert.Contains("SSL_CERT_FILE", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explains_a_timeout()
    {
        var signIn = Rig.SignIn(SignInMethod.ClientSecret);
        await Rig.Open(signIn: signIn).ListAsync(default);
        Rig.Settings = Rig.Settings with { Retries = 0, RequestTimeout = TimeSpan.FromMilliseconds(200) };
        Rig.Server.Faults.Next(new Fault.Latency(TimeSpan.FromMinutes(1)), 2);

        var fault = await Assert.ThrowsAsync<VaultException>(() => Rig.Open(signIn: signIn).ListAsync(default));

        Assert.Equal(VaultFault.Unreachable, fault.Fault);
        Assert.Contains("the request timed out", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Passes_the_callers_cancellation_through()
    {
        using var stop = new CancellationTokenSource();
        Rig.Server.OnRequest = _ => stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Rig.Open().ListAsync(stop.Token));
    }

    private Task<VaultException> FaultAsync() => Assert.ThrowsAsync<VaultException>(() => Rig.Open().ListAsync(default));
}
