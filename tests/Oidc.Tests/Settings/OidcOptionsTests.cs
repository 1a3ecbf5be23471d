namespace ClusterTrust.Oidc.Tests.Settings;

public sealed class OidcOptionsTests
{
    [Theory]
    [InlineData("--issuer is not an https:// URL", "--issuer", "http://example.com")]
    [InlineData("--issuer has a query", "--issuer", "https://example.com?x")]
    [InlineData("--issuer has the path segment '..'", "--issuer", "https://example.com/..")]
    [InlineData("--site-url is not an https:// URL", "--site-url", "example.com")]
    [InlineData("--verify-service-account must be NAMESPACE/NAME", "--verify-service-account", "default"), InlineData("--verify-service-account must be NAMESPACE/NAME", "--verify-service-account", "default/")]
    [InlineData("--all-api-servers and --api-server exclude each other", "--all-api-servers", "--api-server", "https://10.0.0.4:6443")]
    [InlineData("--jwks-file is required to read the issuer from files", "--discovery-file", "/etc/hostname", "--issuer", "https://a.example", "--verify-token-file", "/etc/hostname")]
    [InlineData("--issuer is required to read the issuer from files", "--discovery-file", "/etc/hostname", "--jwks-file", "/etc/hostname")]
    [InlineData("--verify-token-file is required to read the issuer from files", "--jwks-file", "/etc/hostname")]
    [InlineData("--api-server and --discovery-file exclude each other", "--jwks-file", "/etc/hostname", "--api-server", "https://10.0.0.4:6443")]
    [InlineData("--verify-service-account and --discovery-file exclude each other", "--jwks-file", "/etc/hostname", "--verify-service-account", "shop/app")]
    [InlineData("--kubeconfig and --discovery-file exclude each other", "--jwks-file", "/etc/hostname", "--kubeconfig", "/etc/hostname")]
    [InlineData("--job-name and --discovery-file exclude each other", "--jwks-file", "/etc/hostname", "--job-name", "oidc-now")]
    [InlineData("the configuration file /etc/hostname is invalid JSON", "--config", "/etc/hostname")]
    [InlineData("--github-api-url must be an https URL", "--github-api-url", "http://github.example.com")]
    [InlineData("--github-api-url must be an https URL without user, query and fragment", "--github-api-url", "https://user@github.example.com/")]
    [InlineData("--github-api-url must be an https URL without user, query and fragment", "--github-api-url", "https://github.example.com/?q")]
    [InlineData("--github-api-url must be an https URL", "--github-api-url", "https://xn--\u00e4.example/")]
    [InlineData("--api-server must be an https URL", "--api-server", "https://xn--\u00e4.example/")]
    [InlineData("--github-app-installation-id must be the installation's number", "--github-app-installation-id", "abc")]
    [InlineData("--retain-removed-keys", "--retain-removed-keys", "a while")]
    [InlineData("--retain-removed-keys must be at most 3660d", "--retain-removed-keys", "10675199d")]
    [InlineData("--api", "--api", "svn")]
    [InlineData("--commit-name must not be empty or contain a character that Git does not allow", "--commit-name", "A <b>")]
    [InlineData("--commit-email must not contain blanks", "--commit-email", "a b@example.com")]
    [InlineData("--branch must be the name of a branch, such as main", "--branch=refs/heads/")]
    [InlineData("--branch must be the name of a branch, such as main", "--branch=-x"), InlineData("--branch must be the name of a branch, such as main", "--branch=HEAD")]
    [InlineData("--drop-key must be the kid of one key, which has no spaces, not 'a b'", "--drop-key=a\nb")]
    [InlineData("--branch must be the name of a branch, such as main", "--branch=a..b", "--api=github")]
    [InlineData("--repository is not valid: The repository's address has an unknown form: write it as ssh://git@HOST/OWNER/REPO.git", "--repository", "nonsense")]
    public async Task A_setting_that_will_not_do_is_named_with_what_would(string fault, params string[] arguments)
    {
        var (exit, error) = await RunAsync(arguments[0] == "--repository" ? arguments : ["--repository", "OWNER/REPO", .. arguments]);
        Assert.Equal((int)ExitCode.Usage, exit);
        Assert.Contains(fault, error, StringComparison.Ordinal);
        Assert.Equal(fault.Contains("exclude", StringComparison.Ordinal), error.Contains("exclude", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--repository"), InlineData("--issuer"), InlineData("--site-url"), InlineData("--github-api-url")]
    public async Task A_token_in_an_address_is_refused_and_not_shown(string setting)
    {
        var (exit, error) = await RunAsync(setting, "https://user:secret4711@example.com/owner/repo");
        Assert.Equal((int)ExitCode.Usage, exit);
        Assert.Contains(setting, error, StringComparison.Ordinal);
        Assert.DoesNotContain("4711", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("main"), InlineData("refs/heads/main")]
    public void A_branch_may_be_given_by_its_full_name(string text) => Assert.Equal("main", OidcSettings.Branch.Parse([text]).Value);

    /// <summary>A commit by Git requires an author, even if a GitHub App is configured.</summary>
    [Theory]
    [InlineData(true, "--github-app-id", "1")]
    [InlineData(true, "--github-app-id", "1", "--api", "github")]
    [InlineData(false, "--github-app-id", "1", "--api", "git")]
    [InlineData(false, "--github-app-id", "1", "--commit-name", "Publisher")]
    [InlineData(false)]
    public async Task Only_commits_by_GitHub_s_API_are_the_App_s_own(bool commitsAsApp, params string[] arguments) =>
        Assert.Equal(commitsAsApp, (await OptionsAsync(arguments)).Author is null);

    /// <summary>Each flag of publish that becomes an option, with what it changes.</summary>
    [Theory]
    [InlineData("--issuer https://a.example", "Source.Issuer: https://a.example")]
    [InlineData("--api-server https://10.0.0.4:6443 --api-server https://10.0.0.5:6443", "Source.ApiServers: https://10.0.0.4:6443/, https://10.0.0.5:6443/")]
    [InlineData("--all-api-servers", "Source.AllApiServers: True"), InlineData("--verify-token-file /etc/hostname", "Source.TokenFile: /etc/hostname")]
    [InlineData("--verify-service-account shop/app", "Source.ServiceAccount: shop/app")]
    [InlineData("--verify-timeout 7m", "Verification.Timeout: 00:07:00")]
    [InlineData("--site-url https://a.example", "SiteUrl: https://a.example"), InlineData("--retain-removed-keys 0", "Plan.RetainRemovedKeys: 00:00:00")]
    [InlineData("--drop-key a --drop-key b", "Plan.DropKeys: a, b")]
    [InlineData("--accept-new-keys", "Plan.AcceptNewKeys: True"), InlineData("--no-status-page", "Plan.StatusPage: False")]
    [InlineData("--commit-name Publisher", "Author: (Publisher, clustertrust@users.noreply.github.com)")]
    [InlineData("--commit-email a@example.com", "Author: (ClusterTrust, a@example.com)")]
    [InlineData("--commit-message Rotate", "CommitMessage: Rotate"), InlineData("--no-verify", "Verify: False")]
    public async Task A_flag_changes_its_option_and_no_other(string flag, string changed)
    {
        var before = Describe(await OptionsAsync());
        var after = Describe(await OptionsAsync(flag.Split(' ')));
        Assert.Equal([changed], after.Except(before));
    }

    /// <summary>A Secret that was created again from the same key gives the same seal.</summary>
    [Theory]
    [InlineData("--github-app-key"), InlineData("--signing-key")]
    public async Task A_seal_depends_on_the_key_and_not_on_the_form_of_its_file(string setting)
    {
        using var folder = new TemporaryFolder();
        using var rsa = RSA.Create(2048);
        var key = rsa.ExportRSAPrivateKeyPem();
        string[] forms = [key, $"a comment\n{key.ReplaceLineEndings("\r\n")}\n", key.ReplaceLineEndings("\\n"), $"\uFEFF{key}", Convert.ToBase64String(Encoding.ASCII.GetBytes(key))];
        var seals = await Task.WhenAll(forms.Select(async (form, index) => (await OptionsAsync(setting, folder.Write($"key{index}", form))).Plan.Seal!.Of([])));
        Assert.Single(seals.Distinct());
    }

    [Fact]
    public async Task The_variables_of_GitHub_Actions_and_of_the_commit_need_no_prefix()
    {
        var options = await ReadAsync(
            static values => new OidcOptions(values), new Dictionary<string, string> { ["GITHUB_REPOSITORY"] = "OWNER/REPO", ["COMMIT_NAME"] = "Release Bot", ["COMMIT_EMAIL"] = "bot@example.com" });
        Assert.Equal(("OWNER/REPO", ("Release Bot", "bot@example.com")), (options.Repository, options.Author));
    }

    [Theory]
    [InlineData("--safe-to-sign=a", "a", null), InlineData("--safe-to-remove=b", null, "b")]
    public async Task A_question_about_a_key_is_read_from_its_flag(string flag, string? sign, string? remove)
    {
        OidcOptions? options = null;
        var (_, error) = await RunAsync(OidcCommands.Rotate with { Name = "publish", Configure = (_, values) => options = new OidcOptions(values) }, flag);
        Assert.True((sign, remove) == (options?.SafeToSign, options?.SafeToRemove), error);
    }

    [Fact]
    public async Task What_checks_once_has_no_time_to_wait() =>
        Assert.Contains("--verify-timeout", (await RunAsync(OidcCommands.Verify with { Name = "publish", Configure = static (_, _) => { } }, "--verify-timeout", "1s")).Error, StringComparison.Ordinal);

    [Theory]
    [InlineData("https://example.com/a", 1), InlineData("https://example.com/?token=secret4711", 0)]
    public async Task An_invalid_issuer_which_may_contain_a_token_is_in_no_log_line(string issuer, int expected)
    {
        var scope = -1;
        await RunAsync(OidcCommands.Publish with { Validate = values => scope = OidcCommands.Publish.Scope(values).Count, Configure = static (_, _) => { } }, "--repository", "OWNER/REPO", "--issuer", issuer);
        Assert.Equal(expected, scope);
    }

    /// <summary>A GITHUB_TOKEN that a machine happens to have must not be sent to the host that the file is for.</summary>
    [Theory]
    [InlineData("a-token", null), InlineData("", "ghp_ambient")]
    public async Task A_token_file_overrides_the_variables_unless_it_is_empty(string content, string? expected)
    {
        using var folder = new TemporaryFolder();
        var options = await ReadAsync(
            RepositorySelection.GitHub,
            new Dictionary<string, string> { ["GITHUB_TOKEN"] = "ghp_ambient", ["GITHUB_SERVER_URL"] = "https://github.example.com:8443" },
            "--repository", "https://github.example.com:8443/OWNER/REPO", "--token-file", folder.Write("token", content));
        Assert.Equal(expected, options.Token);
        Assert.Equal("https://github.example.com:8443/api/v3/", options.ApiUrl.AbsoluteUri);
    }

    /// <summary>Nor to another host whose API is configured; one of a GitHub App is not used.</summary>
    [Theory]
    [InlineData("git@github.example.com:OWNER/REPO.git", "", "https://github.com", true)]
    [InlineData("git@github.example.com:OWNER/REPO.git", "", "https://github.example.com", false)]
    [InlineData("OWNER/REPO", "", "", false)]
    [InlineData("https://github.example.com/OWNER/REPO", "--github-app-id=1 --github-app-key=KEY", "", false)]
    public async Task A_token_for_GitHub_is_for_no_other_API(string repository, string more, string server, bool isRefused)
    {
        using var folder = new TemporaryFolder();
        var reading = ReadAsync(
            RepositorySelection.GitHub,
            new Dictionary<string, string> { ["GITHUB_TOKEN"] = "ghp_ambient", ["GITHUB_SERVER_URL"] = server },
            ["--repository", repository, .. more.Replace("KEY", folder.Write("key", "a key"), StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        var error = isRefused ? (await Assert.ThrowsAsync<InvalidOperationException>(() => reading)).Message : "";
        Assert.Equal(isRefused, error.Contains("The token in GITHUB_TOKEN is not sent to github.example.com", StringComparison.Ordinal));
        Assert.True(isRefused || await reading is { Token: "ghp_ambient" } or { App: not null, Token: null });
    }

    private static Task<OidcOptions> OptionsAsync(params string[] arguments) => ReadAsync(static values => new OidcOptions(values), new Dictionary<string, string>(), ["--repository", "OWNER/REPO", .. arguments]);

    /// <summary>Each option with its value.</summary>
    private static IEnumerable<string> Describe(object options, string path = "") => options.GetType().GetProperties().SelectMany(property => property.GetValue(options) switch
    {
        IssuerReaderOptions or SitePlanOptions or VerificationOptions => Describe(property.GetValue(options)!, $"{property.Name}."),
        IEnumerable<object> list => [$"{path}{property.Name}: {string.Join(", ", list)}"],
        var value => [$"{path}{property.Name}: {value}"],
    });

    /// <summary>The options that the settings of publish result in.</summary>
    /// <exception cref="InvalidOperationException">They are refused; the errors.</exception>
    internal static async Task<T> ReadAsync<T>(Func<SettingValues, T> read, IReadOnlyDictionary<string, string> variables, params string[] arguments)
    {
        var made = new List<T>();
        var (_, error) = await RunAsync(OidcCommands.Publish with { Configure = (_, values) => made.Add(read(values)) }, variables, arguments);
        return made is [var one] ? one : throw new InvalidOperationException(error);
    }

    private static Task<(int Exit, string Error)> RunAsync(params string[] arguments) => RunAsync(OidcCommands.Publish, arguments);

    private static Task<(int Exit, string Error)> RunAsync(JobCommand command, params string[] arguments) => RunAsync(command, new Dictionary<string, string>(), arguments);

    private static async Task<(int Exit, string Error)> RunAsync(JobCommand command, IReadOnlyDictionary<string, string> variables, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exit = await new JobApplication("oidc", "Test.", command).RunAsync(
            ["publish", "--log-format", "text", .. arguments],
            new JobEnvironment { Variables = variables, Output = output, Error = error, TerminationLog = "", ConfigDirectory = "/nowhere" });
        return (exit, error.ToString());
    }
}
