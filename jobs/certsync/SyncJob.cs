using System.Collections.Immutable;
using ClusterTrust.CertSync.Cluster;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.CertSync.Reporting;
using ClusterTrust.CertSync.Vaults;
using ClusterTrust.Hosting;

namespace ClusterTrust.CertSync;

/// <summary>The whole job, top to bottom: list both sides, plan, reconcile each certificate, prune, report.</summary>
/// <param name="options">What is to be done.</param>
/// <param name="takeLease">Keeps two runs apart, see <see cref="RunLock"/>.</param>
/// <param name="lister">The Secrets there are.</param>
/// <param name="vaults">The vaults, in the order of the options.</param>
/// <param name="planner">Decides what can be decided by metadata alone.</param>
/// <param name="reconciler">Works on one certificate.</param>
/// <param name="pruner">Works on one certificate that no Secret asks for.</param>
/// <param name="reporter">Reports what was done.</param>
/// <param name="clock">Measures how long an item may go on after the run was stopped.</param>
public sealed class SyncJob(
    CertSyncOptions options,
    Func<CancellationToken, Task<RunLockState>> takeLease,
    ISecretLister lister,
    IReadOnlyList<ICertificateVault> vaults,
    SyncPlanner planner,
    CertificateReconciler reconciler,
    CertificatePruner pruner,
    SyncReporter reporter,
    TimeProvider clock) : IJob
{
    /// <inheritdoc/>
    public async Task<JobResult> RunAsync(CancellationToken stopping)
    {
        if (reporter.IsPlan)
        {
            using var whole = new GracePeriod(clock, stopping);
            return await SyncAsync(stopping, whole.Token);
        }

        await using var lease = await takeLease(stopping);
        if (lease.Holder is { } holder)
        {
            return reporter.LeaseHeld(holder);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stopping, lease.Lost);
        using var grace = new GracePeriod(clock, lease.AfterLoss, lease.Lost, stopping);
        try
        {
            return await SyncAsync(stop.Token, grace.Token);
        }
        catch (OperationCanceledException) when (lease.Loss() is { } loss && !stopping.IsCancellationRequested)
        {
            throw loss;
        }
    }

    /// <summary>The run itself, once nothing keeps it from writing.</summary>
    /// <param name="stopping">Cancelled when no further item may start.</param>
    /// <param name="breakOff">Cancelled when the item in hand must end.</param>
    private async Task<JobResult> SyncAsync(CancellationToken stopping, CancellationToken breakOff)
    {
        // List.
        var listing = vaults.Select(vault => VaultListing.ReadAsync(vault, stopping)).ToArray();
        var secrets = await lister.ListAsync(stopping);
        var listings = await Task.WhenAll(listing);
        if (listings.All(static one => one.Fault is JobException))
        {
            throw listings[0].Fault!;
        }

        // Plan.
        var report = new SyncReport(options.Policy.Cluster, reporter.Command, options.Filter.CertificateAnnotation);
        var targets = new TargetResolver(options.Filter, options.Names, options.Policy, [.. options.Vaults.Select(vault => vault.Alias)])
            .Resolve(secrets.Secrets, listings.SelectMany(static one => one.Certificates));
        Add(report, targets.WithoutTarget.Concat(FaultsOf(secrets, listings, targets)).Where(IsInShard));
        var items = new List<WorkItem>();
        foreach (var one in listings)
        {
            items.AddRange(await PlanAsync(one, targets, report, stopping));
        }

        // Reconcile, prune.
        await ReconcileAsync(items, report, stopping, breakOff);
        await PruneAsync(targets, secrets, listings, report, stopping, breakOff);

        // Report.
        report.IsStopped = stopping.IsCancellationRequested;
        return await reporter.FinishAsync(report, stopping);
    }

    /// <summary>What could not be listed and shows in no certificate's line.</summary>
    private static IEnumerable<SyncAction> FaultsOf(SecretListing secrets, VaultListing[] listings, Targets targets) =>
        secrets.Incomplete
            .Select(static fault => new SyncAction(ActionKind.Fail, Reason.NamespaceUnreadable, fault.Sentence) { Namespace = fault.Namespace })
            .Concat(listings
                .Where(listing => listing.Fault is not null && targets.Wanted.All(target => target.Vault != listing.Alias))
                .Select(static listing => ItemFaults.Explain(new SyncAction(ActionKind.Inspect, Reason.VaultUnavailable, "") { Vault = listing.Alias }, listing.Fault!)));

    /// <summary>Decides by metadata alone where that is enough, so that the Secret of an unchanged certificate is never read.</summary>
    /// <returns>What has to be read.</returns>
    private async Task<IReadOnlyList<WorkItem>> PlanAsync(VaultListing listing, Targets all, SyncReport report, CancellationToken stopping)
    {
        var targets = all.Wanted.Where(target => target.Vault == listing.Alias && options.Shard.Has(target.Name)).ToArray();
        if (listing.Fault is { } unlisted)
        {
            Add(report, targets.Select(target => ItemFaults.Explain(SyncAction.On(target, null, ActionKind.Inspect, Reason.VaultUnavailable, ""), unlisted)));
            return [];
        }

        var sparse = targets.Where(target => listing.Find(target.Name) is { IsSparse: true } current && planner.Decide(target, current).Kind != ActionKind.Unchanged);
        var faults = await listing.CompleteAsync([.. sparse.Select(static target => target.Name)], stopping);
        var unseen = await listing.LookForDeletedAsync(
            [.. targets.Where(target => listing.Find(target.Name) is null).Select(static target => target.Name)], stopping);

        var items = new List<WorkItem>();
        foreach (var target in targets)
        {
            var current = listing.Find(target.Name);
            var action = planner.Decide(target, current);
            if ((current is null ? unseen : faults.GetValueOrDefault(target.Name)) is { } fault)
            {
                Add(report, [ItemFaults.Explain(action, fault)]);
            }
            else if (action.Kind != ActionKind.Inspect)
            {
                Add(report, [action]);
            }
            else
            {
                items.Add(new WorkItem(target, current, listing.Vault));
            }
        }

        return items;
    }

    private async Task ReconcileAsync(List<WorkItem> items, SyncReport report, CancellationToken stopping, CancellationToken breakOff)
    {
        using var progress = reporter.Progress(items.Count, clock);
        var ordered = FairOrder.Arrange(items, static item => item.Target.Sources.Select(static secret => secret.Namespace), static item => item.Current?.NotAfter);
        await Parallel.ForEachAsync(ordered, new ParallelOptions { MaxDegreeOfParallelism = options.Parallel }, async (item, _) =>
        {
            using var scope = reporter.Scope(item.Target.Key);
            progress.Begin(item.Target.Name);
            Add(report, await UnlessStoppedAsync(
                SyncAction.On(item.Target, item.Current, ActionKind.Inspect, Reason.Stopped, ""),
                async () => await reconciler.ReconcileAsync(item, !reporter.IsPlan, breakOff), stopping, breakOff));
            progress.End();
        });
    }

    private async Task PruneAsync(
        Targets targets, SecretListing secrets, VaultListing[] listings, SyncReport report, CancellationToken stopping, CancellationToken breakOff)
    {
        var byAlias = listings.ToDictionary(static one => one.Alias, static one => one.Vault, StringComparer.OrdinalIgnoreCase);
        var planned = new PrunePlanner(options.Policy, options.Filter.IncludesNamespace)
            .Decide(listings.SelectMany(static one => one.Certificates), targets, report.Lines(), secrets.Secrets, secrets.IsComplete);
        foreach (var action in planned.Where(IsInShard))
        {
            if (stopping.IsCancellationRequested)
            {
                break;
            }

            using var scope = reporter.Scope(action.Key);
            Add(report, await UnlessStoppedAsync(
                action, async () => [await pruner.PruneAsync(action, byAlias[action.Vault], !reporter.IsPlan, breakOff)], stopping, breakOff));
        }
    }

    /// <summary>Works on an item, or says why it was not, or not to its end.</summary>
    private static async Task<ImmutableArray<SyncAction>> UnlessStoppedAsync(
        SyncAction item, Func<Task<ImmutableArray<SyncAction>>> work, CancellationToken stopping, CancellationToken breakOff)
    {
        if (stopping.IsCancellationRequested)
        {
            return [item.Failed(Reason.Stopped, "The run was stopped before its turn came.")];
        }

        try
        {
            return await work();
        }
        catch (Exception) when (breakOff.IsCancellationRequested)
        {
            return [item.Failed(Reason.Stopped, "The run was stopped while it was worked on; the next run finishes it.")];
        }
    }

    private void Add(SyncReport report, IEnumerable<SyncAction> actions)
    {
        foreach (var action in actions)
        {
            report.Add(action);
            reporter.Log(action);
        }
    }

    private bool IsInShard(SyncAction action) =>
        action.Name.Length > 0 ? options.Shard.Has(action.Name) : options.Shard.Index == 0;
}
