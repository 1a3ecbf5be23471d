using System.Collections.Immutable;
using ClusterTrust.CertSync.Cluster;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.CertSync.Reporting;
using ClusterTrust.CertSync.Vaults;
using ClusterTrust.Hosting;
using Microsoft.Extensions.Logging;

namespace ClusterTrust.CertSync;

/// <summary>The whole job, top to bottom: list both sides, plan, apply, report.</summary>
/// <param name="options">What is to be done.</param>
/// <param name="runLock">Keeps two runs apart.</param>
/// <param name="lister">The Secrets there are.</param>
/// <param name="vaults">The vaults, in the order of the options.</param>
/// <param name="sorter">Decides what can be decided by metadata alone.</param>
/// <param name="worker">Works on one certificate.</param>
/// <param name="leftOvers">Works on one certificate that no Secret asks for.</param>
/// <param name="reporter">Tells what was done.</param>
/// <param name="events">Tells it on the Secrets.</param>
/// <param name="run">The run at hand; <c>plan</c> writes nothing.</param>
/// <param name="clock">Measures how long an item may go on after the run was stopped.</param>
/// <param name="log">Where it is told.</param>
public sealed class SyncJob(
    CertSyncOptions options,
    RunLock runLock,
    SecretLister lister,
    IReadOnlyList<ICertificateVault> vaults,
    TargetSorter sorter,
    TargetWorker worker,
    LeftOverWorker leftOvers,
    SyncReporter reporter,
    SecretEvents events,
    JobRun run,
    TimeProvider clock,
    ILogger<SyncJob> log) : IJob
{
    private bool Applies => run.Command != "plan";

    /// <inheritdoc/>
    public async Task<JobResult> RunAsync(CancellationToken stopping)
    {
        if (!Applies)
        {
            return await SyncAsync(stopping);
        }

        await using var held = await runLock.TakeAsync(stopping);
        if (held.Holder is { } holder)
        {
            log.HeldElsewhere(holder);
            return JobResult.Done(holder);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stopping, held.Lost);
        return await SyncAsync(stop.Token);
    }

    private async Task<JobResult> SyncAsync(CancellationToken stopping)
    {
        var listings = vaults.Select(vault => VaultListing.ReadAsync(vault, stopping)).ToArray();
        var secrets = await lister.ListAsync(stopping);
        var contents = await Task.WhenAll(listings);
        if (contents.All(content => content.Fault is not null))
        {
            throw contents[0].Fault!;
        }

        var targets = new TargetResolver(options.Filter, options.Names, options.NamePolicy, [.. options.Vaults.Select(vault => vault.Alias)])
            .Resolve(secrets.Secrets);
        var report = new SyncReport(options.Policy.Cluster, run.Command!, options.Filter.CertificateAnnotation);
        foreach (var action in targets.Dropped.Concat(FaultsOf(secrets, contents, targets)).Where(IsInShard))
        {
            Tell(report, action);
        }

        using var grace = new GracePeriod(clock, stopping);
        await WorkAsync(await SortAsync(targets, contents, report, stopping), report, stopping, grace.Token);
        await PruneAsync(targets, secrets, contents, report, stopping, grace.Token);
        report.IsStopped = stopping.IsCancellationRequested;
        if (Applies && !report.IsStopped)
        {
            await events.RecordAsync(report, stopping);
        }

        return reporter.Tell(report);
    }

    /// <summary>What could not be listed and shows in no certificate's line.</summary>
    private static IEnumerable<SyncAction> FaultsOf(SecretListing secrets, VaultListing[] contents, Targets targets) =>
        secrets.Incomplete
            .Select(fault => new SyncAction(ActionKind.Fail, Reason.NamespaceUnreadable, fault.Sentence) { Namespace = fault.Namespace })
            .Concat(contents
                .Where(content => content.Fault is not null && targets.Wanted.All(target => target.Vault != content.Vault.Vault.Alias))
                .Select(content => new SyncAction(ActionKind.Fail, content.Fault!.Reason, content.Fault.Message) { Vault = content.Vault.Vault.Alias }));

    private async Task<List<WorkItem>> SortAsync(Targets targets, VaultListing[] contents, SyncReport report, CancellationToken stopping)
    {
        var mine = targets.Wanted.Where(target => options.Shard.Has(target.Name)).ToLookup(target => target.Vault, StringComparer.OrdinalIgnoreCase);
        var toRead = new List<WorkItem>();
        foreach (var content in contents)
        {
            toRead.AddRange(await sorter.SortAsync([.. mine[content.Vault.Vault.Alias]], content, action => Tell(report, action), stopping));
        }

        return toRead;
    }

    private async Task WorkAsync(List<WorkItem> items, SyncReport report, CancellationToken stopping, CancellationToken breakOff)
    {
        var progress = new SyncProgress(run.Progress, items.Count, clock);
        await Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = options.Parallel }, async (item, _) =>
        {
            using var scope = log.CertificateScope(item.Target.Name, item.Target.Vault);
            progress.Begin(item.Target.Name);
            foreach (var action in await WorkAsync(item, stopping, breakOff))
            {
                Tell(report, action);
            }

            progress.End();
        });
        run.Progress.Clear();
    }

    private async Task<ImmutableArray<SyncAction>> WorkAsync(WorkItem item, CancellationToken stopping, CancellationToken breakOff)
    {
        if (stopping.IsCancellationRequested)
        {
            return [item.Stopped("The run was stopped before its turn came.")];
        }

        try
        {
            return await worker.WorkAsync(item.Target, item.Current, item.Vault, Applies, breakOff);
        }
        catch (OperationCanceledException) when (breakOff.IsCancellationRequested)
        {
            return [item.Stopped("The run was stopped while it was worked on; the next run finishes it.")];
        }
    }

    private async Task PruneAsync(
        Targets targets, SecretListing secrets, VaultListing[] contents, SyncReport report, CancellationToken stopping, CancellationToken breakOff)
    {
        var byAlias = contents.ToDictionary(content => content.Vault.Vault.Alias, content => content.Vault, StringComparer.OrdinalIgnoreCase);
        var planned = new PrunePlanner(options.Policy, options.Filter.IncludesNamespace)
            .Decide(contents.SelectMany(content => content.Certificates), targets, secrets.Secrets, secrets.IsComplete);
        foreach (var leftOver in planned.Where(IsInShard))
        {
            if (stopping.IsCancellationRequested)
            {
                break;
            }

            using var scope = log.CertificateScope(leftOver.Name, leftOver.Vault);
            try
            {
                Tell(report, await leftOvers.WorkAsync(leftOver, byAlias[leftOver.Vault], Applies, breakOff));
            }
            catch (OperationCanceledException) when (breakOff.IsCancellationRequested)
            {
                Tell(report, leftOver.Failed(Reason.Stopped, "The run was stopped while it was worked on; the next run finishes it."));
            }
        }
    }

    private void Tell(SyncReport report, SyncAction action)
    {
        report.Add(action);
        reporter.Tell(action, Applies);
    }

    private bool IsInShard(SyncAction action) =>
        action.Name.Length > 0 ? options.Shard.Has(action.Name) : options.Shard.Index == 0;
}
