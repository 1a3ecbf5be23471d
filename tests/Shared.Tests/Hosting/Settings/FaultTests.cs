namespace ClusterTrust.Shared.Tests.Hosting.Settings;

public sealed class FaultTests : IDisposable
{
    private readonly TestApplication _application = new();

    public void Dispose() => _application.Dispose();

    [Fact]
    public async Task All_faults_are_reported_at_once_each_with_its_setting()
    {
        var file = _application.WriteFile("""{"maxRetries": 11, "vaults": ["a"], "cluster": {}}""");
        _application.Variables["CERTSYNC_RETAIN_REMOVED_KEYS"] = "soon";

        await AssertFaultsAsync(
            ["--output", "xml ", "--prun"],
            "--prun is not an option; did you mean --prune?",
            $"\"vaults\" in {file} is not a setting; did you mean \"vault\"?",
            $"\"cluster\" in {file} must be a JSON string, number, true or false",
            "CERTSYNC_RETAIN_REMOVED_KEYS must be a duration, written like 24h, 30m or 1h30m, not 'soon'",
            $"\"maxRetries\" in {file} must be a whole number from 0 to 10, not '11'",
            "--output must be table or json, not 'xml', which begins or ends with a blank");
    }

    /// <summary>By the check across settings, too, and without the value of a secret.</summary>
    [Theory]
    [InlineData("CERTSYNC_RETAIN_REMOVED_KEYS", "31d", "must be at most 30 days")]
    [InlineData("CERTSYNC_HUB_TOKEN", "   ", "must not be blank")]
    [InlineData("CERTSYNC_VAULT", " ", "must not be blank")]
    [InlineData("CERTSYNC_VAULT", " , ", "must not be blank")]
    public async Task A_fault_of_a_variable_names_it(string variable, string value, string fault)
    {
        _application.Variables[variable] = value;
        await AssertFaultsAsync(["--cluster", "a"], $"{variable} {fault}");
    }

    [Theory]
    [InlineData("{", "the configuration file {file} is invalid JSON at line 1, byte 2")]
    [InlineData("[]", "the configuration file {file} must contain a JSON object such as {\"logLevel\": \"debug\"}")]
    [InlineData("""{"prune": true, "prune": true}""", "\"prune\" in {file} must occur once; it occurs twice")]
    [InlineData("""{"prune": {}}""", "\"prune\" in {file} must be a JSON string, number, true or false")]
    [InlineData("""{"vault": [["a"]]}""", "\"vault\" in {file} must be a JSON array of strings")]
    [InlineData("""{"vault": ["\ud800"]}""", "the configuration file {file} must be valid UTF-8, without unpaired surrogates and NUL characters")]
    [InlineData("""{"vault": ["a\u0000b"]}""", "the configuration file {file} must be valid UTF-8, without unpaired surrogates and NUL characters")]
    [InlineData("""{"vault": ["a", " "]}""", "\"vault\" in {file} must not be blank")]
    [InlineData("""{"metricsFile": ""}""", "\"metricsFile\" in {file} must be the path of a file")]
    [InlineData("""{"logLevel": "info,*a*=debug"}""", "\"logLevel\" in {file} must name a category before each '=', such as ClusterTrust.Kubernetes=debug, with one '*' at most, not 'info,*a*=debug'")]
    [InlineData("""{"zzzzzzzz": 1}""", "\"zzzzzzzz\" in {file} is not a setting; --help lists the keys")]
    [InlineData("""{"config": "x"}""", "\"config\" in {file} is not a setting; --help lists the keys")]
    public async Task A_fault_of_the_file_names_its_path(string json, string fault)
    {
        var file = _application.WriteFile(json);
        await AssertFaultsAsync(["--cluster", "a"], fault.Replace("{file}", file, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_in_another_encoding_is_a_fault_and_one_with_a_byte_order_mark_is_not()
    {
        var file = _application.WriteFile("");
        await File.WriteAllBytesAsync(file, System.Text.Encoding.Latin1.GetBytes("""{"cluster": "Zürich"}"""));
        await AssertFaultsAsync([], $"the configuration file {file} must be valid UTF-8, without unpaired surrogates and NUL characters");
        await File.WriteAllTextAsync(file, """{"cluster": "Zürich"}""", System.Text.Encoding.UTF8);
        Assert.Equal(0, await _application.RunAsync());
    }

    [Theory]
    [InlineData("plann", "'plann' is not a command; did you mean plan?")]
    [InlineData("quux", "'quux' is not a command; the commands are sync, plan and completion")]
    [InlineData("sync --cluster a extra", "'extra' is not expected after the command sync")]
    [InlineData("--cluster", "--cluster requires a value: --cluster NAME")]
    [InlineData("--cluster a --output", "--output requires a value: --output table|json")]
    [InlineData("--cluster a --cluster b", "--cluster must be given once; it is given 2 times")]
    [InlineData("plan --cluster a --max-retries 2", "--max-retries is not an option of the command plan")]
    [InlineData("--cluster a --clutser b", "--clutser is not an option; did you mean --cluster?")]
    [InlineData("[suggest:x]", "'[suggest:x]' is not a command; the commands are sync, plan and completion")]
    [InlineData("--cluster a --config /no/such.json", "--config must name a file that exists, not '/no/such.json'")]
    [InlineData("--cluster a --hub-token=s3cret",
        "--hub-token is a secret and not taken from the command line; set CERTSYNC_HUB_TOKEN or \"hubToken\" in the configuration file")]
    public async Task A_wrong_command_line_is_one_sentence(string commandLine, string fault) =>
        await AssertFaultsAsync(commandLine.Split(' '), fault);

    [Fact]
    public async Task An_unknown_variable_with_the_prefix_is_a_warning_and_no_fault()
    {
        _application.Variables["CERTSYNC_PRUNES"] = "1";
        _application.Variables["CERTSYNC_SERVICE_HOST"] = "10.0.0.1";
        _application.Variables["CERTSYNC_PORT_443_TCP"] = "tcp://10.0.0.1:443";
        Assert.Equal(0, await _application.RunAsync("--cluster", "a", "--log-level", "warn"));
        var line = JsonNode.Parse(Assert.Single(_application.ErrorLines))!;
        Assert.Equal(
            ("warning", "the environment variable CERTSYNC_PRUNES is not a setting and is ignored; did you mean CERTSYNC_PRUNE?"),
            ((string?)line["level"], (string?)line["message"]));
    }

    [Fact]
    public async Task On_a_terminal_a_hint_at_the_help_follows_the_faults()
    {
        _application.IsTerminal = true;
        _application.Variables["NO_COLOR"] = "1";
        Assert.Equal(2, await _application.RunAsync("plan"));
        Assert.Equal(
            [
                "error: --cluster is required: set --cluster NAME, CERTSYNC_CLUSTER or \"cluster\" in the configuration file",
                "See 'certsync plan --help'.",
            ],
            _application.ErrorLines);
        Assert.Empty(_application.Output.ToString());
    }

    private async Task AssertFaultsAsync(string[] args, params string[] faults)
    {
        Assert.Equal(2, await _application.RunAsync(args));
        Assert.Equal(faults, _application.ErrorLines.Select(static line => (string?)JsonNode.Parse(line)!["message"]));
        Assert.Empty(_application.Output.ToString());
        Assert.Equal((2, string.Join("; ", faults)), ((int)_application.Summary["exitCode"]!, (string?)_application.Summary["message"]));
    }
}
