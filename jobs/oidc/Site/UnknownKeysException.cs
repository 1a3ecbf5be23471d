namespace ClusterTrust.Oidc.Site;

/// <summary>A published key that no API server serves and whose history is not trusted.</summary>
/// <param name="Reason">Why not, as a clause that follows "and".</param>
internal sealed record UnknownKey(string Kid, string Reason);

/// <summary>Someone may have added keys to the repository: a person must investigate (exit code 3).</summary>
/// <param name="commits">By kid, the commit that added it, such as <c>commit 0123abcd</c>; null if they were not looked up.</param>
internal sealed class UnknownKeysException(string path, IReadOnlyList<UnknownKey> keys, IReadOnlyDictionary<string, string>? commits = null)
    : JobException(Describe(path, keys, commits), ExitCode.Refused)
{
    public string Path => path;

    public IReadOnlyList<UnknownKey> Keys => keys;

    /// <summary>The keys that the message names, whose commits are looked up.</summary>
    public IEnumerable<UnknownKey> Named => keys.Take(KeySetEntries.MaximumNamed);

    private static string Describe(string path, IReadOnlyList<UnknownKey> keys, IReadOnlyDictionary<string, string>? commits)
    {
        var named = keys.Take(KeySetEntries.MaximumNamed).Select(key =>
            $"'{Sanitizer.Sanitize(key.Kid)}'{(commits?.GetValueOrDefault(key.Kid) is { } commit ? $" ({commit})" : "")}, and {key.Reason}");
        var more = keys.Count > KeySetEntries.MaximumNamed ? $"; and {keys.Count - KeySetEntries.MaximumNamed} more" : "";
        return $"The published key set {path} has a key that no API server serves: {string.Join("; ", named)}{more}. Inspect that commit: if the key is not yours, someone else can write to "
            + $"this repository: remove the key with --drop-key={ShellWord.Quote(Sanitizer.Sanitize(keys[0].Kid, KeyRules.MaxKidLength))} and replace the credentials; if it is yours, run once with --accept-new-keys.";
    }
}
