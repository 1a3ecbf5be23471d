using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.Hosting;
using ClusterTrust.Kubernetes;

namespace ClusterTrust.CertSync.Cluster;

/// <summary>Lists Secrets by their metadata alone, a page at a time: no key and no certificate leaves the API server.</summary>
/// <param name="kubernetes">The API server.</param>
/// <param name="query">What to ask for.</param>
public sealed class SecretLister(KubernetesConnection kubernetes, SecretQuery query) : ISecretLister
{
    private const string MetadataOnly = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

    /// <summary>How often a list is begun or resumed anew because it took longer than the API server remembers.</summary>
    private const int MostRestarts = 5;

    private readonly ClusterJson json = ClusterJson.Keeping(
    [
        query.CertificateAnnotation,
        Annotations.CertificateName,
        Annotations.Enabled,
        Annotations.Name,
        Annotations.Vault,
        Annotations.NextPrivateKeyLabel,
    ]);

    /// <summary>Lists them.</summary>
    /// <returns>The Secrets, and the named namespaces that could not be listed.</returns>
    /// <exception cref="JobException">The whole cluster was to be listed, and could not be.</exception>
    public async Task<SecretListing> ListAsync(CancellationToken cancellation = default)
    {
        var found = new SecretCollection();
        if (query.Namespaces is not { } namespaces)
        {
            await ListAsync(null, found, cancellation);
            return new SecretListing(found.ToImmutable(), []);
        }

        var incomplete = ImmutableArray.CreateBuilder<NamespaceFault>();
        foreach (var name in namespaces)
        {
            try
            {
                await ListAsync(name, found, cancellation);
            }
            catch (KubernetesException e)
            {
                incomplete.Add(new NamespaceFault(name, e.Message));
            }
        }

        return new SecretListing(found.ToImmutable(), incomplete.ToImmutable());
    }

    private async Task ListAsync(string? @namespace, SecretCollection found, CancellationToken cancellation)
    {
        await ListAsync(@namespace, TlsSecretRef.TlsType, found, cancellation);
        if (query.IncludeOpaque)
        {
            await ListAsync(@namespace, TlsSecretRef.OpaqueType, found, cancellation);
        }
    }

    private async Task ListAsync(string? @namespace, string type, SecretCollection found, CancellationToken cancellation)
    {
        string? token = null;
        var restarts = 0;
        var pageSize = query.PageSize;
        do
        {
            try
            {
                var page = await kubernetes.GetJsonAsync(PathOf(@namespace, type, token, pageSize), json.MetadataPage, cancellation, MetadataOnly);
                token = page.Metadata?.Continue ?? "";
                if (found.Add(page, type) is { } fault && token != "")
                {
                    throw new KubernetesException($"The list of Secrets of {kubernetes.Server.Authority} {fault}: see what answers there, or select fewer with --namespace.");
                }
            }
            catch (KubernetesException e) when (e.IsTooLong && pageSize > 1)
            {
                // Any tenant may put 256 KiB of annotations on each of many Secrets. A token goes with any limit.
                pageSize /= 2;
            }
            catch (KubernetesException e) when (e.IsTooLong && found.Last is { } last)
            {
                throw new KubernetesException(
                    $"A single Secret, the next after {last} in the order of namespaces and names, is longer than can be read: delete it, or leave its namespace out with --exclude-namespace. {e.Message}", ExitCode.Failed, e);
            }
            catch (KubernetesException e) when (e.Status == HttpStatusCode.Gone && !string.IsNullOrEmpty(token) && restarts < MostRestarts)
            {
                // The token that comes with the 410 goes on from the same place in the present state; without one the list starts
                // anew. Secrets made meanwhile before that place are missed until the next run, but none that existed all along.
                restarts++;
                token = e.Continue;
            }
        }
        while (token != "");
    }

    /// <param name="namespace">The namespace; null for the whole cluster.</param>
    /// <param name="type">The type of Secret.</param>
    /// <param name="token">Of the page; null for the first one.</param>
    /// <param name="pageSize">Secrets a page.</param>
    private string PathOf(string? @namespace, string type, string? token, int pageSize)
    {
        var path = new StringBuilder(@namespace is null ? "/api/v1/secrets" : $"/api/v1/namespaces/{Uri.EscapeDataString(@namespace)}/secrets")
            .Append(CultureInfo.InvariantCulture, $"?limit={pageSize}&fieldSelector={Uri.EscapeDataString($"type={type}")}");
        foreach (var excluded in @namespace is null ? query.ExcludedNamespaces : [])
        {
            path.Append(Uri.EscapeDataString($",metadata.namespace!={excluded}"));
        }

        if (!string.IsNullOrEmpty(query.LabelSelector))
        {
            path.Append("&labelSelector=").Append(Uri.EscapeDataString(query.LabelSelector));
        }

        if (token is not null)
        {
            path.Append("&continue=").Append(Uri.EscapeDataString(token));
        }

        return path.ToString();
    }
}
