namespace ClusterTrust.CertSync.Planning;

/// <summary>One line of a plan: what is done, to which certificate, and why.</summary>
public sealed record SyncAction(ActionKind Kind, Reason Reason, string Sentence) : ReportLine(Sentence)
{
    /// <summary>How many of a line's Secrets reports and Events name: tens of thousands may request one name.</summary>
    public const int MaximumNamed = 100;

    /// <summary>The Secrets that the line is about; empty for a certificate whose Secrets are gone.</summary>
    public ImmutableArray<TlsSecretRef> Sources { get; init; } = [];

    /// <summary>What the vault has now; null if nothing.</summary>
    public VaultCertificate? Current { get; init; }

    /// <summary>The Secret whose certificate is imported; null if nothing is written.</summary>
    public TlsSecretRef? Winner { get; init; }

    /// <summary>Of the Secrets that a certificate to prune was made from, those that the listing does not have, as <c>namespace/name</c>.</summary>
    public ImmutableArray<string> Unlisted { get; init; } = [];

    public ImmutableDictionary<string, string> Tags { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>End of validity of the certificate that is, or will be, in the vault.</summary>
    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>Whether it sends a certificate to the vault.</summary>
    public bool Imports => Kind is ActionKind.Create or ActionKind.Renew or ActionKind.Recover;

    public bool Writes => Imports || Kind is ActionKind.UpdateTags or ActionKind.Disable or ActionKind.Delete;

    /// <summary>Whether it is about a Secret that is not selected; it is counted and not shown.</summary>
    public bool IsUnselected => Reason is Reason.NoCertificateAnnotation or Reason.NamespaceNotSelected or Reason.NameNotSelected;

    public VaultKey Key => new(Vault, Name);

    public override Enum Outcome => Kind;

    public override string Secrets => Sources.Length > 0
        ? string.Join(',', Sources.Take(MaximumNamed))
        : Current is { } current ? string.Join(',', Ownership.SourcesOf(current)) : "";

    public override string Subject => this switch
    {
        { Name.Length: > 0 } => $"{Vault}/{Name}",
        { Namespace.Length: > 0 } => $"namespace {Namespace}",
        { Sources.Length: > 0 } => Secrets,
        _ => $"vault {Vault}",
    };

    public override ExitCode ExitCode => Kind switch
    {
        ActionKind.Fail => ExitCode.Failed,
        ActionKind.Refuse => ExitCode.Refused,
        _ => ExitCode.Done,
    };

    /// <summary>The same line, refused: a person must act.</summary>
    public SyncAction Refused(Reason reason, string sentence) => this with { Kind = ActionKind.Refuse, Reason = reason, Sentence = sentence };

    /// <summary>The same line, failed: a retry may fix it.</summary>
    public SyncAction Failed(Reason reason, string sentence) => this with { Kind = ActionKind.Fail, Reason = reason, Sentence = sentence };

    public static SyncAction On(SyncTarget target, VaultCertificate? current, ActionKind kind, Reason reason, string sentence) =>
        new(kind, reason, sentence)
        {
            Vault = target.Vault,
            Name = target.Name,
            Sources = target.Sources,
            Current = current,
            NotAfter = current?.NotAfter,
        };
}

/// <summary>What is done about one certificate, or one Secret. The names are part of the report's format.</summary>
public enum ActionKind
{
    /// <summary>The vault has what the cluster has.</summary>
    Unchanged,

    /// <summary>Not decided yet: the Secret has to be read.</summary>
    Inspect,

    /// <summary>Import under a name that the vault does not have.</summary>
    Create,

    /// <summary>Import as a new version.</summary>
    Renew,

    /// <summary>Recover from soft deletion, then import as a new version unless the recovered certificate is the same.</summary>
    Recover,

    /// <summary>Update the tags; no new version.</summary>
    UpdateTags,

    /// <summary>Disable in the vault, because its Secret is gone.</summary>
    Disable,

    /// <summary>Delete from the vault, because its Secret is gone.</summary>
    Delete,

    /// <summary>Leave as it is in the vault, and report.</summary>
    Keep,

    /// <summary>The Secret is not synced, and that is no fault.</summary>
    Skip,

    /// <summary>Refused for safety, or because no retry can fix it; a person must act.</summary>
    Refuse,

    /// <summary>Failed; a retry may fix it.</summary>
    Fail,
}
