namespace ClusterTrust.Shared.Tests.Hosting.Logging;

public sealed class LogLineTests
{
    private static readonly Action<ILogger, string, int, bool, Exception?> Imported = LoggerMessage.Define<string, int, bool>(
        LogLevel.Warning,
        new(42, "CertificateImported"),
        "imported {Name} with {ChainLength} certificates, exportable {Exportable}");

    [Fact]
    public async Task A_JSON_line_has_the_message_its_fields_its_event_and_its_scopes()
    {
        var line = JsonNode.Parse(Assert.Single(await LinesAsync("--log-level", "warning")))!.AsObject();
        Assert.Equal(["timestamp", "level", "category", "eventId", "event", "message", "runId", "fields", "scope"], line.Select(static property => property.Key));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", (string?)line["timestamp"]);
        Assert.Equal(("warning", "the.category", 42, "CertificateImported"), ((string?)line["level"], (string?)line["category"], (int)line["eventId"]!, (string?)line["event"]));
        Assert.Equal("imported web tls with 3 certificates, exportable True", (string?)line["message"]);
        Assert.Equal("""{"name":"web tls","chainLength":3,"exportable":true}""", line["fields"]!.ToJsonString());
        Assert.Equal("""{"cluster":"a","vault":"inner","text":"words"}""", line["scope"]!.ToJsonString());
    }

    [Fact]
    public async Task A_text_line_has_the_time_the_level_and_the_message_in_one_line() => Assert.Matches(
        @"^\d\d:\d\d:\d\d warn  imported web tls with 3 certificates, exportable True$", Assert.Single(await LinesAsync("--log-level", "warning", "--log-format", "text")));

    [Theory]
    [InlineData(true, null, null, true)]
    [InlineData(true, "1", null, false)]
    [InlineData(true, "", null, true)]
    [InlineData(true, null, "dumb", false)]
    [InlineData(false, null, null, false)]
    public async Task Colors_are_for_terminals_unless_they_are_switched_off(bool isTerminal, string? noColor, string? term, bool hasColors)
    {
        using var application = Application();
        application.IsTerminal = isTerminal;
        application.Set("NO_COLOR", noColor);
        application.Set("TERM", term);
        await application.PrintAsync("--cluster", "a");
        Assert.Equal(hasColors, application.Error.ToString().Contains('\e'));
        Assert.Equal(!isTerminal, application.ErrorLines[0].StartsWith('{'));
    }

    [Theory]
    [InlineData("none", 0)]
    [InlineData("warn", 1)]
    [InlineData("debug", 3)]
    [InlineData("warning,cert=debug", 3)]
    [InlineData("the.category=error", 1)]
    [InlineData("debug,the.category=none", 2)]
    [InlineData("none,THE.CATEGORY=warn", 1)]
    [InlineData("Default=none", 0)]
    public async Task The_level_of_the_category_decides_what_is_logged(string level, int lines) => Assert.Equal(lines, (await LinesAsync("--log-level", level)).Length);

    [Fact]
    public async Task Every_line_names_the_run_and_the_cluster() => Assert.All(
        (await LinesAsync("--log-level", "trace")).Select(static text => JsonNode.Parse(text)!),
        static line => Assert.Equal((12, "a"), (((string)line["runId"]!).Length, (string?)line["scope"]!["cluster"])));

    private static async Task<string[]> LinesAsync(params string[] more)
    {
        using var application = Application();
        await application.PrintAsync(["--cluster", "a", .. more]);
        return application.ErrorLines;
    }

    private static TestApplication Application() => new((services, _) =>
    {
        var log = services.GetRequiredService<ILoggerFactory>().CreateLogger("the.category");
        using var outer = log.BeginScope(new Dictionary<string, object?> { ["Vault"] = "outer" });
        using var inner = log.BeginScope(new Dictionary<string, object?> { ["Vault"] = "inner" });
        using var words = log.BeginScope("words");
        Imported(log, "web\ntls", 3, true, new IOException("kept back"));
        return Task.FromResult(JobResult.Done("done"));
    });
}
