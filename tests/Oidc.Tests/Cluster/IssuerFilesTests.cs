using System.Text.Json.Nodes;
using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Cluster;
using ClusterTrust.Oidc.Issuer;
using ClusterTrust.Oidc.Tests.Issuer;
using ClusterTrust.Oidc.Tests.Repository.Signing;
using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.ApiServer;
using ClusterTrust.Sandbox.Processes;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.Oidc.Tests.Cluster;

public sealed class IssuerFilesTests : IDisposable
{
    private TemporaryFolder Folder { get; } = new();

    private SwiftClock Clock { get; } = new(DateTimeOffset.UtcNow);

    public void Dispose() => Folder.Dispose();

    [Fact]
    public async Task Files_as_kubectl_wrote_them_are_the_issuer()
    {
        var issuer = await ReadAsync(TestKeys.DiscoveryOf(TestKeys.TestIssuer), TestKeys.JwksOf(TestKeys.Jwk(TestKeys.RsaKey(0))));

        Assert.Equal((TestKeys.TestIssuer, TestKeys.RsaKey(0).Kid), (issuer.Issuer, Assert.Single(issuer.Keys.Keys).Kid));
    }

    /// <summary>The rules are those of served documents; the file is named.</summary>
    [Theory]
    [InlineData("""{"kind":"Status","reason":"Forbidden","message":"no"}""", "contains an error", ExitCode.Refused)]
    [InlineData("", "jwks", ExitCode.Refused)]
    [InlineData("<html></html>", "HTML", ExitCode.Refused)]
    [InlineData("""{"keys":[]}""", "jwks", ExitCode.Refused)]
    public async Task A_file_that_is_no_key_set_is_refused(string text, string fault, ExitCode exitCode)
    {
        var refused = await Assert.ThrowsAsync<JobException>(() => ReadAsync(TestKeys.Bytes(TestKeys.DiscoveryOf(TestKeys.TestIssuer)), System.Text.Encoding.UTF8.GetBytes(text)));

        Assert.Contains(fault, refused.Message, StringComparison.Ordinal);
        Assert.Contains(Folder.Combine("jwks"), refused.Message, StringComparison.Ordinal);
        Assert.Equal(exitCode, refused.ExitCode);
    }

    [Fact]
    public async Task Another_issuer_an_address_of_an_unknown_server_and_a_file_without_end_are_refused()
    {
        var keys = TestKeys.JwksOf(TestKeys.Jwk(TestKeys.RsaKey(0)));
        var moved = TestKeys.DiscoveryOf(TestKeys.TestIssuer);
        moved["jwks_uri"] = "https://api.cluster.example.com/openid/v1/jwks";

        Assert.Contains("as configured", (await Assert.ThrowsAsync<JobException>(() => ReadAsync(TestKeys.DiscoveryOf("https://example.github.io/other"), keys))).Message, StringComparison.Ordinal);
        Assert.Contains("neither on the issuer's host", (await Assert.ThrowsAsync<JobException>(() => ReadAsync(moved, keys))).Message, StringComparison.Ordinal);
        Assert.Contains(
            "is larger than 65536 bytes",
            (await Assert.ThrowsAsync<JobException>(() => ReadAsync(TestKeys.Bytes(TestKeys.DiscoveryOf(TestKeys.TestIssuer)), new byte[100 * 1024]))).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(50, true)]
    [InlineData(61, false)]
    [InlineData(200, false)]
    public async Task A_token_is_accepted_within_an_hour_of_its_issue(int minutes, bool isTaken)
    {
        using var authority = new CertificateAuthority();
        await using var server = new KubeApiServer(authority);
        Folder.Write("token", server.IssueToken("demo", "reader", lifetime: TimeSpan.FromHours(3)) + "\n");
        Clock.Now = DateTimeOffset.UtcNow.AddMinutes(minutes);

        if (isTaken)
        {
            Assert.Equal("system:serviceaccount:demo:reader", (await Files().GetTokenAsync(CancellationToken.None))!.Subject);
        }
        else
        {
            Assert.Equal(ExitCode.Usage, (await Assert.ThrowsAsync<JobException>(() => Files().GetTokenAsync(CancellationToken.None))).ExitCode);
        }
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    public async Task A_token_file_may_have_a_byte_order_mark(string encoding)
    {
        using var authority = new CertificateAuthority();
        await using var server = new KubeApiServer(authority);
        await File.WriteAllTextAsync(Folder.Combine("token"), server.IssueToken("demo", "reader") + "\r\n", System.Text.Encoding.GetEncoding(encoding));

        Assert.Equal("system:serviceaccount:demo:reader", (await Files().GetTokenAsync(CancellationToken.None))!.Subject);
    }

    /// <summary>Opening a pipe that nothing writes to would never return.</summary>
    [Fact]
    public async Task A_pipe_and_a_folder_in_place_of_a_file_are_settings_to_correct()
    {
        Tool.Run("mkfifo", Folder.Combine("token"));
        Assert.Contains("token is not a regular file", (await Assert.ThrowsAsync<JobException>(() => Files().GetTokenAsync(CancellationToken.None))).Message, StringComparison.Ordinal);

        Directory.CreateDirectory(Folder.Combine("openid-configuration"));
        var fault = await Assert.ThrowsAsync<JobException>(() => Files().ReadAsync(CancellationToken.None));
        Assert.EndsWith("openid-configuration is a directory: name a file in it, or correct --discovery-file.", fault.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, fault.ExitCode);
    }

    private Task<CheckedIssuer> ReadAsync(JsonNode discovery, JsonNode keys) => ReadAsync(TestKeys.Bytes(discovery), TestKeys.Bytes(keys));

    private async Task<CheckedIssuer> ReadAsync(byte[] discovery, byte[] keys)
    {
        await File.WriteAllBytesAsync(Folder.Combine("openid-configuration"), discovery);
        await File.WriteAllBytesAsync(Folder.Combine("jwks"), keys);
        return await Files().ReadAsync(CancellationToken.None);
    }

    private IssuerFiles Files() => new(
        new IssuerReaderOptions { Issuer = TestKeys.TestIssuer, DiscoveryFile = Folder.Combine("openid-configuration"), JwksFile = Folder.Combine("jwks"), TokenFile = Folder.Combine("token") },
        Clock);
}
