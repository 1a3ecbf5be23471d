namespace ClusterTrust.Manifests.Tests.Scripts;

/// <summary>What the scripts of the clouds' side refuse, and how they end when a tool fails.</summary>
public sealed class SetupRefusalTests
{
    /// <summary>A list that cannot be read is not an empty one, and one that is longer than a pipe holds is read to its end.</summary>
    [Theory]
    [InlineData("api repos/owner/repo/rulesets")]
    [InlineData("repo deploy-key list")]
    public async Task What_GitHub_lists_is_read_to_its_end_or_ends_the_script(string list)
    {
        using var gh = new FakeTools("gh", $"""
              "{list}"*) [[ "{list}" = api* ]] && echo clustertrust || cut -d ' ' -f 1,2 my-cluster/deploy-key.pub; seq 100000; [ ! -f denied ] || (echo 'HTTP 403' >&2; exit 1) ;;
            {SetupTests.Gh}
            """);
        (string, string)[] settings = [("REPOSITORY", "owner/repo"), ("APPLY", "1")];
        Assert.DoesNotContain(list.StartsWith("api", StringComparison.Ordinal) ? "POST repos/owner/repo/rulesets" : "deploy-key add", (await gh.SucceedAsync("setup-github.sh", settings)).Calls, StringComparison.Ordinal);

        await File.WriteAllTextAsync(Path.Combine(gh.Repository, "denied"), "");
        var (denied, calls) = await gh.RunAsync("setup-github.sh", settings);
        Assert.Equal(1, denied.ExitCode);
        Assert.Contains("HTTP 403", denied.StandardError, StringComparison.Ordinal);
        Assert.EndsWith($"gh {list}", calls[..(calls.LastIndexOf(list, StringComparison.Ordinal) + list.Length)], StringComparison.Ordinal);
        Assert.DoesNotContain('\n', calls[calls.LastIndexOf(list, StringComparison.Ordinal)..].TrimEnd());
    }

    /// <summary>Neither a missing right nor a session that has ended means that something does not exist.</summary>
    [Theory]
    [InlineData("setup-azure.sh", "az", "group exists")]
    [InlineData("setup-azure.sh", "az", "keyvault show")]
    [InlineData("setup-azure.sh", "az", "keyvault list")]
    [InlineData("setup-azure.sh", "az", "identity show")]
    [InlineData("setup-azure.sh", "az", "storage account show")]
    [InlineData("setup-azure.sh", "az", "storage queue exists")]
    [InlineData("setup-azure.sh", "az", "eventgrid event-subscription show")]
    [InlineData("setup-azure.sh", "az", "role assignment list")]
    [InlineData("setup-azure.sh", "az", "identity federated-credential list")]
    [InlineData("setup-aws.sh", "aws", "iam get-open-id-connect-provider")]
    [InlineData("setup-aws.sh", "aws", "iam get-role ")]
    [InlineData("setup-aws.sh", "aws", "iam get-role-policy")]
    [InlineData("setup-github.sh", "gh", "api repos/owner/repo")]
    [InlineData("setup-github.sh", "gh", "api repos/owner/repo/pages")]
    public async Task A_query_that_fails_ends_the_script_with_the_tools_message(string script, string tool, string query)
    {
        using var tools = new FakeTools(tool, $"""
              "{query}"{(tool == "gh" ? "" : "*")}) [ ! -f denied ] || missing 1 'ERROR: (AuthorizationFailed) denied'; [ "{query}" != "keyvault list" ] || exit 0 ;;&
            {(tool == "az" ? SetupTests.Az : tool == "aws" ? SetupTests.Aws : SetupTests.Gh)}
            """);
        (string, string)[] settings =
        [
            ("RESOURCE_GROUP", "rg"), ("VAULT", "vault"), ("REPOSITORY", "owner/repo"), ("ISSUER", "https://owner.github.io/repo"),
            ("PARAMETERS", "clustertrust/*"), ("STORAGE_ACCOUNT", "account"), ("OVERLAY", tool == "az" ? "push" : ""), ("APPLY", "1"),
        ];
        if (query != "keyvault list")
        {
            await tools.SucceedAsync(script, settings);
        }

        await File.WriteAllTextAsync(Path.Combine(tools.Repository, "denied"), "");
        var (output, calls) = await tools.RunAsync(script, settings);
        Assert.Equal(1, output.ExitCode);
        Assert.Equal("ERROR: (AuthorizationFailed) denied\n", output.StandardError);
        Assert.Contains(query.TrimEnd(), calls.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("setup-azure.sh", "az", "account show", "az login")]
    [InlineData("setup-aws.sh", "aws", "sts get-caller-identity", "aws sso login")]
    public async Task Without_a_session_the_command_that_signs_in_is_named(string script, string tool, string query, string command)
    {
        using var tools = new FakeTools(tool, $"""  "{query}"*) exit 1 ;;""");
        var (output, _) = await tools.RunAsync(script, ("RESOURCE_GROUP", "rg"), ("VAULT", "vault"), ("ISSUER", "https://owner.github.io/repo"), ("PARAMETERS", "clustertrust/*"));
        Assert.Equal(2, output.ExitCode);
        Assert.Contains($"run '{command}'", output.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_issuer_that_no_cluster_reports_must_be_set()
    {
        using var tools = new FakeTools("aws", SetupTests.Aws).Add("kubectl", "*) exit 1 ;;");
        var (output, _) = await tools.RunAsync("setup-aws.sh", ("PARAMETERS", "clustertrust/*"));
        Assert.Equal(2, output.ExitCode);
        Assert.Contains("set ISSUER: ", output.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_oidc_trust_refuses_ends_the_script_with_its_message()
    {
        using var tools = new FakeTools("aws", SetupTests.Aws);
        var (output, calls) = await tools.ShellAsync(
            "install -D -m 755 /dev/stdin artifacts/oidc/oidc <<<$'#!/bin/bash\\necho \"--issuer has a port\" >&2; exit 2' && scripts/setup-aws.sh",
            ("ISSUER", "https://oidc.example.com:8443"), ("PARAMETERS", "clustertrust/*"), ("APPLY", "1"));
        Assert.Equal(2, output.ExitCode);
        Assert.Equal("--issuer has a port\n", output.StandardError);
        Assert.Equal("", calls);
    }

    /// <summary>Before anything is built. The path may have spaces.</summary>
    [Theory]
    [InlineData("demo")]
    [InlineData("test-cluster")]
    public async Task A_kubeconfig_that_does_not_exist_is_refused_first(string target)
    {
        using var tools = new FakeTools("dotnet", "");
        var (output, calls) = await tools.ShellAsync($"make {target} CLUSTER='no such/kubeconfig'");
        Assert.NotEqual(0, output.ExitCode);
        Assert.Contains("CLUSTER is 'no such/kubeconfig', which does not exist or is not a file", output.StandardError, StringComparison.Ordinal);
        Assert.Equal("", calls);
    }

    /// <summary>Many shells have a variable of this name for something else.</summary>
    [Fact]
    public async Task What_uses_no_cluster_of_your_own_ignores_CLUSTER()
    {
        using var tools = new FakeTools();
        var (output, _) = await tools.RunAsync("setup.sh nothing", ("CLUSTER", "prod"));
        Assert.Equal(2, output.ExitCode);
        Assert.Contains("'nothing' is invalid", output.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whether_changes_are_made_is_not_guessed()
    {
        using var tools = new FakeTools("az", SetupTests.Az);
        var (output, calls) = await tools.RunAsync("setup-azure.sh", ("APPLY", "yes"));
        Assert.Equal(2, output.ExitCode);
        Assert.Contains("APPLY is 'yes', which is invalid", output.StandardError, StringComparison.Ordinal);
        Assert.Equal("", calls);
    }

    [Theory]
    [InlineData("setup-azure.sh", "az", "RESOURCE_GROUP")]
    [InlineData("setup-github.sh", "gh", "REPOSITORY")]
    [InlineData("setup-aws.sh", "aws", "PARAMETERS")]
    public async Task A_missing_setting_is_named(string script, string tool, string setting)
    {
        using var tools = new FakeTools(tool, "");
        var (output, _) = await tools.RunAsync(script);
        Assert.Equal(2, output.ExitCode);
        Assert.Contains($"set {setting}", output.StandardError, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("setup-azure.sh", "az", "ISSUER", "https://owner.github.io/repo' || '1'=='1")]
    [InlineData("setup-azure.sh", "az", "ISSUER", "http://owner.github.io/repo")]
    [InlineData("setup-azure.sh", "az", "SUBJECT", "system:serviceaccount:a:b' || subject!='")]
    [InlineData("setup-azure.sh", "az", "SUBJECT", "system:serviceaccount:*:certsync")]
    [InlineData("setup-aws.sh", "aws", "ISSUER", "https://owner.github.io/re\"po")]
    [InlineData("setup-aws.sh", "aws", "ISSUER", "https://owner.github.io/repo\n")]
    [InlineData("setup-aws.sh", "aws", "SUBJECT", "system:serviceaccount:a:b\"}")]
    [InlineData("setup-aws.sh", "aws", "PARAMETERS", "*")]
    [InlineData("setup-aws.sh", "aws", "PARAMETERS", "mongodb/*,*")]
    [InlineData("setup-aws.sh", "aws", "PARAMETERS", "a\",\"*")]
    [InlineData("setup-github.sh", "gh", "REPOSITORY", "owner/../../orgs")]
    public async Task What_could_end_a_string_in_a_query_or_a_policy_is_refused_before_anything_is_asked(string script, string tool, string setting, string value)
    {
        using var tools = new FakeTools(tool, "*) exit 99 ;;");
        var settings = new Dictionary<string, string>
        {
            ["RESOURCE_GROUP"] = "rg",
            ["VAULT"] = "vault",
            ["REPOSITORY"] = "owner/repo",
            ["ISSUER"] = "https://owner.github.io/repo",
            ["PARAMETERS"] = "clustertrust/*",
            [setting] = value,
        };
        var (output, calls) = await tools.RunAsync(script, [.. settings.Select(static one => (one.Key, one.Value))]);
        Assert.Equal(2, output.ExitCode);
        Assert.Contains($"{setting} is '", output.StandardError, StringComparison.Ordinal);
        Assert.Equal("", calls);
    }
}
