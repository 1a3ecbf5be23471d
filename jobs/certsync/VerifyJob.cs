using System.Collections.Concurrent;
using ClusterTrust.CertSync.Cluster;
using ClusterTrust.CertSync.Endpoints;
using ClusterTrust.CertSync.Reporting;
using ClusterTrust.CertSync.Vaults;

namespace ClusterTrust.CertSync;

/// <summary>
/// Compares the certificates that TLS endpoints serve with those in the vaults: list both sides, plan the endpoints, check each, report. Reads no
/// Secret and writes nothing.
/// </summary>
public sealed class VerifyJob(
    CertSyncOptions options,
    ISecretLister lister,
    IReadOnlyList<ICertificateVault> vaults,
    IEndpointClient client,
    ServingReporter reporter,
    TimeProvider clock) : IJob
{
    /// <summary>
    /// How many timeouts the endpoints of one namespace may take together, not counting a tenth of a timeout for each; the rest of that
    /// namespace is then not connected to.
    /// </summary>
    private const int MaximumTimeouts = 20;

    private readonly EndpointPlanner _planner = new(options.Policy);
    private readonly ServingRules _rules = new(options.Propagation);
    private readonly ConcurrentDictionary<string, TimeSpan> _spent = new(StringComparer.Ordinal);

    /// <summary>A name in a vault whose endpoints are verified.</summary>
    /// <param name="Target">The Secrets that may use it; null if none may.</param>
    /// <param name="IsRequested">Whether Secrets request it, even if a sync refuses all of them.</param>
    private sealed record WorkItem(ICertificateVault Vault, string Name, SyncTarget? Target, bool IsRequested, ImmutableArray<Endpoint> Configured)
    {
        public IEnumerable<TlsSecretRef> Annotated => EndpointPlanner.Annotated(Target?.Sources ?? []);

        /// <summary>The operator's endpoints are ordered as those of a namespace of their own.</summary>
        public IEnumerable<string> Namespaces => Configured.Length > 0 ? ["", .. Annotated.Select(static secret => secret.Namespace)] : Annotated.Select(static secret => secret.Namespace);
    }

    public async Task<JobResult> RunAsync(CancellationToken stopping)
    {
        // List.
        var (secrets, listings) = await VaultListing.ReadAllAsync(lister, vaults, stopping);

        // Plan.
        var resolved = options.Resolver.Resolve(secrets.Secrets, listings.SelectMany(static one => one.Certificates), unlisted: [], stopping);
        reporter.Add(secrets.Incomplete.Select(static fault => new EndpointCheck(fault.IsTooLarge ? ServingState.Refused : ServingState.Failed, fault.Sentence) { Namespace = fault.Namespace }));
        reporter.Add(RefusedSecrets(resolved));

        // Check.
        var items = Items(resolved);
        using var grace = new GracePeriod(clock, stopping);
        using var progress = reporter.Progress(items.Count, clock);
        await Parallel.ForEachAsync(
            FairOrder.Arrange(items, static item => item.Namespaces, static _ => null), new ParallelOptions { MaxDegreeOfParallelism = options.Parallel }, async (item, _) =>
        {
            progress.Begin(item.Name);
            reporter.Add(stopping.IsCancellationRequested ? Lines(item, ServingState.Failed, "The run was stopped before it was processed.") : await CheckAsync(item, grace.Token));
            progress.End();
        });

        // Report.
        return reporter.Finish(stopping.IsCancellationRequested);
    }

    /// <summary>Lines about Secrets with endpoints that have no name in a vault, because a sync refuses them.</summary>
    private static IEnumerable<EndpointCheck> RefusedSecrets(ResolvedTargets resolved) => resolved.Unresolved
        .Where(static action => action.Kind == ActionKind.Refuse)
        .SelectMany(static action => EndpointPlanner.Annotated(action.Sources).Select(secret => new EndpointCheck(ServingState.Refused, action.Sentence) { Secret = secret }));

    private List<WorkItem> Items(ResolvedTargets resolved)
    {
        var refused = resolved.Unresolved.Where(static line => line.Name.Length > 0).Select(static line => line.Key).ToHashSet();
        var configured = options.Endpoints.ToLookup(static one => new VaultKey(one.Vault!, one.Name), static one => one.Endpoint);
        var byKey = resolved.Targets.Where(target => configured.Contains(target.Key) || EndpointPlanner.Annotated(target.Sources).Any()).ToDictionary(static target => target.Key);
        return
        [
            .. byKey.Keys.Union(configured.Select(static one => one.Key)).Select(key => new WorkItem(
                vaults.First(vault => vault.Vault.Alias.Equals(key.Vault, StringComparison.OrdinalIgnoreCase)), key.Name,
                byKey.GetValueOrDefault(key), byKey.ContainsKey(key) || refused.Contains(key), [.. configured[key].Distinct()])),
        ];
    }

    /// <summary>Verifies the endpoints of one certificate concurrently. A fault affects only that certificate.</summary>
    private async Task<IReadOnlyList<EndpointCheck>> CheckAsync(WorkItem item, CancellationToken abort)
    {
        try
        {
            if (await item.Vault.FindHistoryAsync(item.Name, abort) is not { } history)
            {
                return item.IsRequested
                    ? Lines(item, ServingState.VaultBehind, $"{item.Vault.Vault.Alias} has no certificate '{item.Name}' yet: run certsync sync, then verify again.")
                    : Lines(item, ServingState.Refused, $"{item.Vault.Vault.Alias} has no certificate '{item.Name}': check the name that --endpoint gives.");
            }

            var (annotated, refused) = _planner.Plan(item.Target?.Sources ?? [], history);
            var isSynced = item.Target is { } target ? IsSynced(target, history.Current) : !item.IsRequested;
            var checks = item.Configured.Select(endpoint => CheckEndpointAsync(endpoint, secret: null, history, isSynced, abort))
                .Concat(annotated.Where(one => !item.Configured.Contains(one.Key)).Select(one => CheckEndpointAsync(one.Key, one.Value, history, isSynced, abort)));
            return [.. await Task.WhenAll(checks), .. refused];
        }
        catch (Exception fault)
        {
            return Lines(item, ServingState.Failed, abort.IsCancellationRequested ? "The run was stopped while it was being processed."
                : fault is VaultException ? fault.Message
                : ItemFaults.Unexpected(fault));
        }
    }

    /// <param name="secret">The Secret whose annotation names the endpoint: then only public addresses are connected to. Null for <c>--endpoint</c>.</param>
    private async Task<EndpointCheck> CheckEndpointAsync(Endpoint endpoint, TlsSecretRef? secret, VaultHistory history, bool isSynced, CancellationToken abort)
    {
        var limit = MaximumTimeouts * options.EndpointTimeout;
        if (secret is not null && _spent.GetValueOrDefault(secret.Namespace) >= limit)
        {
            return Failed(ServingState.Unreachable, $"{endpoint} was not connected to, because the endpoints of namespace {secret.Namespace} were slow or did not respond for {limit.TotalSeconds:0} seconds in this run: check why they respond slowly or not at all, or remove them.");
        }

        var started = clock.GetTimestamp();
        var handshake = await client.ConnectAsync(endpoint, publicOnly: secret is not null, abort);
        if (secret is not null && clock.GetElapsedTime(started) - (options.EndpointTimeout / 10) is { Ticks: > 0 } excess)
        {
            _spent.AddOrUpdate(secret.Namespace, static (_, excess) => excess, static (_, spent, excess) => spent + excess, excess);
        }

        return handshake.Served is { } served
            ? _rules.Compare(endpoint, history, isSynced, served, clock.GetUtcNow()) with { Secret = secret }
            : Failed(handshake.IsRefused ? ServingState.Refused : ServingState.Unreachable, handshake.Fault);

        EndpointCheck Failed(ServingState state, string sentence) =>
            new(state, sentence) { Endpoint = endpoint.ToString(), Vault = history.Current.Vault, Name = history.Current.Name, Secret = secret };
    }

    /// <summary>Whether the vault's certificate was made from the current versions of the Secrets that may use the name.</summary>
    private static bool IsSynced(SyncTarget target, VaultCertificate current)
    {
        var (owner, madeFrom) = (Ownership.NamespaceOf(current), Ownership.SourcesOf(current));
        return Ownership.IsMadeFrom(current, target.Sources.Where(secret => secret.Namespace == owner || madeFrom.Contains(secret.Source)));
    }

    /// <summary>The same line for each of the operator's endpoints, and each Secret with the annotation.</summary>
    private static EndpointCheck[] Lines(WorkItem item, ServingState state, string sentence)
    {
        var line = new EndpointCheck(state, sentence) { Vault = item.Vault.Vault.Alias, Name = item.Name };
        return [.. item.Configured.Select(endpoint => line with { Endpoint = endpoint.ToString() }), .. item.Annotated.Select(secret => line with { Secret = secret })];
    }
}
