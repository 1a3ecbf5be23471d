namespace ClusterTrust.Oidc.Rotation;

internal enum RotationStage
{
    /// <summary>One key signs and is public, and no other is in use.</summary>
    NoRotation,

    /// <summary>Some API servers accept the new key, others do not yet.</summary>
    NewKeyOnSomeServers,

    /// <summary>Every API server accepts the new key; it is not public.</summary>
    NewKeyNotPublic,

    /// <summary>The new key is public, but caches may still have a key set without it.</summary>
    NewKeyNotCached,

    /// <summary>No cache is older than the new key: it may sign.</summary>
    ReadyToSign,

    /// <summary>Some API servers sign with the new key, others with the old one.</summary>
    SigningOnSomeServers,

    /// <summary>The new key signs; tokens of the old key are still valid.</summary>
    OldKeyInUse,

    /// <summary>Every token of the old key has expired: it may be removed.</summary>
    ReadyToRemove,

    /// <summary>No API server accepts the old key; it stays public until its retention is over.</summary>
    OldKeyRetained,

    /// <summary>A key signs that some API server does not accept.</summary>
    SigningKeyNotServed,

    /// <summary>A key signs that is not public: clouds refuse its tokens.</summary>
    SigningKeyNotPublic,

    /// <summary>A new key signs although caches may still have a key set without it.</summary>
    SigningKeyNotCached,

    /// <summary>There are several keys, and it is not known which one is new.</summary>
    Unclear,
}

internal enum RotationStep
{
    /// <summary>Create a key, and have every API server accept it.</summary>
    AddKey,

    /// <summary>Have the other API servers accept the key.</summary>
    CompleteKey,

    /// <summary>Run <c>oidc publish</c>.</summary>
    Publish,

    Wait,

    /// <summary>Sign with the new key on every API server.</summary>
    Sign,

    /// <summary>Remove every key but the signing one from every API server.</summary>
    Remove,

    /// <summary>Needs manual action.</summary>
    Look,
}

/// <param name="ServedBy">How many API servers accept its tokens.</param>
/// <param name="SignedBy">How many API servers sign with it.</param>
/// <param name="PublicSince">Since when it is public at the latest; null when it is not, or when the site does not send it.</param>
/// <param name="ToRemove">Whether it may be removed from the API servers.</param>
internal sealed record KeyStatus(JsonWebKey Key, int ServedBy, int SignedBy, DateTimeOffset? PublicSince, SafetyCheck ToSign, SafetyCheck ToRemove);

/// <summary>The status of a rotation, and the next step. Pure: the same facts give the same status.</summary>
/// <param name="Message">Stage and step in one or two sentences.</param>
/// <param name="Kid">The key that the step is about, or null.</param>
/// <param name="Until">How long to wait, or null.</param>
internal sealed record RotationStatus(RotationStage Stage, RotationStep Step, string Message, string? Kid = null, DateTimeOffset? Until = null)
{
    /// <summary>Every key that is served or public, by kid.</summary>
    public IReadOnlyList<KeyStatus> Keys { get; private init; } = [];

    public static RotationStatus Of(RotationFacts facts)
    {
        KeyStatus[] keys =
        [
            .. facts.ServedKeys.Concat(facts.Site.Keys.Keys).DistinctBy(static key => key.Kid).OrderBy(static key => key.Kid, StringComparer.Ordinal).Select(key => new KeyStatus(
                key,
                facts.Servers.Count(server => server.Keys.Contains(key.Kid)),
                facts.Servers.Count(server => server.SigningKid == key.Kid),
                facts.Site.Has(key) ? facts.Site.Since(key) : null,
                SafetyCheck.SafeToSign(facts, key),
                SafetyCheck.SafeToRemove(facts, key))),
        ];
        var signing = keys.Where(static key => key.SignedBy > 0).ToArray();
        return (ProblemOf(facts, signing, keys) ?? (signing.Length > 1 ? Switching(facts, signing) : Between(facts, signing[0], keys))) with { Keys = keys };
    }

    /// <summary>A signing key whose tokens are refused somewhere.</summary>
    private static RotationStatus? ProblemOf(RotationFacts facts, KeyStatus[] signing, KeyStatus[] keys) => signing switch
    {
        _ when signing.FirstOrDefault(key => key.ServedBy < facts.Servers.Count) is { } uneven => new(RotationStage.SigningKeyNotServed, RotationStep.CompleteKey,
            $"The key {Name(uneven)} signs tokens that are refused by {Without(facts, uneven)}: add it to --service-account-key-file there now.", uneven.Key.Kid),
        _ when signing.FirstOrDefault(key => !facts.Site.Has(key.Key)) is { } hidden => new(RotationStage.SigningKeyNotPublic, RotationStep.Publish,
            $"The key {Name(hidden)} signs and is not public: clouds refuse its tokens. Publish it now.", hidden.Key.Kid),
        // Only a key that is known to be new: every deployment of the site makes the keys on it look newer than they are.
        _ when signing.FirstOrDefault(key => !key.ToSign.IsSafe && key.ToSign.At is { } at
            && facts.Site.FirstSeen(key.Key) is { } seen && seen + (at - key.PublicSince!.Value) > facts.Now
            && keys.Any(other => facts.Site.FirstSeen(other.Key) < seen)) is { } early => new(RotationStage.SigningKeyNotCached, RotationStep.Wait,
            $"The key {Name(early)} signs before every cache can have it ({early.ToSign.Reason}): some clouds may refuse its tokens until {Sentence.Time(early.ToSign.At!.Value)}.",
            early.Key.Kid, early.ToSign.At),
        _ => null,
    };

    /// <summary>The API servers sign with different keys.</summary>
    private static RotationStatus Switching(RotationFacts facts, KeyStatus[] signing)
    {
        var byAge = signing.Select(key => (Key: key, Seen: facts.Site.FirstSeen(key.Key))).OrderByDescending(static key => key.Seen).ToArray();
        if (byAge.Any(static key => key.Seen is null) || byAge[0].Seen == byAge[1].Seen)
        {
            return Unclear(signing);
        }

        var target = byAge[0].Key;
        return target.ToSign.IsSafe
            ? new(RotationStage.SigningOnSomeServers, RotationStep.Sign,
                $"The new key {Name(target)} signs on {target.SignedBy} of {facts.Servers.Count} API servers. Switch the others: {facts.Addresses(server => server.SigningKid != target.Key.Kid)}.", target.Key.Kid)
            : Pending(RotationStage.SigningOnSomeServers, target, target.ToSign,
                $"The new key {Name(target)} signs on {target.SignedBy} of {facts.Servers.Count} API servers.", "before you switch the others");
    }

    /// <summary>One key signs everywhere, and is public.</summary>
    private static RotationStatus Between(RotationFacts facts, KeyStatus signing, KeyStatus[] keys)
    {
        var others = keys.Where(static key => key is { ServedBy: > 0, SignedBy: 0 }).ToArray();
        var signingSeen = facts.Site.FirstSeen(signing.Key);
        if (others.Where(IsNext).OrderBy(key => facts.Site.FirstSeen(key.Key) ?? DateTimeOffset.MaxValue).FirstOrDefault() is { } next)
        {
            return Prepare(facts, next);
        }

        if (others.Where(key => !(facts.Site.FirstSeen(key.Key) < signingSeen)).ToArray() is { Length: > 0 } unclear)
        {
            return Unclear([signing, .. unclear]);
        }

        if (others.FirstOrDefault() is { } old)
        {
            return old.ToRemove.IsSafe
                ? new(RotationStage.ReadyToRemove, RotationStep.Remove,
                    $"Every token of the old key {Name(old)} has expired ({old.ToRemove.Reason}). Remove it from every API server.", old.Key.Kid)
                : Pending(RotationStage.OldKeyInUse, old, old.ToRemove, $"The key {Name(signing)} signs everywhere.", $"before you remove the old key {Name(old)}");
        }

        var retained = keys.Where(static key => key.ServedBy == 0).ToArray();
        return retained.Length == 0
            ? new(RotationStage.NoRotation, RotationStep.AddKey, $"No rotation is under way: the key {Name(signing)} signs everywhere and is public. To begin one, add a new key.")
            : new(RotationStage.OldKeyRetained, RotationStep.Wait,
                $"No API server accepts the old key {Name(retained[0])} any more. oidc removes it from the public key set when its retention is over.",
                retained[0].Key.Kid,
                facts.Site.State?.Find(retained[0].Key) is { RemovedAt: { } removed } state && state.FaultOf(facts.Now) is null ? removed + facts.TokenLifetime : null);

        bool IsNext(KeyStatus key) => !facts.Site.Has(key.Key) || facts.Site.FirstSeen(key.Key) > signingSeen;
    }

    /// <summary>A key that is to sign next.</summary>
    private static RotationStatus Prepare(RotationFacts facts, KeyStatus next) =>
        next.ServedBy < facts.Servers.Count
            ? new(RotationStage.NewKeyOnSomeServers, RotationStep.CompleteKey,
                $"{next.ServedBy} of {facts.Servers.Count} API servers accept the new key {Name(next)}. Add it on the others: {Without(facts, next)}.", next.Key.Kid)
        : !facts.Site.Has(next.Key)
            ? new(RotationStage.NewKeyNotPublic, RotationStep.Publish, $"Every API server accepts the new key {Name(next)}, and it is not public. Publish it.", next.Key.Kid)
        : next.ToSign.IsSafe
            ? new(RotationStage.ReadyToSign, RotationStep.Sign, $"No cache is older than the new key {Name(next)} ({next.ToSign.Reason}). Sign with it on every API server.", next.Key.Kid)
            : Pending(RotationStage.NewKeyNotCached, next, next.ToSign, $"The new key {Name(next)} is public.", "before it signs");

    /// <summary>Wait until a time, or investigate why it is not known.</summary>
    private static RotationStatus Pending(RotationStage stage, KeyStatus key, SafetyCheck check, string sentence, string before) => check.At is { } at
        ? new(stage, RotationStep.Wait, $"{sentence} Wait until {Sentence.Time(at)} {before} ({check.Reason}).", key.Key.Kid, at)
        : new(stage, RotationStep.Look, $"{sentence} Not known {before}: {check.Reason}.", key.Key.Kid);

    private static RotationStatus Unclear(IReadOnlyCollection<KeyStatus> keys) => new(RotationStage.Unclear, RotationStep.Look,
        $"The state file does not show which of the keys {string.Join(", ", keys.Select(Name))} is new: decide with --safe-to-sign KID and --safe-to-remove KID.");

    private static string? Without(RotationFacts facts, KeyStatus key) => facts.Addresses(server => !server.Keys.Contains(key.Key.Kid));

    private static string Name(KeyStatus key) => $"'{Sanitizer.Sanitize(key.Key.Kid)}'";
}
