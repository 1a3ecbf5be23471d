namespace ClusterTrust.CertSync.Planning;

/// <summary>One line of a report.</summary>
/// <param name="Sentence">Why, and what to do.</param>
public abstract record ReportLine(string Sentence)
{
    /// <summary>The vault's alias; empty if it is not known.</summary>
    public string Vault { get; init; } = "";

    /// <summary>The name in the vault; empty if it is not known.</summary>
    public string Name { get; init; } = "";

    /// <summary>The namespace that could not be listed, for a line about a whole namespace; otherwise empty.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>Anomalies that change nothing in the outcome, one sentence each.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>The Secrets that it is about, at most <see cref="SyncAction.MaximumNamed"/>, as <c>namespace/name</c> separated by commas, otherwise those that its certificate was made from.</summary>
    public abstract string Secrets { get; }

    /// <summary>The subject in messages: an endpoint or <c>vault/name</c>, otherwise its namespace, Secrets or vault.</summary>
    public abstract string Subject { get; }

    /// <summary>What is done or was found: an <see cref="ActionKind"/> or a state of an endpoint.</summary>
    public abstract Enum Outcome { get; }

    /// <summary>The exit code of a run that has only this line.</summary>
    public abstract ExitCode ExitCode { get; }
}
