using System.Globalization;
using ClusterTrust.Oidc.Repository.GitHub.Wire;

namespace ClusterTrust.Oidc.Repository.GitHub;

/// <summary>An identity as Git stores it.</summary>
internal static class GitIdentityText
{
    // What Git takes off the ends of a name and an address before it stores them.
    private static readonly char[] Crud = [.. Enumerable.Range(0, 33).Select(code => (char)code), '.', ',', ':', ';', '<', '>', '"', '\\', '\''];

    /// <summary>The identity for the API. In UTC, so that the offset in the commit is known whatever GitHub makes of others.</summary>
    public static NewIdentity ToWire(CommitIdentity identity) => new(
        identity.Name.Trim(Crud),
        identity.Email.Trim(Crud),
        identity.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));

    /// <summary>The same identity as it stands in a commit.</summary>
    public static string ToCommit(NewIdentity identity) => string.Create(
        CultureInfo.InvariantCulture,
        $"{identity.Name} <{identity.Email}> {DateTimeOffset.Parse(identity.Date, CultureInfo.InvariantCulture).ToUnixTimeSeconds()} +0000");
}
