using ClusterTrust.CertSync.Cluster;
using ClusterTrust.CertSync.Leases;
using ClusterTrust.CertSync.Reporting;
using ClusterTrust.CertSync.Vaults;

namespace ClusterTrust.CertSync;

/// <summary>The whole job, top to bottom: list both sides, plan, reconcile each certificate, prune, report.</summary>
/// <param name="clock">Measures the grace period of items after the run was stopped.</param>
/// <param name="lease">Prevents concurrent runs; null to run without it.</param>
public sealed class SyncJob(
    CertSyncOptions options,
    ISecretLister lister,
    IReadOnlyList<ICertificateVault> vaults,
    SyncPlanner planner,
    CertificateReconciler reconciler,
    CertificatePruner pruner,
    SyncReporter reporter,
    TimeProvider clock,
    IRunLease? lease = null) : IJob
{
    public async Task<JobResult> RunAsync(CancellationToken stopping)
    {
        if (lease is null || reporter.IsPlan)
        {
            using var whole = new GracePeriod(clock, stopping);
            return await SyncAsync(stopping, whole.Token);
        }

        await using var release = lease;
        if (await lease.AcquireAsync(stopping) is { } holder)
        {
            return reporter.LeaseHeld(holder);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stopping, lease.Lost);
        using var grace = new GracePeriod(clock, lease.AfterLoss, lease.Lost, stopping);
        try
        {
            return await SyncAsync(stop.Token, grace.Token);
        }
        catch (OperationCanceledException) when (lease.Loss is { } loss && !stopping.IsCancellationRequested)
        {
            throw loss;
        }
    }

    /// <param name="stopping">Cancelled when no further item may start.</param>
    /// <param name="abort">Cancelled when the current items must end.</param>
    private async Task<JobResult> SyncAsync(CancellationToken stopping, CancellationToken abort)
    {
        // List.
        var (secrets, listings) = await VaultListing.ReadAllAsync(lister, vaults, stopping);

        // Plan.
        var unlisted = secrets.Incomplete.Where(static fault => !fault.IsTooLarge).Select(static fault => fault.Namespace).ToArray();
        var resolved = options.Resolver.Resolve(secrets.Secrets, listings.SelectMany(static one => one.Certificates), unlisted, stopping);
        reporter.Add(resolved.Unresolved.Concat(FaultsOf(secrets, listings, resolved.Targets)).Where(IsInShard));
        var items = new List<WorkItem>();
        foreach (var one in listings)
        {
            items.AddRange(await PlanAsync(one, resolved.Targets, stopping));
        }

        // Reconcile, prune.
        await ReconcileAsync(items, stopping, abort);
        await PruneAsync(resolved, secrets, listings, stopping, abort);

        // Report.
        return await reporter.FinishAsync(stopping.IsCancellationRequested, stopping);
    }

    /// <summary>Lines about namespaces and vaults that could not be listed, unless the certificates' own lines report it.</summary>
    private static IEnumerable<SyncAction> FaultsOf(SecretListing secrets, VaultListing[] listings, ImmutableArray<SyncTarget> targets) =>
        secrets.Incomplete
            .Select(static fault => new SyncAction(fault.IsTooLarge ? ActionKind.Refuse : ActionKind.Fail, Reason.NamespaceUnreadable, fault.Sentence) { Namespace = fault.Namespace })
            .Concat(listings
                .Where(listing => listing.Fault is not null && targets.All(target => target.Vault != listing.Alias))
                .Select(static listing => ItemFaults.Explain(new SyncAction(ActionKind.Inspect, Reason.VaultUnavailable, "") { Vault = listing.Alias }, listing.Fault!)));

    /// <summary>Decides by metadata alone where possible, so that the Secret of an unchanged certificate is never read.</summary>
    /// <returns>The certificates whose Secrets, or which themselves, have to be read.</returns>
    private async Task<IReadOnlyList<WorkItem>> PlanAsync(VaultListing listing, ImmutableArray<SyncTarget> all, CancellationToken stopping)
    {
        var targets = all.Where(target => target.Vault == listing.Alias && options.Shard.Has(target.Name)).ToArray();
        if (listing.Fault is { } unlisted)
        {
            reporter.Add(targets.Select(target => ItemFaults.Explain(SyncAction.On(target, null, ActionKind.Inspect, Reason.VaultUnavailable, ""), unlisted)));
            return [];
        }

        var deletedFault = await listing.AddDeletedAsync(
            [.. targets.Where(target => listing.Find(target.Name) is null).Select(static target => target.Name)], stopping);

        var items = new List<WorkItem>();
        foreach (var target in targets)
        {
            stopping.ThrowIfCancellationRequested();
            var current = listing.Find(target.Name);
            var action = planner.Decide(target, current);
            if (current is null && deletedFault is not null)
            {
                reporter.Add(ItemFaults.Explain(action, deletedFault));
            }
            else if (action.Kind == ActionKind.Inspect || (action.Kind != ActionKind.Unchanged && current is { IsSparse: true, IsDeleted: false }))
            {
                items.Add(new WorkItem(target with { Sources = action.Sources }, current, listing.Vault));
            }
            else
            {
                reporter.Add(action);
            }
        }

        return items;
    }

    private async Task ReconcileAsync(List<WorkItem> items, CancellationToken stopping, CancellationToken abort)
    {
        using var progress = reporter.Progress(items.Count, clock);
        var ordered = FairOrder.Arrange(items, static item => item.Target.Sources.Select(static secret => secret.Namespace), static item => item.Current?.NotAfter);
        await Parallel.ForEachAsync(ordered, new ParallelOptions { MaxDegreeOfParallelism = options.Parallel }, async (item, _) =>
        {
            using var scope = reporter.Scope(item.Target.Key);
            progress.Begin(item.Target.Name);
            reporter.Add(await UnlessStoppedAsync(
                SyncAction.On(item.Target, item.Current, ActionKind.Inspect, Reason.Stopped, ""),
                async () => await reconciler.ReconcileAsync(item, !reporter.IsPlan, abort), stopping, abort));
            progress.End();
        });
    }

    private async Task PruneAsync(
        ResolvedTargets resolved, SecretListing secrets, VaultListing[] listings, CancellationToken stopping, CancellationToken abort)
    {
        if (stopping.IsCancellationRequested)
        {
            return;
        }

        // Without reading Secrets: the new name of one may be another shard's.
        var ofOthers = listings.SelectMany(listing => resolved.Targets.Where(target => target.Vault == listing.Alias && !options.Shard.Has(target.Name))
            .Select(target => planner.Decide(target, listing.Find(target.Name))));
        var byAlias = listings.ToDictionary(static one => one.Alias, static one => one.Vault, StringComparer.OrdinalIgnoreCase);
        var planned = new PrunePlanner(options.Policy, options.Filter.IncludesNamespace)
            .Decide(listings.SelectMany(static one => one.Certificates), resolved.Targets, [.. reporter.Lines(), .. ofOthers, .. resolved.Unresolved], secrets.Secrets, secrets.IsComplete);
        foreach (var action in planned.Where(IsInShard))
        {
            if (stopping.IsCancellationRequested)
            {
                break;
            }

            using var scope = reporter.Scope(action.Key);
            reporter.Add(await UnlessStoppedAsync(
                action, async () => [await pruner.PruneAsync(action, byAlias[action.Vault], !reporter.IsPlan, abort)], stopping, abort));
        }
    }

    /// <summary>Runs the work on an item, or reports that the run was stopped before or during it.</summary>
    private static async Task<ImmutableArray<SyncAction>> UnlessStoppedAsync(
        SyncAction item, Func<Task<ImmutableArray<SyncAction>>> work, CancellationToken stopping, CancellationToken abort)
    {
        if (stopping.IsCancellationRequested)
        {
            return [item.Failed(Reason.Stopped, "The run was stopped before it was processed.")];
        }

        try
        {
            return await work();
        }
        catch (Exception) when (abort.IsCancellationRequested)
        {
            return [item.Failed(Reason.Stopped, "The run was stopped while it was being processed; the next run completes it.")];
        }
    }

    private bool IsInShard(SyncAction action) =>
        action.Name.Length > 0 ? options.Shard.Has(action.Name) : options.Shard.Index == 0;
}
