using ClusterTrust.Hosting.Settings;
using ClusterTrust.Kubernetes;

namespace ClusterTrust.Shared.Tests.Kubernetes;

public sealed class KubernetesSettingsTests
{
    [Fact]
    public void Flags_become_options()
    {
        var values = new SettingValues("CERTSYNC_", new Dictionary<string, string>());
        values.Set(KubernetesSettings.Kubeconfig, "/some/file", "--kubeconfig");
        values.Set(KubernetesSettings.Context, null, "--context");
        values.Set(RequestSettings.Timeout, TimeSpan.FromSeconds(7), "--request-timeout");
        values.Set(RequestSettings.Retries, 2, "--retries");

        var options = KubernetesSettings.Options(values, "certsync");

        Assert.Equal(
            new KubernetesOptions { KubeconfigPath = "/some/file", UserAgent = "certsync", TryTimeout = TimeSpan.FromSeconds(7), Attempts = 3 }, options);
    }

    [Fact]
    public void What_is_not_given_is_as_usual()
    {
        var values = new SettingValues("CERTSYNC_", new Dictionary<string, string>());
        values.Set(KubernetesSettings.Kubeconfig, null, "--kubeconfig");
        values.Set(KubernetesSettings.Context, null, "--context");
        values.Set(RequestSettings.Timeout, null, "--request-timeout");
        values.Set(RequestSettings.Retries, null, "--retries");

        Assert.Equal(new KubernetesOptions { UserAgent = "certsync" }, KubernetesSettings.Options(values, "certsync"));
    }

    [Fact]
    public void The_environments_kubeconfig_does_not_pose_as_the_flag() =>
        Assert.All(KubernetesSettings.All, static setting => Assert.Empty(setting.Aliases));
}
