using System.Diagnostics;
using ClusterTrust.Oidc.Trust;

namespace ClusterTrust.Oidc.Tests.Trust;

public sealed class TrustTests
{
    private const string Issuer = "https://example.github.io/cluster-a";
    private static readonly ServiceAccountSubject Subject = new("demo", "reader");

    public static TheoryData<Cloud> Clouds => new(Enum.GetValues<Cloud>());

    [Theory]
    [MemberData(nameof(Clouds))]
    public void Commands_and_configuration_name_exactly_this_issuer_and_subject(Cloud cloud)
    {
        var request = new TrustRequest(cloud, Issuer, Subject);

        foreach (var text in new[] { TrustCommands.For(request), TrustTofu.For(request) })
        {
            Assert.Contains(cloud == Cloud.Aws ? "example.github.io/cluster-a:sub" : Issuer, text, StringComparison.Ordinal);
            Assert.Contains("system:serviceaccount:demo:reader", text, StringComparison.Ordinal);
            Assert.DoesNotContain('\r', text);
            Assert.EndsWith("\n", text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Clouds))]
    public void A_shell_reads_the_commands_with_any_audience(Cloud cloud)
    {
        const string Hostile = "it's $(touch pwned) `id` \"x\"";
        var commands = TrustCommands.For(new TrustRequest(cloud, Issuer, Subject, Hostile));

        // The shell runs them with the clouds' programs replaced by functions that print their arguments.
        var printed = Shell("az() { printf '%s\\n' \"$@\"; }; aws() { printf '%s\\n' \"$@\"; }; gcloud() { printf '%s\\n' \"$@\"; }\n" + commands);

        Assert.Contains(cloud == Cloud.Aws ? "\"it\\u0027s $(touch pwned) \\u0060id\\u0060 \\u0022x\\u0022\"" : Hostile, printed, StringComparison.Ordinal);
        Assert.False(File.Exists("pwned"));
    }

    [Fact]
    public void The_policy_for_AWS_is_JSON_once_the_shell_has_read_it()
    {
        var commands = TrustCommands.For(new TrustRequest(Cloud.Aws, Issuer, Subject));
        var printed = Shell("aws() { case $2 in get-caller-identity) echo 123456789012;; create-role) printf '%s' \"$6\";; esac; }\n" + commands);

        using var policy = System.Text.Json.JsonDocument.Parse(printed);
        var statement = policy.RootElement.GetProperty("Statement")[0];
        Assert.Equal("arn:aws:iam::123456789012:oidc-provider/example.github.io/cluster-a", statement.GetProperty("Principal").GetProperty("Federated").GetString());
        var condition = statement.GetProperty("Condition").GetProperty("StringEquals");
        Assert.Equal("sts.amazonaws.com", condition.GetProperty("example.github.io/cluster-a:aud").GetString());
        Assert.Equal("system:serviceaccount:demo:reader", condition.GetProperty("example.github.io/cluster-a:sub").GetString());
    }

    [Theory]
    [InlineData("system:serviceaccount:demo:reader", true)]
    [InlineData("system:serviceaccount:demo:a.b-c", true)]
    [InlineData("system:serviceaccount:demo", false)]
    [InlineData("system:serviceaccount:demo:reader:x", false)]
    [InlineData("system:serviceaccount:Demo:reader", false)]
    [InlineData("system:serviceaccount:de.mo:reader", false)]
    [InlineData("system:serviceaccount::reader", false)]
    [InlineData("demo:reader", false)]
    [InlineData("system:serviceaccount:demo:rea der", false)]
    public void A_subject_is_read_or_refused(string text, bool good) => Assert.Equal(good, ServiceAccountSubject.Parse(text)?.ToString() == text);

    [Fact]
    public void Text_in_the_configuration_is_never_a_template() =>
        Assert.Contains("\"$${a}%%{b}\\\"\\\\\"", TrustTofu.For(new TrustRequest(Cloud.Azure, Issuer, Subject, "${a}%{b}\"\\")), StringComparison.Ordinal);

    private static string Shell(string script)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        shell.StandardInput.Write(script);
        shell.StandardInput.Close();
        var printed = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
        return printed;
    }
}
