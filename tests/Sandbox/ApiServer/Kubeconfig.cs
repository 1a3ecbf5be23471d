using System.Text;

namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>Writes a kubeconfig that needs no other file.</summary>
internal static class Kubeconfig
{
    /// <summary>The one context's name.</summary>
    public const string Context = "sandbox";

    /// <param name="server">The API server's address.</param>
    /// <param name="authorityPem">The CA that signed its certificate.</param>
    /// <param name="token">Bearer token.</param>
    /// <param name="space">Namespace of the context.</param>
    public static string Text(Uri server, string authorityPem, string token, string space) =>
        $"""
        apiVersion: v1
        kind: Config
        current-context: {Context}
        clusters:
        - name: {Context}
          cluster:
            server: {server.GetLeftPart(UriPartial.Authority)}
            certificate-authority-data: {Convert.ToBase64String(Encoding.ASCII.GetBytes(authorityPem))}
        contexts:
        - name: {Context}
          context:
            cluster: {Context}
            user: {Context}
            namespace: {space}
        users:
        - name: {Context}
          user:
            token: {token}

        """;
}
