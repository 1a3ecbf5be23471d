using ClusterTrust.Hosting.Settings;

namespace ClusterTrust.Docs.Tests;

/// <summary>The options.env beside each base lists what its ConfigMap may hold, in the words of <c>--help</c>.</summary>
public sealed class OptionsPageTests
{
    public static TheoryData<string, string> Pages => new()
    {
        { "oidc", Write("oidc", OidcCommands.Publish.Settings) },
        { "certsync", Write("certsync", [.. CertSyncCommands.Sync.Settings, .. CertSyncCommands.Verify.Settings]) },
    };

    [Theory]
    [MemberData(nameof(Pages))]
    public void The_list_is_what_the_code_declares(string job, string list) => Repository.AssertUpToDate($"manifests/{job}/options.env", list);

    private static string Write(string job, IEnumerable<Setting> settings)
    {
        var text = new StringBuilder($"""
            # Every setting of {job} that a ConfigMap may hold. Copy what you need into your overlay's {job}.env, without the '#'.
            # Separate several values by commas. Passphrases, tokens and other secrets belong in a Secret: see the components.
            # Made from the code by 'make docs'.

            """);
        foreach (var setting in settings.Concat(CommonSettings.All).DistinctBy(static setting => setting.Flag).Where(static setting => !setting.IsSecret))
        {
            text.Append(null, $"\n# {setting.Description}\n");
            text.Append(setting is { IsSwitch: false, DefaultText: { } value } ? $"# Default: {value}\n" : "");
            text.Append(null, $"#{setting.EnvironmentName(job.ToUpperInvariant() + "_")}={(setting.IsSwitch ? "true" : setting.Placeholder)}\n");
        }

        return text.ToString();
    }
}
