using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Issuer;

namespace ClusterTrust.Oidc.Site;

/// <summary>A published key that no API server serves and whose history is not believed.</summary>
/// <param name="Kid">Its key id.</param>
/// <param name="Reason">Why not, as a clause that follows "and".</param>
public sealed record UnknownKey(string Kid, string Reason);

/// <summary>Somebody may have put keys of their own into the repository: a person must look (exit code 3).</summary>
public sealed class UnknownKeysException : JobException
{
    private const int MostNamed = 5;

    private UnknownKeysException(string message, string path, IReadOnlyList<UnknownKey> keys)
        : base(message, ExitCode.Refused) => (Path, Keys) = (path, keys);

    /// <summary>The path of the key set in the repository.</summary>
    public string Path { get; }

    /// <summary>The keys, at least one.</summary>
    public IReadOnlyList<UnknownKey> Keys { get; }

    /// <summary>The keys whose commits are worth looking up.</summary>
    public IEnumerable<UnknownKey> Named => Keys.Take(MostNamed);

    /// <summary>Words the refusal.</summary>
    /// <param name="path">The path of the key set in the repository.</param>
    /// <param name="keys">The keys.</param>
    /// <param name="commits">By kid, the commit that brought it, such as <c>commit 0123abcd</c>; empty when it was not looked up.</param>
    public static UnknownKeysException For(string path, IReadOnlyList<UnknownKey> keys, IReadOnlyDictionary<string, string>? commits = null)
    {
        var named = keys.Take(MostNamed).Select(key =>
            $"'{Shown.Of(key.Kid)}'{(commits?.GetValueOrDefault(key.Kid) is { } commit ? $" ({commit})" : "")}, and {key.Reason}");
        var more = keys.Count > MostNamed ? $"; and {keys.Count - MostNamed} more" : "";
        return new UnknownKeysException(
            $"The published key set {path} has a key that no API server serves: {string.Join("; ", named)}{more}. Look at that commit: if the key is not yours, somebody else can write to "
            + $"this repository: remove the key with --drop-key {Shown.Of(keys[0].Kid)} and replace the credentials; if it is yours, run once with --accept-new-keys.",
            path,
            keys);
    }
}
