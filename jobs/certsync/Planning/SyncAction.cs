using System.Collections.Immutable;

namespace ClusterTrust.CertSync.Planning;

/// <summary>One line of a plan: what is done, to which certificate, and why.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Reason">Why.</param>
/// <param name="Sentence">The reason for people, one sentence.</param>
public sealed record SyncAction(ActionKind Kind, Reason Reason, string Sentence)
{
    /// <summary>The vault's alias; empty when none was chosen.</summary>
    public string Vault { get; init; } = "";

    /// <summary>The name in the vault; empty when none was chosen.</summary>
    public string Name { get; init; } = "";

    /// <summary>The namespace it is about as a whole, when that could not be listed; else empty.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>The Secrets it is about; empty for a certificate whose Secrets are gone.</summary>
    public ImmutableArray<TlsSecretRef> Sources { get; init; } = [];

    /// <summary>What the vault has now, if anything.</summary>
    public VaultCertificate? Current { get; init; }

    /// <summary>The Secret whose certificate is imported, for kinds that import.</summary>
    public TlsSecretRef? Winner { get; init; }

    /// <summary>The tags to write, for kinds that write.</summary>
    public ImmutableDictionary<string, string> Tags { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>End of validity of the certificate that is, or will be, in the vault.</summary>
    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>What is odd about the certificate but keeps it from nothing, one sentence each.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>Whether it sends a certificate to the vault.</summary>
    public bool Imports => Kind is ActionKind.Create or ActionKind.Renew or ActionKind.Recover;

    /// <summary>Whether it changes anything in the vault.</summary>
    public bool Writes => Imports || Kind is ActionKind.UpdateTags or ActionKind.Disable or ActionKind.Delete;

    /// <summary>Where it happens.</summary>
    public VaultKey Key => new(Vault, Name);

    /// <summary>The same line when a person must look before it can be done.</summary>
    public SyncAction Refused(Reason reason, string sentence) => this with { Kind = ActionKind.Refuse, Reason = reason, Sentence = sentence };

    /// <summary>The same line after it was tried and failed, and a retry may cure it.</summary>
    public SyncAction Failed(Reason reason, string sentence) => this with { Kind = ActionKind.Fail, Reason = reason, Sentence = sentence };

    /// <summary>An action on a target.</summary>
    public static SyncAction On(SyncTarget target, VaultCertificate? current, ActionKind kind, Reason reason, string sentence) =>
        new(kind, reason, sentence)
        {
            Vault = target.Vault,
            Name = target.Name,
            Sources = target.Sources,
            Current = current,
            NotAfter = current?.NotAfter,
        };

    /// <summary>An action about one Secret that has no place in a vault.</summary>
    public static SyncAction About(TlsSecretRef secret, ActionKind kind, Reason reason, string sentence) =>
        new(kind, reason, sentence) { Sources = [secret] };
}
