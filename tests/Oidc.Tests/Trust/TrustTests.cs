using CsCheck;

namespace ClusterTrust.Oidc.Tests.Trust;

public sealed class TrustTests
{
    private const string Issuer = "https://example.github.io/cluster-a";
    private static readonly ServiceAccountSubject Subject = new("demo", "reader");
    private static readonly ServiceAccountSubject Other = new("shop", "cart.v2");

    public static TheoryData<Cloud> Clouds => new(Enum.GetValues<Cloud>());

    [Theory]
    [MemberData(nameof(Clouds))]
    public void Commands_and_configuration_name_exactly_this_issuer_and_these_subjects(Cloud cloud)
    {
        var request = new TrustRequest(cloud, Issuer, [Subject, Other]);
        foreach (var text in new[] { TrustCommands.For(request), TrustTofu.For(request), TrustJson.For(request) })
        {
            Assert.Contains(cloud == Cloud.Aws ? "example.github.io/cluster-a:sub" : Issuer, text, StringComparison.Ordinal);
            Assert.Contains("system:serviceaccount:demo:reader", text, StringComparison.Ordinal);
            Assert.Contains("system:serviceaccount:shop:cart.v2", text, StringComparison.Ordinal);
            Assert.DoesNotContain('\r', text);
            Assert.EndsWith("\n", text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(Cloud.Azure, "azure")]
    [InlineData(Cloud.Gcp, "gcp")]
    public async Task The_result_names_the_cloud_as_the_setting_does(Cloud cloud, string name)
    {
        var run = new JobRun { Job = "oidc", Command = "trust", RunId = "0123456789ab", Output = TextWriter.Null };
        var job = new TrustJob(cloud, [Subject], null, TrustFormat.Commands, _ => Task.FromResult(Issuer), run, Microsoft.Extensions.Logging.Abstractions.NullLogger<TrustJob>.Instance);
        Assert.Equal($"printed the trust of {name} in {Issuer} for {Subject}", (await job.RunAsync(default)).Message);
    }

    [Theory]
    [MemberData(nameof(Clouds))]
    public void A_shell_reads_the_commands_with_any_audience(Cloud cloud)
    {
        const string Hostile = "it's $(touch pwned) `id` \"x\"";
        var commands = TrustCommands.For(new TrustRequest(cloud, Issuer, [Subject], Hostile));

        // The shell runs them with the clouds' programs replaced by functions that print their arguments.
        var printed = Shell("az() { printf '%s\\n' \"$@\"; }; aws() { printf '%s\\n' \"$@\"; }; gcloud() { printf '%s\\n' \"$@\"; }\n" + commands);
        Assert.Contains(Hostile, printed, StringComparison.Ordinal);
        Assert.False(File.Exists("pwned"));
    }

    /// <summary>An interactive zsh executes comments: an apostrophe would open a string there, a value could be executed.</summary>
    [Theory]
    [MemberData(nameof(Clouds))]
    public void Comments_are_harmless_where_a_shell_has_none(Cloud cloud)
    {
        var commands = TrustCommands.For(new TrustRequest(cloud, Issuer, [Subject], "$(touch pwned)`touch pwned`"));
        foreach (var comment in commands.Split('\n').Where(line => line.StartsWith('#')))
        {
            Assert.Equal(0, comment.Count(c => c == '\'') % 2);
            var outside = string.Concat(comment.Split('\'').Where((_, index) => index % 2 == 0));
            Assert.DoesNotContain(outside, c => c is '$' or '`' or '!' or '\\');
        }
    }

    [Fact]
    public void The_policy_for_AWS_is_JSON_once_the_shell_has_read_it()
    {
        var commands = TrustCommands.For(new TrustRequest(Cloud.Aws, Issuer, [Subject, Other]));
        var printed = Shell("aws() { case $2 in get-caller-identity) echo 123456789012;; create-role) printf '%s' \"$6\";; esac; }\n" + commands);
        using var policy = JsonDocument.Parse(printed);
        var statement = policy.RootElement.GetProperty("Statement")[0];
        Assert.Equal("arn:aws:iam::123456789012:oidc-provider/example.github.io/cluster-a", statement.GetProperty("Principal").GetProperty("Federated").GetString());
        var condition = statement.GetProperty("Condition").GetProperty("StringEquals");
        Assert.Equal("sts.amazonaws.com", condition.GetProperty("example.github.io/cluster-a:aud").GetString());
        Assert.Equal(
            ["system:serviceaccount:demo:reader", "system:serviceaccount:shop:cart.v2"],
            condition.GetProperty("example.github.io/cluster-a:sub").EnumerateArray().Select(element => element.GetString()!));
    }

    [Theory]
    [InlineData("system:serviceaccount:demo:reader", true)]
    [InlineData("system:serviceaccount:demo:a.b-c", true)]
    [InlineData("system:serviceaccount:demo", false)]
    [InlineData("system:serviceaccount:demo:reader:x", false)]
    [InlineData("system:serviceaccount:Demo:reader", false)]
    [InlineData("system:serviceaccount:de.mo:reader", false)]
    [InlineData("system:serviceaccount::reader", false)]
    [InlineData("system:serviceaccount:demo:a..b", false)]
    [InlineData("system:serviceaccount:demo:-a", false)]
    [InlineData("system:serviceaccount:demo:rea der", false)]
    public void A_subject_is_read_or_refused(string text, bool good) => Assert.Equal(good, ServiceAccountSubject.Parse(text)?.ToString() == text);

    [Fact]
    public void Text_in_the_configuration_is_never_a_template() =>
        Assert.Contains("\"$${a}%%{b}\\\"\\\\\"", TrustTofu.For(new TrustRequest(Cloud.Azure, Issuer, [Subject], "${a}%{b}\"\\")), StringComparison.Ordinal);

    /// <summary>Few letters, so that parts that differ often read the same when they are joined or cut.</summary>
    private static readonly Gen<ServiceAccountSubject> Subjects =
        from space in Gen.String[Gen.Char["ab-"], 1, 63]
        from labels in Gen.String[Gen.Char["ab-"], 1, 60].Where(static label => label[0] != '-' && label[^1] != '-').Array[1, 4]
        let subject = ServiceAccountSubject.Parse($"system:serviceaccount:{space}:{string.Join('.', labels)}")
        where subject is not null
        select subject;

    private static readonly Gen<TrustRequest> Requests = Gen.Select(
        Gen.Enum<Cloud>(), Gen.Char["ab"], Subjects.Array[1, 3],
        (cloud, path, subjects) => new TrustRequest(cloud, $"https://oidc.example.com/{path}", subjects));

    [Fact]
    public void Names_are_different_for_whatever_is_different_and_valid_in_every_cloud() => Gen.Select(Requests, Requests).Sample((first, second) =>
    {
        var sameIssuer = first.Issuer == second.Issuer;
        var sameSubjects = first.Subjects.SequenceEqual(second.Subjects);
        Assert.Equal(sameIssuer && sameSubjects, first.IdentityName == second.IdentityName);
        Assert.Equal(sameIssuer, first.ProviderId == second.ProviderId);
        foreach (var (mine, others) in first.Subjects.SelectMany(_ => second.Subjects, (mine, others) => (mine, others)))
        {
            Assert.Equal(sameIssuer && mine == others, first.CredentialName(mine) == second.CredentialName(others));
        }

        Assert.Matches("^[a-z0-9][a-z0-9-]{1,62}[a-z0-9]$", first.IdentityName);
        Assert.Matches("^(?!gcp-)[a-z][a-z0-9-]{2,30}[a-z0-9]$", first.ProviderId);
        Assert.All(first.Subjects, subject => Assert.Matches("^[a-z0-9][a-z0-9-]{1,118}[a-z0-9]$", first.CredentialName(subject)));
    });

    /// <summary>The pairs of the report: each would have replaced the other's trust.</summary>
    [Theory]
    [InlineData("shop:api-reader", "shop-api:reader")]
    [InlineData("payments-production-westeurope:invoice-exporter", "payments-production-westeurope:invoice-importer")]
    [InlineData("a:b.c", "a:b-c")]
    public void Names_that_read_alike_differ(string first, string second)
    {
        Assert.NotEqual(NameOf(first), NameOf(second));
        static string NameOf(string subject) => new TrustRequest(Cloud.Azure, Issuer, [ServiceAccountSubject.Parse("system:serviceaccount:" + subject)!]).IdentityName;
    }

    [Fact]
    public void Order_and_repetition_of_subjects_change_nothing() =>
        Assert.Equal(
            TrustCommands.For(new TrustRequest(Cloud.Azure, Issuer, [Subject, Other])),
            TrustCommands.For(new TrustRequest(Cloud.Azure, Issuer, [Other, Subject, Other])));

    [Fact]
    public void Google_Cloud_gets_one_pool_and_one_provider_per_issuer_and_a_binding_per_ServiceAccount()
    {
        var printed = Shell("gcloud() { case $1 in projects) echo 4711;; *) echo \"$*\";; esac; }\nPROJECT=p SERVICE_ACCOUNT=s@p.example\n"
            + TrustCommands.For(new TrustRequest(Cloud.Gcp, Issuer, [Subject, Other])));
        var provider = new TrustRequest(Cloud.Gcp, Issuer, [Subject]).ProviderId;
        var pool = $"projects/4711/locations/global/workloadIdentityPools/{provider}";
        Assert.Single(Lines(printed, "iam workload-identity-pools create "));
        Assert.Contains($"create-oidc {provider} ", Assert.Single(Lines(printed, "iam workload-identity-pools providers ")), StringComparison.Ordinal);
        Assert.Equal(2, Lines(printed, "iam service-accounts add-iam-policy-binding s@p.example --project=p --condition=None ").Length);
        Assert.Contains($"--member=principal://iam.googleapis.com/{pool}/subject/system:serviceaccount:shop:cart.v2", printed, StringComparison.Ordinal);
        Assert.EndsWith($"\nhttps://iam.googleapis.com/{pool}/providers/{provider}\n", printed, StringComparison.Ordinal);
    }

    [Fact]
    public void Azure_gets_a_credential_per_ServiceAccount_on_one_identity()
    {
        var printed = Shell("az() { echo \"$*\"; }\nRESOURCE_GROUP=g\n" + TrustCommands.For(new TrustRequest(Cloud.Azure, Issuer, [Subject, Other])));
        Assert.Single(Lines(printed, "identity create "));
        Assert.Equal(2, Lines(printed, "identity federated-credential create ").Length);
        Assert.Equal(2, printed.Split("--identity-name 2-serviceaccounts-").Length - 1);
    }

    [Theory]
    [InlineData(Cloud.Azure, "azurerm", "user_assigned_identity_id = azurerm_user_assigned_identity.this.id")]
    [InlineData(Cloud.Aws, "aws", "aws_iam_openid_connect_provider.this.arn")]
    [InlineData(Cloud.Gcp, "google", "workload_identity_pool_id          = google_iam_workload_identity_pool.this.workload_identity_pool_id")]
    public void Configuration_names_its_provider_with_a_version(Cloud cloud, string provider, string line)
    {
        var configuration = TrustTofu.For(new TrustRequest(cloud, Issuer, [Subject]));
        Assert.Matches($"(?s)required_providers {{\\s+{provider} = {{\\s+source  = \"hashicorp/{provider}\"\\s+version = \">= [0-9]+\\.0\"", configuration);
        Assert.Contains(line, configuration, StringComparison.Ordinal);
        Assert.DoesNotContain("parent_id", configuration, StringComparison.Ordinal);
    }

    private static string[] Lines(string printed, string beginning) =>
        [.. printed.Split('\n').Where(line => line.StartsWith(beginning, StringComparison.Ordinal))];

    private static string Shell(string script) => Tool.Run("/bin/sh", new Dictionary<string, string>(), script);
}
