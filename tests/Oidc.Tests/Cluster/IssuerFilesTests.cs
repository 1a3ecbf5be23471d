namespace ClusterTrust.Oidc.Tests.Cluster;

public sealed class IssuerFilesTests : IDisposable
{
    private static readonly string Discovery = DiscoveryOf(TestIssuer).ToJsonString();
    private static readonly string Keys = JwksOf(Jwk(RsaKey(0))).ToJsonString();

    private TemporaryFolder Folder { get; } = new();

    private SwiftClock Clock { get; } = new(DateTimeOffset.UtcNow);

    public void Dispose() => Folder.Dispose();

    [Fact]
    public async Task Files_as_kubectl_wrote_them_are_the_issuer()
    {
        var issuer = await ReadAsync(Discovery, Keys);
        Assert.Equal((TestIssuer, RsaKey(0).Kid), (issuer.Issuer, Assert.Single(issuer.Keys.Keys).Kid));
    }

    /// <summary>The rules are those of served documents.</summary>
    public static TheoryData<string, string, string> Refused => new()
    {
        { Discovery, "<html></html>", "/jwks is HTML" },
        { Discovery, new string(' ', 100 * 1024), "/jwks is larger than 65536 bytes" },
        { DiscoveryOf("https://example.github.io/other").ToJsonString(), Keys, "as configured" },
        { Discovery.Replace(TestIssuer + "/openid", "https://api.cluster.example.com/openid", StringComparison.Ordinal), Keys, "neither on the issuer's host" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Other_files_are_refused(string discovery, string keys, string message) =>
        await Assert.FaultAsync(ExitCode.Refused, message, () => ReadAsync(discovery, keys));

    [Theory]
    [InlineData(0, true), InlineData(50, true), InlineData(61, false), InlineData(200, false)]
    public async Task A_token_is_accepted_within_an_hour_of_its_issue(int minutes, bool isAccepted)
    {
        await WriteTokenAsync(Encoding.UTF8);
        Clock.Now = DateTimeOffset.UtcNow.AddMinutes(minutes);
        var fault = await Assert.AtMostFaultAsync<JobException>(() => Files().GetTokenAsync(default));
        Assert.Equal(isAccepted ? null : ExitCode.Usage, fault?.ExitCode);
    }

    [Theory]
    [InlineData("utf-8"), InlineData("utf-16")]
    public async Task A_token_file_may_have_a_byte_order_mark(string encoding)
    {
        await WriteTokenAsync(Encoding.GetEncoding(encoding));
        Assert.Equal("system:serviceaccount:demo:reader", (await Files().GetTokenAsync(default))!.Subject);
    }

    /// <summary>Opening a pipe that nothing writes to would never return.</summary>
    [Fact]
    public async Task A_pipe_and_a_folder_in_place_of_a_file_are_settings_to_correct()
    {
        Tool.Run("mkfifo", Folder.Combine("token"));
        await Assert.FaultAsync(ExitCode.Usage, "token is not a regular file", () => Files().GetTokenAsync(default));
        Folder.CreateFolder("openid-configuration");
        await Assert.FaultAsync(ExitCode.Usage, "openid-configuration is a directory: name a file in it, or correct --discovery-file.", () => Files().ReadAsync(default));
    }

    private async Task WriteTokenAsync(Encoding encoding)
    {
        using var authority = new CertificateAuthority();
        await using var server = new KubeApiServer(authority);
        await File.WriteAllTextAsync(Folder.Combine("token"), server.IssueToken("demo", "reader", lifetime: TimeSpan.FromHours(3)) + "\r\n", encoding);
    }

    private Task<CheckedIssuer> ReadAsync(string discovery, string keys)
    {
        Folder.Write("openid-configuration", discovery);
        Folder.Write("jwks", keys);
        return Files().ReadAsync(default);
    }

    private IssuerFiles Files() => new(
        new IssuerReaderOptions { Issuer = TestIssuer, DiscoveryFile = Folder.Combine("openid-configuration"), JwksFile = Folder.Combine("jwks"), TokenFile = Folder.Combine("token") },
        Clock);
}
