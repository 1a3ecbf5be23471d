using Azure.Messaging.EventGrid;

namespace ClusterTrust.Manifests.Tests.Scripts;

/// <summary>The setup scripts for clouds: they print, create with APPLY=1, create nothing twice, refuse invalid values, and stop when a tool fails.</summary>
public sealed partial class SetupTests : ScriptTest
{
    private static readonly (string, string)[] Apply = [.. Setup, ("APPLY", "1")];

    [Theory]
    [InlineData("setup-azure.sh", "", "az", 5)]
    [InlineData("setup-azure.sh", "push", "az", 8)]
    [InlineData("setup-aws.sh", "", "aws", 3)]
    [InlineData("setup-github.sh", "", "gh", 5)]
    public async Task What_is_missing_is_printed_then_made_and_then_exists(string script, string overlay, string tool, int things)
    {
        var command = $"OVERLAY={overlay} scripts/{script}";
        var (printed, calls) = await SucceedAsync(command, Setup);
        Assert.DoesNotMatch(Making(), calls);
        Assert.Contains("nothing was changed", printed, StringComparison.Ordinal);
        Assert.Equal((things, 0), Counts(printed));

        Assert.Matches(Making(), (await SucceedAsync(command, Apply)).Calls);

        var (again, unmade) = await SucceedAsync(command, Apply);
        Assert.DoesNotMatch(Making(), unmade);
        Assert.Equal((0, things), Counts(again));

        // The commands that change something, and what exists.
        (int, int) Counts(string output) => (
            output.Split('\n').Count(line => line.StartsWith(tool + " ", StringComparison.Ordinal) || line.StartsWith("ssh-keygen ", StringComparison.Ordinal)),
            output.Split('\n').Count(static line => line.StartsWith("# exists: ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_printed_commands_name_subscription_issuer_subject_and_audience()
    {
        var (azure, _) = await SucceedAsync("scripts/setup-azure.sh", Setup);
        Assert.Contains("# subscription: Acme test (33333333-3333-3333-3333-333333333333)\n", azure, StringComparison.Ordinal);
        Assert.Contains(
            "--issuer https://owner.github.io/repo --subject system:serviceaccount:clustertrust:certsync --audiences api://AzureADTokenExchange", azure, StringComparison.Ordinal);
    }

    /// <summary>The ARN of a secret ends in six characters that the name does not have.</summary>
    [Fact]
    public async Task A_name_without_a_wildcard_is_one_parameter_and_one_secret()
    {
        (string, string)[] settings = [.. Apply, ("PARAMETERS", "db,mongodb/*")];
        var (printed, calls) = await SucceedAsync("scripts/setup-aws.sh", settings);
        Assert.Contains("owner.github.io/repo:sub", printed, StringComparison.Ordinal);
        Assert.Contains("AWS_ROLE_ARN=arn:aws:iam::123456789012:role/clustertrust-external-secrets", printed, StringComparison.Ordinal);
        Assert.Contains("\"Resource\":[\"arn:aws:ssm:*:123456789012:parameter/db\",\"arn:aws:ssm:*:123456789012:parameter/mongodb/*\"]", calls, StringComparison.Ordinal);
        var secret = "arn:aws:secretsmanager:*:123456789012:secret:";
        Assert.Contains($"\"Resource\":[\"{secret}db-??????\",\"{secret}mongodb/*\",\"{secret}/db-??????\",\"{secret}/mongodb/*\"]", calls, StringComparison.Ordinal);
        Assert.Matches("role clustertrust-external-secrets, whose trust was not compared [^#]*\n.*which was not compared with PARAMETERS", (await SucceedAsync("scripts/setup-aws.sh", settings)).Printed);
    }

    /// <summary>Another clone's key has the same title. Only the key that install.sh stores in the cluster must be one of the repository's.</summary>
    [Fact]
    public async Task A_deploy_key_of_another_clone_is_not_taken_for_this_ones()
    {
        Add("gh", """  "repo deploy-key list"*) echo "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIother clustertrust" ;;""");
        Assert.Contains("gh repo deploy-key add my-cluster/deploy-key.pub", (await SucceedAsync("scripts/setup-github.sh", Apply)).Calls, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Event_Grid_reports_new_versions_to_the_queue_that_KEDA_polls_for_longer_than_two_polls()
    {
        var (_, calls) = await SucceedAsync("scripts/setup-azure.sh", [.. Apply, ("OVERLAY", "push")]);
        var job = Workspace.Render("components/external-secrets/refresh-on-new-version").OfKind("ScaledJob").Single()["spec"]!;
        var queue = job["triggers"]![0]!["metadata"].Text("queueName");
        Assert.Contains($"az storage queue create --account-name account --name {queue} ", calls, StringComparison.Ordinal);
        Assert.Contains($"--role Storage Queue Data Reader --assignee-object-id 11111111-1111-1111-1111-111111111111 --assignee-principal-type ServicePrincipal --scope /subscriptions/s/accounts/a/queueServices/default/queues/{queue} ", calls, StringComparison.Ordinal);
        Assert.Contains("--subject system:serviceaccount:keda:keda-operator ", calls, StringComparison.Ordinal);
        var subscription = Assert.Single(calls.Split('\n'), static line => line.StartsWith("az eventgrid event-subscription create", StringComparison.Ordinal));
        Assert.Contains($"--source-resource-id /subscriptions/s/vaults/v --endpoint-type storagequeue --endpoint /subscriptions/s/accounts/a/queueServices/default/queues/{queue} ", subscription, StringComparison.Ordinal);
        Assert.Contains($"--included-event-types {SystemEventNames.KeyVaultCertificateNewVersionCreated} {SystemEventNames.KeyVaultSecretNewVersionCreated} ", subscription, StringComparison.Ordinal);
        var lifetime = int.Parse(LifetimeOfMessages().Match(subscription).Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.True(lifetime > 2 * job["pollingInterval"]!.GetValue<long>(), "A poll may come too late for a message.");
    }

    [Theory]
    [InlineData("", "", "main"), InlineData("", "trunk", "trunk"), InlineData("pages", "trunk", "pages")]
    public async Task The_branch_is_kept_from_force_pushes_and_deletion(string set, string isDefault, string branch)
    {
        Add("gh", $"""  "api repos/Owner/repo --jq .default_branch") echo {isDefault} ;;""");
        var (_, calls) = await SucceedAsync("scripts/setup-github.sh", [.. Apply, ("BRANCH", set)]);
        Assert.Contains($"source[branch]={branch} ", calls, StringComparison.Ordinal);
        var rule = Assert.Single(calls.Split('\n'), static line => line.Contains("POST repos/Owner/repo/rulesets", StringComparison.Ordinal));
        Assert.All(
            ["enforcement=active", $"conditions[ref_name][include][]=refs/heads/{branch} ", "rules[][type]=deletion", "rules[][type]=non_fast_forward"],
            part => Assert.Contains(part, rule, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("api repos/Owner/repo/rulesets", "echo clustertrust", "POST repos/Owner/repo/rulesets")]
    [InlineData("repo deploy-key list", "cut -d ' ' -f 1,2 my-cluster/deploy-key.pub", "deploy-key add")]
    public async Task A_list_of_GitHub_that_is_longer_than_a_pipe_holds_is_read_to_its_end(string list, string first, string call)
    {
        Add("gh", $"""  "{list}"*) {first}; seq 100000 ;;""");
        Assert.DoesNotContain(call, (await SucceedAsync("scripts/setup-github.sh", Apply)).Calls, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_identity_of_another_cluster_is_shared_only_on_request()
    {
        Add("az", """  "group exists"*) echo true ;; "identity show"*) echo 11111111-1111-1111-1111-111111111111 ;; "identity federated-credential list"*"issuer!="*) echo https://other.example.com ;;""");
        var calls = await FailAsync(2, "another cluster (https://other.example.com) uses the identity clustertrust-certsync", "scripts/setup-azure.sh", Apply);
        Assert.DoesNotMatch(Making(), calls);
        await SucceedAsync("scripts/setup-azure.sh", [.. Apply, ("IDENTITY", "clustertrust-certsync")]);
    }

    /// <summary>Neither a missing right nor a session that has ended means that something does not exist, or that a list is empty.</summary>
    [Theory]
    [InlineData("setup-azure.sh", "az", "group exists*"), InlineData("setup-azure.sh", "az", "keyvault show*")]
    [InlineData("setup-azure.sh", "az", "keyvault list*"), InlineData("setup-azure.sh", "az", "identity show*")]
    [InlineData("setup-azure.sh", "az", "storage account show*"), InlineData("setup-azure.sh", "az", "storage queue exists*")]
    [InlineData("setup-azure.sh", "az", "eventgrid event-subscription show*"), InlineData("setup-azure.sh", "az", "role assignment list*")]
    [InlineData("setup-azure.sh", "az", "identity federated-credential list*")]
    [InlineData("setup-aws.sh", "aws", "iam get-open-id-connect-provider*"), InlineData("setup-aws.sh", "aws", "iam get-role *")]
    [InlineData("setup-aws.sh", "aws", "iam get-role-policy*")]
    [InlineData("setup-github.sh", "gh", "api repos/Owner/repo"), InlineData("setup-github.sh", "gh", "api repos/Owner/repo/pages")]
    [InlineData("setup-github.sh", "gh", "api repos/Owner/repo/rulesets*"), InlineData("setup-github.sh", "gh", "repo deploy-key list*")]
    public async Task A_query_that_fails_ends_the_script_with_the_tools_message(string script, string tool, string query)
    {
        var words = query.TrimEnd('*');
        Add(tool, $"""  "{words}"{query[words.Length..]}) [ ! -f my-cluster/denied ] || missing 1 'ERROR: (AuthorizationFailed) denied'; [ "{words}" != "keyvault list" ] || exit 0 ;;&""");
        (string, string)[] settings = [.. Apply, ("OVERLAY", tool == "az" ? "push" : "")];
        if (words != "keyvault list")
        {
            await SucceedAsync($"scripts/{script}", settings);
        }

        Write("denied", "");
        var (output, calls) = await RunAsync($"scripts/{script}", settings);
        Assert.Equal((1, "ERROR: (AuthorizationFailed) denied\n"), (output.ExitCode, output.StandardError));
        Assert.Contains(words.TrimEnd(), calls.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("setup-azure.sh", "az", "account show", "az login")]
    [InlineData("setup-aws.sh", "aws", "sts get-caller-identity", "aws sso login")]
    public Task Without_a_session_the_command_that_signs_in_is_named(string script, string tool, string query, string command)
    {
        Add(tool, $"""  "{query}"*) exit 1 ;;""");
        return FailAsync(2, $"run '{command}'", $"scripts/{script}", Setup);
    }

    [Fact]
    public Task An_issuer_that_no_cluster_reports_must_be_set()
    {
        Add("kubectl", "*) exit 1 ;;");
        return FailAsync(2, "set ISSUER: ", "scripts/setup-aws.sh", ("PARAMETERS", "clustertrust/*"));
    }

    [Fact]
    public async Task What_oidc_trust_refuses_ends_the_script_with_its_message() => Assert.Equal("", await FailAsync(
        2,
        "--issuer has a port\n",
        "install -D -m 755 /dev/stdin artifacts/oidc/oidc <<<$'#!/bin/bash\\necho \"--issuer has a port\" >&2; exit 2' && scripts/setup-aws.sh",
        [.. Apply, ("ISSUER", "https://oidc.example.com:8443")]));

    /// <summary>Before anything is built. The path may have spaces.</summary>
    [Theory]
    [InlineData("demo"), InlineData("test-cluster")]
    public async Task A_kubeconfig_that_does_not_exist_is_refused_first(string target)
    {
        Add("dotnet", "");
        Assert.Equal("", await FailAsync(2, "CLUSTER is 'no such/kubeconfig', which does not exist or is not a file", $"make {target} CLUSTER='no such/kubeconfig'"));
    }

    [Fact]
    public Task Native_binaries_are_not_built_for_a_loader_that_cannot_read_them()
    {
        Add("uname", "*) echo x86_64 ;;");
        Add("getconf", "*) echo glibc 2.35 ;;");
        return FailAsync(2, "native binaries require glibc 2.36 or newer (Debian 12, Ubuntu 24.04), and this is glibc 2.35", "scripts/setup.sh native");
    }

    /// <summary>Many shells have a variable of this name for something else.</summary>
    [Fact]
    public Task What_uses_no_cluster_of_your_own_ignores_CLUSTER() => FailAsync(2, "'nothing' is invalid", "scripts/setup.sh nothing", ("CLUSTER", "prod"));

    /// <summary>Also what could end a string in a query or a policy.</summary>
    [Theory]
    [InlineData("setup-azure.sh", "APPLY", "yes"), InlineData("setup-azure.sh", "RESOURCE_GROUP", "")]
    [InlineData("setup-azure.sh", "ISSUER", "https://owner.github.io/repo' || '1'=='1"), InlineData("setup-azure.sh", "ISSUER", "http://owner.github.io/repo")]
    [InlineData("setup-azure.sh", "SUBJECT", "system:serviceaccount:a:b' || subject!='"), InlineData("setup-azure.sh", "SUBJECT", "system:serviceaccount:*:certsync")]
    [InlineData("setup-aws.sh", "ISSUER", "https://owner.github.io/re\"po"), InlineData("setup-aws.sh", "ISSUER", "https://owner.github.io/repo\n")]
    [InlineData("setup-aws.sh", "SUBJECT", "system:serviceaccount:a:b\"}"), InlineData("setup-aws.sh", "PARAMETERS", ""), InlineData("setup-aws.sh", "PARAMETERS", "*")]
    [InlineData("setup-aws.sh", "PARAMETERS", "mongodb/*,*"), InlineData("setup-aws.sh", "PARAMETERS", "a\",\"*")]
    [InlineData("setup-github.sh", "REPOSITORY", ""), InlineData("setup-github.sh", "REPOSITORY", "owner/../../orgs")]
    public async Task A_setting_that_is_missing_or_invalid_is_named_before_anything_is_asked(string script, string setting, string value) => Assert.Equal(
        "", await FailAsync(2, value.Length == 0 ? $"set {setting}: " : $"{setting} is '", $"scripts/{script}", [.. Setup, (setting, value)]));

    [GeneratedRegex("--storage-queue-msg-ttl ([0-9]+) ", RegexOptions.CultureInvariant)]
    private static partial Regex LifetimeOfMessages();

    [GeneratedRegex("create[ -]|put-role-policy|POST|deploy-key add", RegexOptions.CultureInvariant)]
    private static partial Regex Making();
}
