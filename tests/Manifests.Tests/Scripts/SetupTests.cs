using Azure.Messaging.EventGrid;

namespace ClusterTrust.Manifests.Tests.Scripts;

/// <summary>The scripts of the clouds' side: they print, make with APPLY=1, and make nothing twice.</summary>
public sealed partial class SetupTests
{
    internal const string Az = """
          "group exists"*) made group && echo true || echo false ;;
          "group create"*) make group ;;
          "keyvault show --resource-group "*) made vault && echo /subscriptions/s/vaults/v || exit 3 ;;
          "keyvault list --resource-type vault "*) ;;
          "keyvault create"*) make vault ;;
          "identity show"*) made identity && echo 11111111-1111-1111-1111-111111111111 || exit 3 ;;
          "identity create"*) make identity ;;
          "role assignment list"*) ! made role || echo the-assignment ;;
          "role assignment create"*) make role ;;
          "identity federated-credential list"*) made trust && echo the-trust || exit 3 ;;
          "identity federated-credential create"*) make trust ;;
          "storage account show"*) made account && echo /subscriptions/s/accounts/a || exit 3 ;;
          "storage account create"*) make account ;;
          "storage queue exists"*) made queue && echo true || echo false ;;
          "storage queue create"*) make queue ;;
          "eventgrid event-subscription show"*) made subscription && echo the-subscription || exit 3 ;;
          "eventgrid event-subscription create"*) make subscription ;;
          "account show"*) printf '%s\n' 22222222-2222-2222-2222-222222222222 33333333-3333-3333-3333-333333333333 'Acme test' ;;
        """;

    internal const string Aws = """
          "sts get-caller-identity"*) echo 123456789012 ;;
          "iam get-open-id-connect-provider"*) made provider || missing 254 'An error occurred (NoSuchEntity) when calling the operation' ;;
          "iam create-open-id-connect-provider"*) make provider ;;
          "iam get-role --role-name"*) made role || missing 254 'An error occurred (NoSuchEntity) when calling the operation' ;;
          "iam create-role"*) make role ;;
          "iam get-role-policy"*) made policy || missing 254 'An error occurred (NoSuchEntity) when calling the operation' ;;
          "iam put-role-policy"*) make policy ;;
        """;

    internal const string Gh = """
          "repo create"*) make repository ;;
          "api repos/"*/pages) made pages || missing 1 'gh: Not Found (HTTP 404)' ;;
          "api repos/"*/rulesets*) ! made rules || echo clustertrust ;;
          "api --method POST repos/"*/pages*) make pages ;;
          "api --method POST repos/"*/rulesets*) make rules ;;
          "api repos/"*) made repository || missing 1 'gh: Not Found (HTTP 404)' ;;
          "repo deploy-key list"*) ! made key || cut -d ' ' -f 1,2 my-cluster/deploy-key.pub ;;
          "repo deploy-key add my-cluster/deploy-key.pub "*"--allow-write") make key ;;
        """;

    public static TheoryData<string, string, string, string, int> Scripts => new()
    {
        { "setup-azure.sh", "", "az", Az, 5 },
        { "setup-azure.sh", "push", "az", Az, 8 },
        { "setup-aws.sh", "", "aws", Aws, 3 },
        { "setup-github.sh", "", "gh", Gh, 5 },
    };

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task What_is_missing_is_printed_then_made_and_then_exists(string script, string overlay, string tool, string answers, int things)
    {
        using var tools = new FakeTools(tool, answers);
        (string, string)[] settings =
        [
            ("RESOURCE_GROUP", "rg"), ("VAULT", "vault"), ("REPOSITORY", "Owner/repo"), ("ISSUER", "https://owner.github.io/repo"),
            ("PARAMETERS", "clustertrust/*"), ("STORAGE_ACCOUNT", "account"), ("OVERLAY", overlay),
        ];
        var (printed, calls) = await tools.SucceedAsync(script, settings);
        Assert.DoesNotMatch(Making(), calls);
        Assert.Contains("nothing was changed", printed, StringComparison.Ordinal);
        Assert.DoesNotContain("# exists", printed, StringComparison.Ordinal);
        Assert.Equal(things, Changes(printed, tool));

        Assert.Matches(Making(), (await tools.SucceedAsync(script, [.. settings, ("APPLY", "1")])).Calls);

        var (again, unmade) = await tools.SucceedAsync(script, [.. settings, ("APPLY", "1")]);
        Assert.DoesNotMatch(Making(), unmade);
        Assert.Equal(things, again.Split('\n').Count(static line => line.StartsWith("# exists: ", StringComparison.Ordinal)));
        Assert.Equal(0, Changes(again, tool));
    }

    [Fact]
    public async Task The_printed_commands_name_issuer_subject_and_audience()
    {
        using var az = new FakeTools("az", Az);
        var (azure, _) = await az.SucceedAsync("setup-azure.sh", ("RESOURCE_GROUP", "rg"), ("VAULT", "vault"), ("ISSUER", "https://owner.github.io/repo"));
        Assert.Contains("# subscription: Acme test (33333333-3333-3333-3333-333333333333)\n", azure, StringComparison.Ordinal);
        Assert.Contains(
            "--issuer https://owner.github.io/repo --subject system:serviceaccount:clustertrust:certsync --audiences api://AzureADTokenExchange",
            azure, StringComparison.Ordinal);

        using var aws = new FakeTools("aws", Aws);
        var (amazon, calls) = await aws.SucceedAsync("setup-aws.sh", ("ISSUER", "https://owner.github.io/repo"), ("PARAMETERS", "mongodb/*,prod/lambda/*"), ("APPLY", "1"));
        Assert.Contains("owner.github.io/repo:sub", amazon, StringComparison.Ordinal);
        Assert.Contains("AWS_ROLE_ARN=arn:aws:iam::123456789012:role/clustertrust-external-secrets", amazon, StringComparison.Ordinal);
        Assert.Contains(
            "\"Resource\":[\"arn:aws:ssm:*:123456789012:parameter/mongodb/*\",\"arn:aws:ssm:*:123456789012:parameter/prod/lambda/*\"]", calls, StringComparison.Ordinal);
        Assert.All(
            new[] { "mongodb/*", "prod/lambda/*", "/mongodb/*", "/prod/lambda/*" },
            name => Assert.Contains($"\"arn:aws:secretsmanager:*:123456789012:secret:{name}\"", calls, StringComparison.Ordinal));
    }

    /// <summary>The ARN of a secret ends in six characters that the name does not have.</summary>
    [Fact]
    public async Task A_name_without_a_wildcard_is_one_parameter_and_one_secret()
    {
        using var aws = new FakeTools("aws", Aws);
        (string, string)[] settings = [("ISSUER", "https://owner.github.io/repo"), ("PARAMETERS", "db,mongodb/*"), ("APPLY", "1")];
        var (_, calls) = await aws.SucceedAsync("setup-aws.sh", settings);
        Assert.Contains("\"Resource\":[\"arn:aws:ssm:*:123456789012:parameter/db\",\"arn:aws:ssm:*:123456789012:parameter/mongodb/*\"]", calls, StringComparison.Ordinal);
        var secret = "arn:aws:secretsmanager:*:123456789012:secret:";
        Assert.Contains($"\"Resource\":[\"{secret}db-??????\",\"{secret}mongodb/*\",\"{secret}/db-??????\",\"{secret}/mongodb/*\"]", calls, StringComparison.Ordinal);

        var (again, _) = await aws.SucceedAsync("setup-aws.sh", settings);
        Assert.Contains("which was not compared with PARAMETERS", again, StringComparison.Ordinal);
    }

    /// <summary>Another clone's key has the same title. Only the key that install.sh stores in the cluster must be one of the repository's.</summary>
    [Fact]
    public async Task A_deploy_key_of_another_clone_is_not_taken_for_this_ones()
    {
        using var gh = new FakeTools("gh", $"""
              "repo deploy-key list"*) echo "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIother clustertrust" ;;
            {Gh}
            """);
        (string, string)[] settings = [("REPOSITORY", "owner/repo"), ("APPLY", "1")];
        Assert.Contains("gh repo deploy-key add my-cluster/deploy-key.pub", (await gh.SucceedAsync("setup-github.sh", settings)).Calls, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Event_Grid_reports_new_versions_to_the_queue_that_KEDA_polls_for_longer_than_two_polls()
    {
        using var tools = new FakeTools("az", Az);
        (string, string)[] settings = [("OVERLAY", "push"), ("RESOURCE_GROUP", "rg"), ("VAULT", "vault"), ("ISSUER", "https://owner.github.io/repo"), ("STORAGE_ACCOUNT", "account")];
        var (_, calls) = await tools.SucceedAsync("setup-azure.sh", [.. settings, ("APPLY", "1")]);

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

    [Fact]
    public async Task The_branch_is_kept_from_force_pushes_and_deletion()
    {
        using var gh = new FakeTools("gh", Gh);
        var (_, calls) = await gh.SucceedAsync("setup-github.sh", ("REPOSITORY", "owner/repo"), ("APPLY", "1"));
        var rule = Assert.Single(calls.Split('\n'), static line => line.Contains("POST repos/owner/repo/rulesets", StringComparison.Ordinal));
        foreach (var part in new[] { "enforcement=active", "conditions[ref_name][include][]=refs/heads/main", "rules[][type]=deletion", "rules[][type]=non_fast_forward" })
        {
            Assert.Contains(part, rule, StringComparison.Ordinal);
        }
    }

    /// <summary>How many commands that change something were printed.</summary>
    private static int Changes(string output, string tool) => output.Split('\n').Count(line =>
        line.StartsWith(tool + " ", StringComparison.Ordinal) || line.StartsWith("ssh-keygen ", StringComparison.Ordinal));

    [GeneratedRegex("--storage-queue-msg-ttl ([0-9]+) ", RegexOptions.CultureInvariant)]
    private static partial Regex LifetimeOfMessages();

    [GeneratedRegex("create[ -]|put-role-policy|POST|deploy-key add", RegexOptions.CultureInvariant)]
    private static partial Regex Making();
}
