namespace ClusterTrust.Shared.Tests.Hosting.Settings;

public sealed class PrecedenceTests : IDisposable
{
    private readonly TestApplication _application = new();

    public void Dispose() => _application.Dispose();

    [Theory]
    [InlineData("1", "2", "3", 1, "--max-retries")]
    [InlineData("1", null, "3", 1, "--max-retries")]
    [InlineData(null, "2", "3", 2, "CERTSYNC_MAX_RETRIES")]
    [InlineData(null, "", "4", 4, "\"maxRetries\" in {file}")]
    [InlineData(null, null, "4", 4, "\"maxRetries\" in {file}")]
    [InlineData(null, null, "null", 3, "--max-retries")]
    [InlineData(null, null, null, 3, "--max-retries")]
    public async Task A_flag_wins_over_the_environment_over_the_file_over_the_default(
        string? flag, string? variable, string? json, int value, string name)
    {
        var file = _application.WriteFile(json is null ? "{}" : $"{{\"maxRetries\": {json}}}");
        _application.Set("CERTSYNC_MAX_RETRIES", variable);
        string[] args = flag is null ? ["--cluster", "a"] : ["--cluster", "a", "--max-retries", flag];
        var values = await _application.ReadAsync(args);
        Assert.Equal(value, values.Get(TestApplication.Retries));
        Assert.Equal(name.Replace("{file}", file, StringComparison.Ordinal), values.NameOf(TestApplication.Retries));
    }

    [Theory]
    [InlineData("prod\n", "prod")]
    [InlineData("prod\r\n", "prod")]
    [InlineData("\n", "default")]
    public async Task The_last_line_end_of_a_variable_does_not_count(string variable, string value)
    {
        _application.WriteFile("""{"cluster": "default"}""");
        _application.Variables["CERTSYNC_CLUSTER"] = variable;
        Assert.Equal(value, (await _application.ReadAsync()).Get(TestApplication.Cluster));
    }

    [Fact]
    public async Task A_named_file_is_read_instead_of_the_default_one()
    {
        _application.WriteFile("""{"cluster": "default-file"}""");
        var named = _application.WriteFile("""{"cluster": "named-file"}""", "other.json");
        Assert.Equal("named-file", (await _application.ReadAsync("--config", named)).Get(TestApplication.Cluster));
        _application.Variables["CERTSYNC_CONFIG"] = named;
        Assert.Equal("named-file", (await _application.ReadAsync()).Get(TestApplication.Cluster));
    }

    [Fact]
    public async Task A_list_comes_from_repeated_flags_commas_in_the_environment_or_an_array()
    {
        _application.WriteFile("""{"vault": ["f1", "f2"], "cluster": "a"}""");
        Assert.Equal(["f1", "f2"], (await _application.ReadAsync()).Get(TestApplication.Vaults));
        _application.Variables["CERTSYNC_VAULT"] = "e1, e2,";
        Assert.Equal(["e1", "e2"], (await _application.ReadAsync()).Get(TestApplication.Vaults));
        Assert.Equal(["x", "y"], (await _application.ReadAsync("--vault", "x", "--vault=y")).Get(TestApplication.Vaults));
    }

    [Fact]
    public async Task An_alias_is_read_in_its_own_form_and_after_the_own_name()
    {
        _application.Variables["AZURE_KEY_VAULT_NAME"] = "a,b";
        var values = await _application.ReadAsync("--cluster", "a");
        Assert.Equal(["a,b"], values.Get(TestApplication.Vaults));
        Assert.Equal("AZURE_KEY_VAULT_NAME", values.NameOf(TestApplication.Vaults));
        _application.Variables["CERTSYNC_VAULT"] = "own";
        Assert.Equal(["own"], (await _application.ReadAsync("--cluster", "a")).Get(TestApplication.Vaults));
    }

    [Theory]
    [InlineData("--prune", true)]
    [InlineData("--prune=false", false)]
    [InlineData("--prune=yes", true)]
    public async Task A_switch_needs_no_value_and_takes_one(string flag, bool value)
    {
        _application.Variables["CERTSYNC_PRUNE"] = value ? "no" : "1";
        Assert.Equal(value, (await _application.ReadAsync("--cluster", "a", flag)).Get(TestApplication.Prune));
    }

    [Fact]
    public async Task Options_may_stand_before_the_command()
    {
        var values = await _application.ReadAsync("--cluster", "a", "--verbose", "plan", "--vault", "v");
        Assert.Equal("a", values.Get(TestApplication.Cluster));
        Assert.Equal(["v"], values.Get(TestApplication.Vaults));
    }

    [Fact]
    public async Task A_file_may_serve_several_commands()
    {
        _application.WriteFile("""{"cluster": "a", "prune": true, /* for sync */ }""");
        Assert.False((await _application.ReadAsync("plan")).TryGet(TestApplication.Prune, out _));
        Assert.True((await _application.ReadAsync("sync")).Get(TestApplication.Prune));
    }
}
