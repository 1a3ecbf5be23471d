using System.Collections.Immutable;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.Hosting;

namespace ClusterTrust.CertSync.Reporting;

/// <summary>All lines of a run. Thread-safe.</summary>
/// <param name="cluster">The cluster's name.</param>
/// <param name="command"><c>sync</c> or <c>plan</c>.</param>
/// <param name="annotation">The annotation whose value is a certificate's name.</param>
public sealed class SyncReport(string cluster, string command, string annotation)
{
    private readonly Lock _gate = new();
    private readonly List<SyncAction> _actions = [];

    public string Cluster { get; } = cluster;

    public string Command { get; } = command;

    /// <summary>Whether the run was stopped before its end.</summary>
    public bool IsStopped { get; set; }

    public void Add(SyncAction action)
    {
        lock (_gate)
        {
            _actions.Add(action);
        }
    }

    /// <summary>The lines, ordered by vault, name and source.</summary>
    public ImmutableArray<SyncAction> Lines()
    {
        lock (_gate)
        {
            return [.. _actions
                .OrderBy(action => action.Vault, StringComparer.OrdinalIgnoreCase)
                .ThenBy(action => action.Name, StringComparer.OrdinalIgnoreCase)
                .ThenBy(action => SourcesOf(action), StringComparer.Ordinal)];
        }
    }

    /// <summary>1 if anything failed, since a retry may cure it; otherwise 3 if anything was refused.</summary>
    public ExitCode ExitCode
    {
        get
        {
            lock (_gate)
            {
                return _actions.Any(action => action.Kind == ActionKind.Fail) ? ExitCode.Failed
                    : _actions.Any(action => action.Kind == ActionKind.Refuse) ? ExitCode.Refused
                    : ExitCode.Done;
            }
        }
    }

    /// <summary>The number of lines by kind, in the order of <see cref="ActionKind"/>; without those that did not occur.</summary>
    public IReadOnlyList<KeyValuePair<ActionKind, int>> Counts()
    {
        lock (_gate)
        {
            return [.. _actions.CountBy(action => action.Kind).OrderBy(count => count.Key)];
        }
    }

    /// <summary>Whether a line is about a Secret that is not selected; it is counted and not shown.</summary>
    public static bool IsUnselected(SyncAction action) =>
        action.Reason is Reason.NoCertificateAnnotation or Reason.NamespaceNotSelected or Reason.NameNotSelected;

    /// <summary>The certificate's name in its Secrets' annotation; empty without a Secret.</summary>
    public string CertificateOf(SyncAction action) =>
        string.Join(',', action.Sources.Select(secret => secret.Annotations.GetValueOrDefault(annotation, "")).Distinct(StringComparer.Ordinal));

    /// <summary>The subject of a line in messages: <c>vault/name</c>, otherwise its namespace, Secrets or vault.</summary>
    public static string SubjectOf(SyncAction action) => action switch
    {
        { Name.Length: > 0 } => $"{action.Vault}/{action.Name}",
        { Namespace.Length: > 0 } => $"namespace {action.Namespace}",
        { Sources.Length: > 0 } => SourcesOf(action),
        _ => $"vault {action.Vault}",
    };

    /// <summary>The Secrets of a line, otherwise those that its certificate was made from.</summary>
    public static string SourcesOf(SyncAction action) => action.Sources.Length > 0
        ? string.Join(',', action.Sources)
        : action.Current is { } current ? string.Join(',', Ownership.SourcesOf(current)) : "";
}
