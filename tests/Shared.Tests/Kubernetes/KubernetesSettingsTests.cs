namespace ClusterTrust.Shared.Tests.Kubernetes;

public sealed class KubernetesSettingsTests
{
    [Fact]
    public void Settings_become_options_and_those_not_set_keep_their_defaults()
    {
        Assert.Equal(
            new KubernetesOptions { KubeconfigPath = "/some/file", UserAgent = "certsync", TryTimeout = TimeSpan.FromSeconds(7), Attempts = 3 },
            Options("/some/file", TimeSpan.FromSeconds(7), 2));
        Assert.Equal(new KubernetesOptions { UserAgent = "certsync" }, Options(null, null, null));
    }

    [Fact]
    public void KUBECONFIG_is_not_an_alias_of_the_flag() => Assert.All(KubernetesSettings.All, static setting => Assert.Empty(setting.Aliases));

    private static KubernetesOptions Options(string? kubeconfig, TimeSpan? timeout, int? retries)
    {
        var values = new SettingValues("CERTSYNC_", new Dictionary<string, string>());
        foreach (var (setting, value) in new (Setting, object?)[] { (KubernetesSettings.Kubeconfig, kubeconfig), (KubernetesSettings.Context, null), (RequestSettings.Timeout, timeout), (RequestSettings.Retries, retries) })
        {
            values.Set(setting, Parsed.Value(value), setting.Flag);
        }

        return KubernetesSettings.Options(values, "certsync");
    }
}
