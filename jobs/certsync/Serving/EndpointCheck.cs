namespace ClusterTrust.CertSync.Serving;

/// <summary>One line of a report: what an endpoint serves, compared with the vault.</summary>
public sealed record EndpointCheck(ServingState State, string Sentence) : ReportLine(Sentence)
{
    /// <summary>The endpoint as <c>HOST[:PORT]</c>; empty for a line about a Secret or namespace as a whole.</summary>
    public string Endpoint { get; init; } = "";

    /// <summary>The Secret whose annotation names the endpoint; null for <c>--endpoint</c>.</summary>
    public TlsSecretRef? Secret { get; init; }

    /// <summary>What was served; null without a handshake.</summary>
    public ServedCertificate? Served { get; init; }

    /// <summary>When the vault received the certificate that followed the one served; null if the newest is served, or if it is not known.</summary>
    public DateTimeOffset? Since { get; init; }

    public override Enum Outcome => State;

    public override string Secrets => Secret?.Source ?? "";

    public override string Subject => Endpoint.Length > 0 ? Endpoint : Namespace.Length > 0 ? $"namespace {Namespace}" : Secret?.Source ?? $"{Vault}/{Name}";

    public override ExitCode ExitCode => State switch
    {
        ServingState.Served or ServingState.Propagating => ExitCode.Done,
        ServingState.Unreachable or ServingState.VaultBehind or ServingState.Failed => ExitCode.Failed,
        _ => ExitCode.Refused,
    };

    /// <summary>Whether the endpoint serves what it must; null if that is not known.</summary>
    public bool? IsUpToDate => State switch
    {
        ServingState.Served or ServingState.Propagating => true,
        ServingState.Outdated or ServingState.AnotherCertificate or ServingState.NotValid or ServingState.ChainIncomplete => false,
        _ => null,
    };
}

/// <summary>What an endpoint serves. The names are part of the report's format.</summary>
public enum ServingState
{
    /// <summary>The newest version in the vault.</summary>
    Served,

    /// <summary>An older version, and the newest has not been in the vault for longer than the propagation time.</summary>
    Propagating,

    /// <summary>An older version for longer than the propagation time.</summary>
    Outdated,

    /// <summary>A certificate that is no version of the one in the vault.</summary>
    AnotherCertificate,

    /// <summary>A version of the vault's certificate that has expired, or is not valid yet.</summary>
    NotValid,

    /// <summary>A version of the vault's certificate without the intermediates that clients need.</summary>
    ChainIncomplete,

    /// <summary>The endpoint's name does not resolve, nothing answers, or no TLS connection can be negotiated.</summary>
    Unreachable,

    /// <summary>The vault does not have the cluster's certificate, which may be the one that is served.</summary>
    VaultBehind,

    /// <summary>No connection was made, or the result is uncertain; a person must act.</summary>
    Refused,

    /// <summary>The Secrets or the vault could not be read, or the run was stopped.</summary>
    Failed,
}
