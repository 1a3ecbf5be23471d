using System.Collections.Immutable;
using ClusterTrust.Hosting;

namespace ClusterTrust.CertSync.Planning;

/// <summary>One line of a report.</summary>
public interface IReportLine
{
    /// <summary>The vault's alias; empty if it is not known.</summary>
    string Vault { get; }

    /// <summary>The name in the vault; empty if it is not known.</summary>
    string Name { get; }

    /// <summary>The Secrets that it is about, as <c>namespace/name</c> separated by commas, otherwise those that its certificate was made from.</summary>
    string Secrets { get; }

    /// <summary>The subject in messages: an endpoint or <c>vault/name</c>, otherwise its namespace, Secrets or vault.</summary>
    string Subject { get; }

    /// <summary>What is done or was found: an <see cref="ActionKind"/> or a state of an endpoint.</summary>
    Enum Outcome { get; }

    /// <summary>Why, and what to do, as one sentence.</summary>
    string Sentence { get; }

    /// <summary>Anomalies that change nothing in the outcome, one sentence each.</summary>
    ImmutableArray<string> Warnings { get; }

    /// <summary>The exit code of a run that has only this line.</summary>
    ExitCode ExitCode { get; }
}
