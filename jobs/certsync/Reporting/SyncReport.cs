using System.Collections.Immutable;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.Hosting;

namespace ClusterTrust.CertSync.Reporting;

/// <summary>Every line of a run, gathered from whoever works on it.</summary>
/// <param name="cluster">The cluster's name.</param>
/// <param name="command"><c>sync</c> or <c>plan</c>.</param>
/// <param name="annotation">The annotation whose value is a certificate's name.</param>
public sealed class SyncReport(string cluster, string command, string annotation)
{
    private readonly Lock gate = new();
    private readonly List<SyncAction> actions = [];

    /// <summary>The cluster's name.</summary>
    public string Cluster { get; } = cluster;

    /// <summary><c>sync</c> or <c>plan</c>.</summary>
    public string Command { get; } = command;

    /// <summary>Whether the run was stopped before it was done.</summary>
    public bool IsStopped { get; set; }

    /// <summary>Adds a line.</summary>
    public void Add(SyncAction action)
    {
        lock (gate)
        {
            actions.Add(action);
        }
    }

    /// <summary>Adds lines.</summary>
    public void AddRange(IEnumerable<SyncAction> lines)
    {
        lock (gate)
        {
            actions.AddRange(lines);
        }
    }

    /// <summary>The lines, ordered by vault, name and source.</summary>
    public ImmutableArray<SyncAction> Lines()
    {
        lock (gate)
        {
            return [.. actions
                .OrderBy(action => action.Vault, StringComparer.OrdinalIgnoreCase)
                .ThenBy(action => action.Name, StringComparer.OrdinalIgnoreCase)
                .ThenBy(action => SourcesOf(action), StringComparer.Ordinal)];
        }
    }

    /// <summary>1 when anything failed, since a retry may cure it; else 3 when anything was refused.</summary>
    public ExitCode ExitCode
    {
        get
        {
            lock (gate)
            {
                return actions.Any(action => action.Kind == ActionKind.Fail) ? ExitCode.Failed
                    : actions.Any(action => action.Kind == ActionKind.Refuse) ? ExitCode.Refused
                    : ExitCode.Done;
            }
        }
    }

    /// <summary>How many of what, in the order of <see cref="ActionKind"/>; kinds that did not occur are left out.</summary>
    public IReadOnlyList<KeyValuePair<ActionKind, int>> Counts()
    {
        lock (gate)
        {
            return [.. actions.CountBy(action => action.Kind).OrderBy(count => count.Key)];
        }
    }

    /// <summary>Whether a line is about a Secret that nobody meant to be synced; it is counted and not shown.</summary>
    public static bool IsUnselected(SyncAction action) =>
        action.Reason is Reason.NoCertificateAnnotation or Reason.NamespaceNotSelected or Reason.NameNotSelected;

    /// <summary>The certificate's name as its Secrets' annotation says it; empty when there is no Secret.</summary>
    public string CertificateOf(SyncAction action) =>
        string.Join(',', action.Sources.Select(secret => secret.Annotations.GetValueOrDefault(annotation, "")).Distinct(StringComparer.Ordinal));

    /// <summary>What a line is about, for people: <c>vault/name</c>, else its Secret, namespace or vault.</summary>
    public static string SubjectOf(SyncAction action) => action switch
    {
        { Name.Length: > 0 } => $"{action.Vault}/{action.Name}",
        { Namespace.Length: > 0 } => $"namespace {action.Namespace}",
        { Sources.Length: > 0 } => SourcesOf(action),
        _ => $"vault {action.Vault}",
    };

    /// <summary>The Secrets a line is about, or those its certificate came from.</summary>
    public static string SourcesOf(SyncAction action) => action.Sources.Length > 0
        ? string.Join(',', action.Sources)
        : action.Current is { } current ? string.Join(',', Ownership.SourcesOf(current)) : "";
}
