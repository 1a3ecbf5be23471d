using ClusterTrust.Kubernetes;

namespace ClusterTrust.CertSync.Cluster;

/// <summary>Lists Secrets by their metadata alone, a page at a time: no key and no certificate leaves the API server.</summary>
/// <param name="includeEndpoints">Also keep the annotation <see cref="Annotations.Endpoints"/>, which only <c>verify</c> reads.</param>
/// <param name="pageSize">Secrets a page, at least 1. A page that is too long to be read is requested again with half as many.</param>
public sealed class SecretLister(KubernetesConnection kubernetes, SecretFilter filter, bool includeEndpoints = false, int pageSize = 500) : ISecretLister
{
    private const string MetadataOnly = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

    /// <summary>How often a list is resumed or started again because its continue token expired.</summary>
    private const int MaximumRestarts = 5;

    /// <summary>Pages after which the page size, reduced because of large Secrets, is doubled again.</summary>
    private const int PagesBeforeGrowth = 8;

    private readonly ClusterJson _json = ClusterJson.ForKeys(
    [
        filter.CertificateAnnotation,
        Annotations.CertificateName,
        Annotations.Enabled,
        Annotations.Name,
        Annotations.Vault,
        Annotations.NextPrivateKeyLabel,
        .. includeEndpoints ? [Annotations.Endpoints] : Array.Empty<string>(),
    ]);

    public async Task<SecretListing> ListAsync(CancellationToken cancellationToken)
    {
        var found = new SecretCollection(filter);
        var incomplete = ImmutableArray.CreateBuilder<NamespaceFault>();
        var unserved = 0;
        foreach (var name in (IReadOnlyList<string?>?)filter.NamespacesToList ?? [null])
        {
            try
            {
                await ListAsync(name, TlsSecretRef.TlsType, found, cancellationToken);
                if (filter.IncludeOpaque)
                {
                    await ListAsync(name, TlsSecretRef.OpaqueType, found, cancellationToken);
                }
            }
            catch (KubernetesException e) when (name is not null)
            {
                // A second namespace that is not served after all retries is not at fault: with the others' retries, the run would exceed its deadline.
                if (e is { MayRetry: true, Status: not HttpStatusCode.InternalServerError } && ++unserved > 1)
                {
                    throw;
                }

                incomplete.Add(new NamespaceFault(name, e.Message));
            }
        }

        return new SecretListing(found.ToImmutable(), [.. incomplete, .. found.TooLarge]);
    }

    private async Task ListAsync(string? @namespace, string type, SecretCollection found, CancellationToken cancellationToken)
    {
        string? token = null;
        var restarts = 0;
        var (limit, pages) = (pageSize, 0);
        do
        {
            try
            {
                var page = await kubernetes.GetJsonAsync(PathOf(@namespace, type, token, limit), _json.MetadataPage, cancellationToken, MetadataOnly);
                token = page.Metadata?.Continue ?? "";
                limit = ++pages % PagesBeforeGrowth == 0 ? Math.Min(2 * limit, pageSize) : limit;
                if (found.Add(page) is { } fault && token != "")
                {
                    throw new KubernetesException($"The list of Secrets of {kubernetes.Server.Authority} {fault}: check which server answers there, or select fewer namespaces with --namespace.");
                }
            }
            catch (KubernetesException e) when (e is { Status: HttpStatusCode.BadRequest, Reason: "BadRequest" } && token is null && !string.IsNullOrEmpty(filter.LabelSelector))
            {
                throw new JobException($"The API server does not accept the label selector '{Sanitizer.Sanitize(filter.LabelSelector)}': correct --label-selector. {e.Message}", ExitCode.Usage, e);
            }
            catch (KubernetesException e) when (e.IsTooLong && limit > 1)
            {
                // Any tenant may put 256 KiB of annotations on each of many Secrets; the pages after them grow again. A continue token is
                // valid with any limit.
                (limit, pages) = (limit / 2, 0);
            }
            catch (KubernetesException e) when (e.IsTooLong && found.Last is { } last)
            {
                throw new KubernetesException(
                    $"A single Secret, the next after {last} in order of namespace and name, is too large to be read: delete it, or exclude its namespace with --exclude-namespace. {e.Message}", ExitCode.Failed, e);
            }
            catch (KubernetesException e) when (e.Status == HttpStatusCode.Gone && !string.IsNullOrEmpty(token) && restarts < MaximumRestarts)
            {
                // The token in the 410 resumes at the same place in the current state; without one the list starts again. Secrets
                // created meanwhile before that place are missed until the next run, but none that existed all along.
                restarts++;
                token = e.Continue;
            }
        }
        while (token != "");
    }

    private string PathOf(string? @namespace, string type, string? token, int limit)
    {
        var omitted = (@namespace is null ? filter.NamespacesToOmit : []).Select(static excluded => $",metadata.namespace!={excluded}");
        (string Name, string? Value)[] query =
        [
            ("limit", limit.ToString(CultureInfo.InvariantCulture)),
            ("fieldSelector", $"type={type}{string.Concat(omitted)}"),
            ("labelSelector", filter.LabelSelector),
            ("continue", token),
        ];
        return (@namespace is null ? "/api/v1/secrets?" : $"/api/v1/namespaces/{Uri.EscapeDataString(@namespace)}/secrets?")
            + string.Join('&', query.Where(static part => !string.IsNullOrEmpty(part.Value)).Select(static part => $"{part.Name}={Uri.EscapeDataString(part.Value!)}"));
    }

    /// <summary>The Secrets listed so far, each once: a list that was resumed may show one again, in a newer version.</summary>
    private sealed class SecretCollection(SecretFilter filter)
    {
        /// <summary>
        /// Characters of the metadata. What a run derives from it (names, targets, lines and rows of the report) needs three times as much again:
        /// with this maximum it stays within the 192 MiB of the container, of which .NET uses three quarters for objects.
        /// </summary>
        private const long MaximumCharacters = 16 * 1024 * 1024;

        /// <summary>The part of this that does not depend on the length of a Secret's texts, in characters.</summary>
        private const int SecretCost = 300;

        private readonly Dictionary<(string Namespace, string Name), TlsSecretRef> _secrets = [];
        private readonly Dictionary<string, (bool IsSelected, long Cost, int Entries)> _sizes = new(StringComparer.Ordinal);
        private readonly HashSet<string> _tooLarge = new(StringComparer.Ordinal);
        private readonly ListingBudget _budget = new(MaximumCharacters);

        /// <summary>The Secret that was listed last, <c>namespace/name</c>; null before the first.</summary>
        public string? Last { get; private set; }

        /// <summary>The selected namespaces whose Secrets were left out because they need too much memory.</summary>
        public ImmutableArray<NamespaceFault> TooLarge =>
        [
            .. _tooLarge.Where(filter.IncludesNamespace).Order(StringComparer.Ordinal).Select(static name => new NamespaceFault(
                name, $"The Secrets of namespace {name} exceed the memory limit of the listing: delete those that are not needed, or exclude it with --exclude-namespace.", IsTooLarge: true)),
        ];

        /// <returns>Why there must not be another page, a clause to follow "the list of Secrets"; null if there may.</returns>
        public string? Add(MetadataPage page)
        {
            foreach (var item in page.Items ?? [])
            {
                if (item?.Metadata is { Name: { } name, Namespace: { } ns, Uid: { } uid, ResourceVersion: { } version } metadata)
                {
                    Add(new TlsSecretRef(ns, name, uid, version)
                    {
                        CreatedAt = metadata.CreationTimestamp ?? DateTimeOffset.MaxValue,
                        Labels = metadata.Labels ?? ImmutableDictionary<string, string>.Empty,
                        Annotations = metadata.Annotations ?? ImmutableDictionary<string, string>.Empty,
                    });
                    Last = $"{ns}/{name}";
                }
            }

            while (_budget.IsExceeded)
            {
                DropLargest();
            }

            return _budget.EndPage();
        }

        public ImmutableArray<TlsSecretRef> ToImmutable() => [.. _secrets.Values];

        private void Add(TlsSecretRef secret)
        {
            var length = secret.Source.Length + secret.Uid.Length + secret.ResourceVersion.Length + LengthOf(secret.Labels) + LengthOf(secret.Annotations);
            if (_tooLarge.Contains(secret.Namespace))
            {
                if (string.CompareOrdinal(secret.Source, Last) > 0)
                {
                    _budget.Skip(length);
                }

                return;
            }

            if (!_secrets.ContainsKey((secret.Namespace, secret.Name)))
            {
                var cost = _budget.Add(length + SecretCost, copies: 1 + secret.Annotations.GetValueOrDefault(Annotations.Vault, "").AsSpan().Count(','));
                var size = _sizes.TryGetValue(secret.Namespace, out var known) ? known : (IsSelected: filter.IncludesNamespace(secret.Namespace), Cost: 0, Entries: 0);
                _sizes[secret.Namespace] = (size.IsSelected, size.Cost + cost, size.Entries + 1);
            }

            _secrets[(secret.Namespace, secret.Name)] = secret;
        }

        /// <summary>
        /// Leaves out the namespace that needs the most memory, so that one tenant's Secrets do not prevent the listing of the others; one
        /// that is not selected first.
        /// </summary>
        private void DropLargest()
        {
            var (largest, size) = _sizes.MaxBy(static one => (!one.Value.IsSelected, one.Value.Cost));
            _tooLarge.Add(largest);
            _sizes.Remove(largest);
            _budget.Remove(size.Cost, size.Entries);
            foreach (var key in _secrets.Keys.Where(key => key.Namespace == largest).ToArray())
            {
                _secrets.Remove(key);
            }
        }

        private static int LengthOf(ImmutableDictionary<string, string> entries) => entries.Sum(static entry => entry.Key.Length + entry.Value.Length);
    }
}
