using System.Text;

namespace ClusterTrust.Shared.Tests.Kubernetes;

/// <summary>A test with kubeconfigs for its API server.</summary>
public abstract class KubeconfigTest : ClusterTest
{
    /// <summary>Writes a kubeconfig with one context.</summary>
    /// <param name="user">The user's entries in YAML's flow style.</param>
    /// <param name="more">More entries of the cluster, each with a comma after it.</param>
    private protected string Config(string user, string more = "", string path = "config", string? authority = null)
    {
        var trust = authority ?? (more.Contains("certificate-authority", StringComparison.Ordinal) ? "" : $"certificate-authority-data: {Base64(Cluster.Authority.CertificatePem)},");
        return Cluster.Write(path, $$"""
            apiVersion: v1
            kind: Config
            current-context: main
            contexts:
            - name: main
              context: {cluster: here, user: admin, namespace: team-a}
            clusters:
            - name: here
              cluster: { {{trust}} {{more}} server: "{{Cluster.Server.LoopbackAddress}}" }
            users:
            - name: admin
              user: { {{user}} }
            """);
    }

    private protected static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
