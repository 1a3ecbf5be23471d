namespace ClusterTrust.Shared.Tests.Hosting;

public sealed class ServerCertificateExceptionTests
{
    /// <summary>What is wrong, as it is named with the chain first and with the names first, and the exit code for an API server.</summary>
    public static TheoryData<string, CertificateFault, string, string?, ExitCode> Faults => new()
    {
        { "missing", CertificateFault.NotPresented, "no certificate: configure one", null, ExitCode.Failed },
        { "partial", CertificateFault.NotTrusted, "a certificate that is not trusted (PartialChain): TRUST", null, ExitCode.Usage },
        { "untrusted", CertificateFault.NotTrusted, "a certificate that is not trusted (UntrustedRoot): TRUST", null, ExitCode.Usage },
        { "untrusted expired", CertificateFault.NotTrusted, "a certificate that is not trusted (NotTimeValid, UntrustedRoot): TRUST", null, ExitCode.Usage },
        { "expired", CertificateFault.NotCurrentlyValid, "a certificate that is not currently valid (it is valid from ", null, ExitCode.Failed },
        { "usage", CertificateFault.Invalid, "a certificate that is not valid (NotValidForUsage): replace it", null, ExitCode.Failed },
        { "expired usage", CertificateFault.Invalid, "a certificate that is not valid (NotTimeValid, NotValidForUsage): replace it", null, ExitCode.Failed },
        { "names", CertificateFault.OtherNames, OtherNames, null, ExitCode.Usage },
        { "names partial", CertificateFault.NotTrusted, "a certificate that is not trusted (PartialChain): TRUST", OtherNames, ExitCode.Usage },
        { "names expired", CertificateFault.NotCurrentlyValid, "a certificate that is not currently valid (it is valid from ", OtherNames, ExitCode.Failed },
        { "names usage", CertificateFault.Invalid, "a certificate that is not valid (NotValidForUsage): replace it", OtherNames, ExitCode.Failed },
    };

    private const string OtherNames = "a certificate for other names (api.example, 10.96.0.1): RENAME";

    [Theory]
    [MemberData(nameof(Faults))]
    public void Every_fault_is_refused_by_its_kind(string faults, CertificateFault kind, string sentence, string? namesFirst, ExitCode exitCode)
    {
        var fault = Assert.IsType<ServerCertificateException>(CertificateCallback.Call(ServerCertificateException.Validate, faults.Split(' ')));
        Assert.Equal(kind, fault.Kind);
        Assert.StartsWith($"presents {sentence}", fault.Explain("TRUST", "RENAME"), StringComparison.Ordinal);
        Assert.StartsWith($"presents {namesFirst ?? sentence}", fault.Explain("TRUST", "RENAME", namesFirst: true), StringComparison.Ordinal);
        var ofServer = CertificateCallback.Call(new ServerTrust(null).Validate, faults.Split(' '));
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://api:6443/version");
        var explained = TransportFault.From(
            new HttpRequestException(HttpRequestError.SecureConnectionError, null, ofServer), request, new Uri("https://api:6443"), new WebProxy());
        Assert.StartsWith($"The API server https://api:6443 presents {sentence.Split(':')[0]}", explained.Message, StringComparison.Ordinal);
        Assert.Equal((exitCode, false), (explained.ExitCode, explained.MayRetry));
    }

    [Fact]
    public void A_certificate_without_a_fault_is_accepted() => Assert.Null(CertificateCallback.Call(ServerCertificateException.Validate));
}
