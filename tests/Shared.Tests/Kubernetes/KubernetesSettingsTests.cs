using ClusterTrust.Hosting.Settings;
using ClusterTrust.Kubernetes;

namespace ClusterTrust.Shared.Tests.Kubernetes;

public sealed class KubernetesSettingsTests
{
    [Fact]
    public void Flags_become_options()
    {
        var values = new SettingValues("CERTSYNC_");
        values.Set(KubernetesSettings.Kubeconfig, "/some/file", new SettingOrigin(SettingSource.Flag, "--kubeconfig"));
        values.Set(KubernetesSettings.Context, null, new SettingOrigin(SettingSource.Default, "--context"));

        var options = KubernetesSettings.Options(values, "certsync");

        Assert.Equal(new KubernetesOptions { KubeconfigPath = "/some/file", UserAgent = "certsync" }, options);
    }

    [Fact]
    public void The_environments_kubeconfig_does_not_pose_as_the_flag() =>
        Assert.All(KubernetesSettings.All, static setting => Assert.Empty(setting.AliasNames));
}
