using ClusterTrust.Hosting;
using ClusterTrust.Hosting.Settings;
using Microsoft.Extensions.Logging;

namespace ClusterTrust.Shared.Tests.Hosting.Settings;

public sealed class SettingFormTests
{
    private const string F = "--some-flag";

    [Fact]
    public void All_names_derive_from_the_flag()
    {
        var setting = Setting.Text("--retain-removed-keys", "");
        Assert.Equal("CERTSYNC_RETAIN_REMOVED_KEYS", setting.EnvironmentName("CERTSYNC_"));
        Assert.Equal("retainRemovedKeys", setting.JsonKey);
        Assert.Equal("url", Setting.Text("--url", "").JsonKey);
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("Yes", true)]
    [InlineData("1", true)]
    [InlineData("FALSE", false)]
    [InlineData("no", false)]
    [InlineData("0", false)]
    public void A_switch_accepts_the_usual_words(string text, bool value) =>
        Assert.Equal(Parsed.Value(value), Setting.Switch(F, "").Parse(text));

    [Theory]
    [InlineData("7", 7, null)]
    [InlineData("0", 0, "must be a whole number from 1 to 10")]
    [InlineData("11", 0, "must be a whole number from 1 to 10")]
    [InlineData("1.5", 0, "must be a whole number from 1 to 10")]
    [InlineData("1,000", 0, "must be a whole number from 1 to 10")]
    [InlineData("99999999999", 0, "must be a whole number from 1 to 10")]
    public void A_number_has_bounds(string text, int value, string? fault) =>
        Assert.Equal(new Parsed<int>(value, fault), Setting.Number(F, "", 1, 10).Parse(text));

    [Fact]
    public void A_number_may_be_open_above() =>
        Assert.Equal("must be a whole number of at least 1", Setting.Number(F, "", 1).Parse("x").Fault);

    [Fact]
    public void A_duration_has_bounds()
    {
        var setting = Setting.Duration(F, "", TimeSpan.FromMinutes(1), TimeSpan.FromHours(2));
        Assert.Equal(TimeSpan.FromMinutes(90), setting.Parse("1h30m").Value);
        Assert.Equal("must be a duration from 1m to 2h, written like 24h, 30m or 1h30m", setting.Parse("3h").Fault);
    }

    [Theory]
    [InlineData("https://example.org/a", null)]
    [InlineData("http://example.org/a", "must be an https URL")]
    [InlineData("example.org", "must be an https URL")]
    [InlineData("https://me:pass@example.org", "must be an https URL")]
    [InlineData("https://example.org?x=1", "must be an https URL")]
    [InlineData("https://example.org#x", "must be an https URL")]
    public void A_url_is_https_and_plain(string text, string? fault)
    {
        var parsed = Setting.Url(F, "", "https").Parse(text);
        if (fault is null)
        {
            Assert.Equal(text, parsed.Value.OriginalString);
        }

        Assert.StartsWith(fault ?? "", parsed.Fault ?? "", StringComparison.Ordinal);
        Assert.Equal(fault is null, parsed.Fault is null);
    }

    [Fact]
    public void A_file_must_be_readable_unless_switched_off()
    {
        var folder = Directory.CreateTempSubdirectory("hosting-").FullName;
        try
        {
            var file = Path.Combine(folder, "there");
            File.WriteAllText(file, "");
            Assert.Null(Setting.FilePath(F, "").Parse(file).Fault);
            Assert.Equal("must name a file that exists", Setting.FilePath(F, "").Parse(file + "x").Fault);
            Assert.Equal("must name a file that exists", Setting.FilePath(F, "").Parse(folder + "x/y").Fault);
            Assert.Null(Setting.FilePath(F, "", mustBeReadable: false).Parse("/no/such").Fault);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("info", LogLevel.Information)]
    [InlineData("Information", LogLevel.Information)]
    [InlineData("warn", LogLevel.Warning)]
    [InlineData("none", LogLevel.None)]
    public void A_choice_has_names_and_accepts_further_ones(string text, LogLevel level) =>
        Assert.Equal(level, CommonSettings.LogLevel.Parse(text).Value.Minimum);

    [Fact]
    public void An_unknown_choice_lists_the_choices()
    {
        var fault = CommonSettings.LogLevel.Parse("eror").Fault;
        Assert.Equal("must be trace, debug, information, warning, error or none (did you mean error?)", fault);
    }

    [Theory]
    [InlineData("info,ClusterTrust.Kubernetes=eror", "must be trace, debug, information, warning, error or none (did you mean error?), and not 'eror'")]
    [InlineData("info,=debug", "must name a category before each '=', such as ClusterTrust.Kubernetes=debug, with one '*' at most")]
    [InlineData("info,debug", "must give one level for all categories")]
    [InlineData("Azure=info,azure=debug", "must name the category azure once")]
    public void An_invalid_level_of_a_category_is_a_fault(string text, string fault) => Assert.Equal(fault, CommonSettings.LogLevel.Parse(text).Fault);

    [Fact]
    public void An_enum_is_named_in_kebab_case()
    {
        var setting = Setting.Choice<LogFormat>(F, "");
        Assert.Equal("auto|json|text", setting.Placeholder);
        Assert.Equal(LogFormat.Json, setting.Parse("json").Value);
        Assert.NotNull(setting.Parse("1").Fault);
    }

    [Fact]
    public void Required_default_and_optional_are_chosen_by_the_caller()
    {
        Assert.True(Setting.Text(F, "").IsRequired);
        Assert.Null(Setting.Text(F, "").Optional().Default);
        var number = Setting.Number(F, "", 1, 3).WithAlias("OTHER").Optional();
        Assert.Null(number.Default);
        Assert.Null(number.DefaultText);
        Assert.Equal(3, number.Parse("3").Value);
        Assert.Equal("must be a whole number from 1 to 3", number.Parse("4").Fault);
        Assert.Equal([new("OTHER", Parse: null)], number.Aliases);
        Assert.Equal("1h30m", Setting.Duration(F, "").WithDefault(TimeSpan.FromMinutes(90)).DefaultText);
    }
}
