namespace ClusterTrust.Sandbox.Tests.Processes;

/// <summary>Scripts that go by a job's name and show what they should not.</summary>
public sealed class KnownSecretsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("echo \"the key is $SECRET.\"", "stdout of certsync")]
    [InlineData("echo \"the key is $SECRET.\" >&2", "stderr of certsync")]
    [InlineData("echo \"$SECRET\" >\"$CERTSYNC_TERMINATION_LOG\"", "The termination message of certsync")]
    public async Task What_a_job_shows_of_a_key_a_token_or_a_password_fails_its_test(string script, string where)
    {
        using var key = RSA.Create(2048);
        var pem = key.ExportPkcs8PrivateKeyPem();
        KnownSecrets.AddKey(pem);
        KnownSecrets.Add("short-password-1");
        KnownSecrets.AddToken("e30.e30." + Convert.ToBase64String(RandomNumberGenerator.GetBytes(64)).TrimEnd('='));
        foreach (var secret in new[] { pem.Split('\n')[9], Convert.ToHexStringLower(key.ExportPkcs8PrivateKey())[600..660], "short-password-1", "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJub2JvZHkifQ", pem.Split('\n')[0] })
        {
            var shown = await Assert.ThrowsAsync<SecretShownException>(() => RunAsync(script, secret));
            Assert.StartsWith(where, shown.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, shown.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("G_mx76ijlKhX8kq9eyJaUTZyO6aB-cD_0xyWlSpZpRg.")]
    public async Task What_a_job_shows_of_nothing_secret_is_its_output_and_its_termination_message(string text)
    {
        var output = await RunAsync("echo \"$SECRET\"; echo summary >\"$CERTSYNC_TERMINATION_LOG\"", text);
        Assert.Equal(($"{text}\n", "summary\n"), (output.StandardOutput, output.TerminationMessage));
    }

    public void Dispose() => _folder.Dispose();

    private async Task<Output> RunAsync(string script, string secret)
    {
        var path = _folder.Write("certsync", $"#!/bin/sh\n{script}\n", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await using var runner = new BinaryRunner(path);
        return await runner.RunAsync([], new Dictionary<string, string> { ["SECRET"] = secret });
    }
}
