namespace ClusterTrust.Sandbox.Clusters;

/// <summary>The manifests of both jobs in a cluster, by kubectl: under names with a prefix and a label, the CronJobs suspended.</summary>
/// <param name="prefix">Of every name, with a hyphen at its end; without it the label's value.</param>
internal sealed class ManifestInstallation(string kubeconfig, TemporaryFolder folder, string prefix)
{
    private bool _isApplied;

    public static async Task<string> KubectlAsync(string kubeconfig, IEnumerable<string> arguments, string input = "")
    {
        // An exec plugin of the kubeconfig finds its own files and settings (AWS_PROFILE, KUBECACHEDIR) as usual; this process's CA is the sandbox's.
        await using var kubectl = new BinaryRunner(Tools.Find("kubectl", "kubernetes-client")).InheritEnvironment();
        kubectl.Environment.Remove("SSL_CERT_FILE");
        var output = await kubectl.RunAsync(["--kubeconfig", kubeconfig, .. arguments], input: Encoding.UTF8.GetBytes(input));
        return output.ExitCode == 0 ? output.StandardOutput : throw new InvalidOperationException($"kubectl {string.Join(' ', arguments)}: {output.StandardError.Trim()}");
    }

    public Task<string> KubectlAsync(IEnumerable<string> arguments, string input = "") => KubectlAsync(kubeconfig, arguments, input);

    public async Task ApplyAsync(string space)
    {
        var root = Path.GetRelativePath(folder.Path, Binaries.RepositoryRoot(AppContext.BaseDirectory));
        folder.Write("kustomization.yaml", $"""
            apiVersion: kustomize.config.k8s.io/v1beta1
            kind: Kustomization
            namespace: {space}
            namePrefix: {prefix}
            resources:
              - {root}/manifests/namespace
              - {root}/manifests/oidc
              - {root}/manifests/certsync
            components:
              - {root}/kustomize/components/oidc/events
              - {root}/kustomize/components/certsync/cluster-wide-rbac
              - {root}/kustomize/components/certsync/events
            labels:
              - pairs:
                  {GivenCluster.Label}: {prefix.TrimEnd('-')}
            patches:
              - target:
                  kind: CronJob
                patch: |
                  - op: add
                    path: /spec/suspend
                    value: true

            """);

        // Rendered once: what is removed is what was applied, even if the manifests change meanwhile.
        folder.Write("rendered.yaml", await KubectlAsync(["kustomize", folder.Path]));
        _isApplied = true;
        await KubectlAsync(["apply", "-f", folder.Combine("rendered.yaml")]);
    }

    /// <summary>The commands that delete what was applied, without waiting for it to be gone.</summary>
    public IEnumerable<string[]> Removal => _isApplied ? [["delete", "-f", folder.Combine("rendered.yaml"), "--ignore-not-found", "--wait=false"]] : [];
}
