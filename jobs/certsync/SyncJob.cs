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
/// <param name="reader">Tells whether a Secret is really gone before anything is pruned.</param>
/// <param name="vaults">The vaults, in the order of the options.</param>
/// <param name="worker">Works on one certificate.</param>
/// <param name="reporter">Tells what was done.</param>
/// <param name="run">The run at hand; <c>plan</c> writes nothing.</param>
/// <param name="clock">Measures how long an item may go on after the run was stopped.</param>
/// <param name="log">Where it is told.</param>
public sealed class SyncJob(
    CertSyncOptions options,
    RunLock runLock,
    SecretLister lister,
    SecretReader reader,
    IReadOnlyList<ICertificateVault> vaults,
    TargetWorker worker,
    SyncReporter reporter,
    JobRun run,
    TimeProvider clock,
    ILogger<SyncJob> log) : IJob
{
    private readonly SyncPlanner planner = new(options.Policy);

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
        foreach (var fault in secrets.Incomplete)
        {
            log.NamespaceUnreadable(fault.Namespace, fault.Sentence);
        }

        var contents = await Task.WhenAll(listings);
        if (contents.All(content => content.Fault is not null))
        {
            throw contents[0].Fault!;
        }

        var byAlias = contents.ToDictionary(content => content.Vault.Vault.Alias, StringComparer.OrdinalIgnoreCase);
        var targets = new TargetResolver(options.Filter, options.Names, options.NamePolicy, [.. options.Vaults.Select(vault => vault.Alias)])
            .Resolve(secrets.Secrets);
        var report = new SyncReport(options.Policy.Cluster, run.Command!, options.Filter.CertificateAnnotation);
        report.AddRange(targets.Dropped.Where(IsInShard));
        report.AddRange(secrets.Incomplete.Select(fault => new SyncAction(ActionKind.Fail, Reason.NamespaceUnreadable, fault.Sentence) { Name = fault.Namespace }));
        await WorkAsync(await DecideAsync(targets, byAlias, report, stopping), report, stopping);
        await PruneAsync(targets, secrets, contents, byAlias, report, stopping);
        report.IsStopped = stopping.IsCancellationRequested;
        return reporter.Tell(report);
    }

    /// <summary>Decides by metadata alone; what is left has to be read.</summary>
    private async Task<List<Item>> DecideAsync(
        Targets targets, Dictionary<string, VaultListing> byAlias, SyncReport report, CancellationToken stopping)
    {
        var toRead = new List<Item>();
        foreach (var ofVault in targets.Wanted.Where(target => options.Shard.Has(target.Name)).GroupBy(target => target.Vault))
        {
            var listing = byAlias[ofVault.Key];
            if (listing.Fault is { } fault)
            {
                report.AddRange(ofVault.Select(target => SyncAction.On(target, null, ActionKind.Fail, fault.Reason, fault.Message)));
                continue;
            }

            await listing.LookForDeletedAsync([.. ofVault.Where(target => listing.Find(target.Name) is null).Select(target => target.Name)], stopping);
            foreach (var target in ofVault)
            {
                var current = listing.Find(target.Name);
                var action = planner.Decide(target, current);
                if (action.Kind == ActionKind.Inspect)
                {
                    toRead.Add(new Item(target, current, listing.Vault));
                }
                else
                {
                    report.Add(action);
                }
            }
        }

        return toRead;
    }

    private async Task WorkAsync(List<Item> items, SyncReport report, CancellationToken stopping)
    {
        using var grace = new GracePeriod(clock, stopping);
        await Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = options.Parallel }, async (item, _) =>
        {
            var actions = await WorkAsync(item, stopping, grace.Token);
            foreach (var action in actions)
            {
                report.Add(action);
                reporter.Tell(action, Applies);
            }
        });
    }

    private async Task<ImmutableArray<SyncAction>> WorkAsync(Item item, CancellationToken stopping, CancellationToken breakOff)
    {
        if (!stopping.IsCancellationRequested)
        {
            try
            {
                return await worker.WorkAsync(item.Target, item.Current, item.Vault, Applies, breakOff);
            }
            catch (OperationCanceledException) when (breakOff.IsCancellationRequested)
            {
                return [Stopped(item, "The run was stopped while it was worked on; the next run finishes it.")];
            }
        }

        return [Stopped(item, "The run was stopped before its turn came.")];
    }

    private async Task PruneAsync(
        Targets targets,
        SecretListing secrets,
        VaultListing[] contents,
        Dictionary<string, VaultListing> byAlias,
        SyncReport report,
        CancellationToken stopping)
    {
        var leftOvers = new PrunePlanner(options.Policy, options.Filter.IncludesNamespace)
            .Decide(contents.SelectMany(content => content.Certificates), targets, secrets.Secrets, secrets.IsComplete);
        foreach (var leftOver in leftOvers.Where(IsInShard))
        {
            if (stopping.IsCancellationRequested)
            {
                break;
            }

            var action = leftOver.Writes ? await ProveGoneAsync(leftOver, stopping) : leftOver;
            var done = Applies && action.Writes ? await TargetWorker.ApplyAsync(action, byAlias[action.Vault].Vault, stopping) : action;
            report.Add(done);
            reporter.Tell(done, Applies);
        }
    }

    /// <summary>
    /// Asks for each Secret by name before its certificate is pruned: a Secret may exist and yet be missing from the listing, because
    /// a label selector or its type leaves it out.
    /// </summary>
    private async Task<SyncAction> ProveGoneAsync(SyncAction action, CancellationToken cancellation)
    {
        if (action.Reason != Reason.SourceGone)
        {
            return action;
        }

        foreach (var source in Ownership.SourcesOf(action.Current!))
        {
            if (source.Split('/') is [var ns, var name] && await reader.ExistsAsync(ns, name, cancellation))
            {
                return action with
                {
                    Kind = ActionKind.Keep,
                    Reason = Reason.SourceNotListed,
                    Sentence = $"Its source {source} still exists but is not among the Secrets that this run looks at, so nothing is pruned.",
                };
            }
        }

        return action;
    }

    private bool IsInShard(SyncAction action) =>
        action.Name.Length > 0 ? options.Shard.Has(action.Name) : options.Shard.Index == 0;

    private static SyncAction Stopped(Item item, string sentence) =>
        SyncAction.On(item.Target, item.Current, ActionKind.Fail, Reason.Stopped, sentence);

    private sealed record Item(SyncTarget Target, VaultCertificate? Current, ICertificateVault Vault);
}
