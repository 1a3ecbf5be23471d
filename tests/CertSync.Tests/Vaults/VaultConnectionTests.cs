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
        Server.Faults.Next(fault, 1, Authorized);
        Assert.Empty(await Open().ListAsync(default));
    }

    [Theory]
    [InlineData(429, VaultFault.Throttled)]
    [InlineData(500, VaultFault.Unavailable)]
    public async Task Fails_after_the_retries(int status, VaultFault expected)
    {
        Server.Faults.Next(new Fault.Status(status), 10, Authorized);
        var fault = await FaultAsync(expected, "");
        Assert.Equal(Reason.VaultUnavailable, fault.Reason);
        Assert.Equal(3, Requests.Count);
    }

    /// <summary>The other vaults would wait with it.</summary>
    [Theory]
    [InlineData("Retry-After", "3600")]
    [InlineData("Retry-After", "Fri, 01 Jan 2100 00:00:00 GMT")]
    [InlineData("retry-after-ms", "3600000")]
    public async Task A_vault_that_asks_for_an_hour_is_not_waited_for(string header, string value)
    {
        Server.Instead = context =>
        {
            context.Response.StatusCode = 503;
            context.Response.Headers["x-ms-retry-after-ms"] = "soon";
            context.Response.Headers[header] = value;
            return Task.FromResult(true);
        };

        await FaultAsync(VaultFault.Unavailable, "").WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Single(Server.Requests);
    }

    [Theory]
    [InlineData(SocketError.HostNotFound, VaultFault.UnknownHost, "but its host name does not exist")]
    [InlineData(SocketError.ConnectionRefused, VaultFault.Unreachable, "the connection was refused")]
    [InlineData(SocketError.NetworkUnreachable, VaultFault.Unreachable, "network policies")]
    [InlineData(SocketError.TryAgain, VaultFault.Unreachable, "DNS did not answer")]
    public async Task Explains_a_failed_connection_and_does_not_retry_an_unknown_host(SocketError error, VaultFault expected, string sentence)
    {
        Broken = (Vault.Host, error);
        Settings = expected == VaultFault.UnknownHost ? Settings with { RetryDelay = TimeSpan.FromMinutes(10) } : Settings;
        var fault = await FaultAsync(expected, sentence).WaitAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(Reason.VaultUnavailable, fault.Reason);
        Assert.Contains(Vault.Host, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public async Task Names_what_is_wrong_with_the_certificate_of_the_vault_or_of_Entra(bool isEntra)
    {
        using var untrusted = new CertificateAuthority("Untrusted");
        using var certificate = untrusted.Issue(["*.vault.azure.net", "login.microsoftonline.com"]);
        (isEntra ? (SandboxServer)Azure.Entra : Server).CertificateOverride = certificate;
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
        var fault = ConnectionFault.Of(new HttpRequestException(HttpRequestError.SecureConnectionError, null, thrown), new Uri("https://prod.vault.azure.net"));
        Assert.Contains(sentence, fault!.Clause, StringComparison.Ordinal);
        Assert.Equal((false, false), (fault.IsUnknownHost, fault.IsConfiguration));
    }

    [Fact]
    public async Task Explains_a_timeout()
    {
        var signIn = SignIn(SignInMethod.ClientSecret);
        await Open(signIn: signIn).ListAsync(default);
        Settings = Settings with { Retries = 0, RequestTimeout = TimeSpan.FromMilliseconds(200) };
        Server.Faults.Next(new Fault.Latency(TimeSpan.FromMinutes(1)), 2);
        await FaultAsync(VaultFault.Unreachable, "the request timed out", signIn);
    }

    [Fact]
    public async Task Passes_the_callers_cancellation_through()
    {
        using var stop = new CancellationTokenSource();
        Server.OnRequest = _ => stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Open().ListAsync(stop.Token));
    }

    private Task<VaultException> FaultAsync(VaultFault expected, string sentence, VaultSignIn? signIn = null) =>
        AssertFaultAsync(expected, sentence, () => Open(signIn: signIn).ListAsync(default));
}
