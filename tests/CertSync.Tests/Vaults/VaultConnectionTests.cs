using static ClusterTrust.CertSync.Tests.Vaults.VaultFaultTests;

namespace ClusterTrust.CertSync.Tests.Vaults;

/// <summary>Vaults that do not answer, or answer later.</summary>
public sealed class VaultConnectionTests : VaultTest
{
    [Fact]
    public void Connections_follow_no_redirect_keep_no_cookie_are_renewed_and_bounded_by_the_timeout_of_a_try_alone() => Assert.Equal(
        (false, false, TimeSpan.FromMinutes(5), Timeout.InfiniteTimeSpan),
        (VaultSettings.Handler.AllowAutoRedirect, VaultSettings.Handler.UseCookies, VaultSettings.Handler.PooledConnectionLifetime, VaultSettings.Client.Timeout));

    /// <summary>A token that is rejected may be a new identity's.</summary>
    public static TheoryData<Fault> Passing => [new Fault.Reset(), Fault.TooManyRequests(), Fault.Unavailable(0), new Fault.Status(401)];

    [Theory]
    [MemberData(nameof(Passing))]
    public async Task Retries_after_a_fault_that_passes(Fault fault)
    {
        Rig.Server.Faults.Next(fault, 1, Authorized);

        Assert.Empty(await Rig.Open().ListAsync(default));
    }

    [Theory]
    [InlineData(429, VaultFault.Throttled)]
    [InlineData(500, VaultFault.Unavailable)]
    public async Task Fails_after_the_retries(int status, VaultFault expected)
    {
        Rig.Server.Faults.Next(new Fault.Status(status), 10, Authorized);

        var fault = await FaultAsync(expected, "");

        Assert.Equal(Reason.VaultUnavailable, fault.Reason);
        Assert.Equal(3, Rig.Requests.Count);
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

        await FaultAsync(VaultFault.Unavailable, "").WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Single(Rig.Server.Requests);
    }

    [Fact]
    public async Task An_unknown_host_is_not_retried()
    {
        Rig.Broken = (Rig.Vault.Host, SocketError.HostNotFound);
        Rig.Settings = Rig.Settings with { Retries = 5, RetryDelay = TimeSpan.FromMinutes(1) };

        var fault = await FaultAsync(VaultFault.UnknownHost, $"the address {Rig.Vault.Host}, but its host name does not exist");

        Assert.Equal(Reason.VaultUnavailable, fault.Reason);
    }

    [Theory]
    [InlineData(SocketError.ConnectionRefused, "the connection was refused")]
    [InlineData(SocketError.NetworkUnreachable, "network policies")]
    [InlineData(SocketError.TryAgain, "DNS did not answer")]
    public async Task Explains_a_failed_connection(SocketError error, string sentence)
    {
        Rig.Broken = (Rig.Vault.Host, error);

        await FaultAsync(VaultFault.Unreachable, sentence);
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public async Task Names_what_is_wrong_with_the_certificate_of_the_vault_or_of_Entra(bool isEntra)
    {
        using var stranger = new CertificateAuthority("Stranger");
        using var certificate = stranger.Issue(["*.vault.azure.net", "login.microsoftonline.com"]);
        (isEntra ? (SandboxServer)Rig.Entra : Rig.Server).CertificateOverride = certificate;

        await FaultAsync(
            isEntra ? VaultFault.SignInFailed : VaultFault.Unreachable,
            "it presents a certificate that is not trusted (PartialChain): add its CA to SSL_CERT_FILE if a proxy intercepts TLS, or else check what answers there.");
    }

    [Theory]
    [InlineData("missing", "presents no certificate")]
    [InlineData("expired", "that is not currently valid (it is valid from ")]
    [InlineData("names partial", "for other names (api.example, 10.96.0.1)")]
    public void Every_fault_of_a_certificate_may_pass_and_is_named(string faults, string sentence)
    {
        var thrown = CertificateCallback.Call(VaultSettings.Handler.SslOptions.RemoteCertificateValidationCallback!, faults.Split(' '));
        var fault = ConnectionFault.Of(new HttpRequestException(HttpRequestError.SecureConnectionError, null, thrown), Rig.Address.Address);

        Assert.Contains(sentence, fault!.Clause, StringComparison.Ordinal);
        Assert.Equal((false, false), (fault.IsUnknownHost, fault.IsConfiguration));
    }

    [Fact]
    public async Task Explains_a_timeout()
    {
        var signIn = Rig.SignIn(SignInMethod.ClientSecret);
        await Rig.Open(signIn: signIn).ListAsync(default);
        Rig.Settings = Rig.Settings with { Retries = 0, RequestTimeout = TimeSpan.FromMilliseconds(200) };
        Rig.Server.Faults.Next(new Fault.Latency(TimeSpan.FromMinutes(1)), 2);

        await FaultAsync(VaultFault.Unreachable, "the request timed out", signIn);
    }

    [Fact]
    public async Task Passes_the_callers_cancellation_through()
    {
        using var stop = new CancellationTokenSource();
        Rig.Server.OnRequest = _ => stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Rig.Open().ListAsync(stop.Token));
    }

    private Task<VaultException> FaultAsync(VaultFault expected, string sentence, VaultSignIn? signIn = null) =>
        AssertFaultAsync(expected, sentence, () => Rig.Open(signIn: signIn).ListAsync(default));
}
