namespace ClusterTrust.Shared.Tests.Hosting.Settings;

public sealed class SettingFormTests
{
    private const string F = "--some-flag";

    private static readonly Dictionary<string, Func<string, string>> Forms = new()
    {
        ["switch"] = Parser(Setting.Switch(F, "")),
        ["number from 1 to 10"] = Parser(Setting.Number(F, "", 1, 10)),
        ["number from 1"] = Parser(Setting.Number(F, "", 1)),
        ["optional number"] = Parser(Setting.Number(F, "", 1, 3).Optional()),
        ["duration"] = Parser(Setting.Duration(F, "", TimeSpan.FromMinutes(1), TimeSpan.FromHours(2))),
        ["url"] = Parser(Setting.Url(F, "", "https")),
        ["enum"] = Parser(Setting.Choice<LogFormat>(F, "")),
        ["level"] = text => CommonSettings.LogLevel.Parse(text) is { Fault: null } parsed ? $"{parsed.Value.Minimum}" : CommonSettings.LogLevel.Parse(text).Fault!,
    };

    [Fact]
    public void All_names_derive_from_the_flag()
    {
        var setting = Setting.Text("--retain-removed-keys", "");
        Assert.Equal("CERTSYNC_RETAIN_REMOVED_KEYS", setting.EnvironmentName("CERTSYNC_"));
        Assert.Equal("retainRemovedKeys", setting.JsonKey);
        Assert.Equal("url", Setting.Text("--url", "").JsonKey);
        Assert.Equal("auto|json|text", Setting.Choice<LogFormat>(F, "").Placeholder);
    }

    [Theory]
    [InlineData("switch", "Yes", "True"), InlineData("switch", "1", "True"), InlineData("switch", "no", "False"), InlineData("switch", "0", "False")]
    [InlineData("number from 1 to 10", "7", "7")]
    [InlineData("number from 1 to 10", "0", "must be a whole number from 1 to 10")]
    [InlineData("number from 1 to 10", "11", "must be a whole number from 1 to 10")]
    [InlineData("number from 1 to 10", "1,000", "must be a whole number from 1 to 10")]
    [InlineData("number from 1 to 10", "99999999999", "must be a whole number from 1 to 10")]
    [InlineData("number from 1", "x", "must be a whole number of at least 1")]
    [InlineData("optional number", "3", "3")]
    [InlineData("optional number", "4", "must be a whole number from 1 to 3")]
    [InlineData("duration", "1h30m", "01:30:00")]
    [InlineData("duration", "3h", "must be a duration from 1m to 2h, written like 24h, 30m or 1h30m")]
    [InlineData("url", "https://example.org/a", "https://example.org/a")]
    [InlineData("url", "http://example.org/a", "must be an https URL")]
    [InlineData("url", "example.org", "must be an https URL")]
    [InlineData("url", "https://me:pass@example.org", "must be an https URL")]
    [InlineData("url", "https://example.org?x=1", "must be an https URL")]
    [InlineData("url", "https://example.org#x", "must be an https URL")]
    [InlineData("enum", "json", "Json")]
    [InlineData("enum", "1", "must be auto, json or text")]
    [InlineData("level", "info", "Information")]
    [InlineData("level", "warn", "Warning")]
    [InlineData("level", "eror", "must be trace, debug, information, warning, error or none (did you mean error?)")]
    [InlineData("level", "info,ClusterTrust.Kubernetes=eror", "must be trace, debug, information, warning, error or none (did you mean error?), and not 'eror'")]
    [InlineData("level", "info,=debug", "must name a category before each '=', such as ClusterTrust.Kubernetes=debug, with one '*' at most")]
    [InlineData("level", "info,debug", "must give one level for all categories")]
    [InlineData("level", "Azure=info,azure=debug", "must name the category azure once")]
    public void A_text_has_a_value_or_a_fault(string form, string text, string expected) => Assert.StartsWith(expected, Forms[form](text), StringComparison.Ordinal);

    [Fact]
    public void A_file_must_be_readable_unless_switched_off()
    {
        using var folder = new TemporaryFolder();
        Assert.Null(Setting.FilePath(F, "").Parse(folder.Write("there", "")).Fault);
        Assert.Equal("must name a file that exists", Setting.FilePath(F, "").Parse(folder.Combine("x")).Fault);
        Assert.Equal("must name a file that exists", Setting.FilePath(F, "").Parse(folder.Combine("x", "y")).Fault);
        Assert.Null(Setting.FilePath(F, "", mustBeReadable: false).Parse("/no/such").Fault);
    }

    [Fact]
    public void Required_default_and_optional_are_chosen_by_the_caller()
    {
        Assert.True(Setting.Text(F, "").IsRequired);
        Assert.Null(Setting.Text(F, "").Optional().Default);
        var number = Setting.Number(F, "", 1, 3).WithAlias("OTHER").Optional();
        Assert.Null(number.Default);
        Assert.Null(number.DefaultText);
        Assert.Equal([new("OTHER", Parse: null)], number.Aliases);
        Assert.Equal("1h30m", Setting.Duration(F, "").WithDefault(TimeSpan.FromMinutes(90)).DefaultText);
    }

    private static Func<string, string> Parser<T>(Setting<T> setting) => text => setting.Parse(text) is { Fault: null } parsed ? $"{parsed.Value}" : setting.Parse(text).Fault!;
}
