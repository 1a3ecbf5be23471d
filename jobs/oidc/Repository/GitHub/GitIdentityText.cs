using System.Globalization;
using ClusterTrust.Oidc.Repository.GitHub.Wire;

namespace ClusterTrust.Oidc.Repository.GitHub;

/// <summary>An identity as Git stores it.</summary>
internal static class GitIdentityText
{
    /// <summary>The identity for the API. In UTC, so that the offset in the commit is known whatever GitHub makes of others.</summary>
    public static NewIdentity ToWire(CommitIdentity identity) => new(
        CommitBuffer.Trim(identity.Name),
        CommitBuffer.Trim(identity.Email),
        identity.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));

    /// <summary>The same identity as it stands in a commit.</summary>
    public static string ToCommit(NewIdentity identity) =>
        CommitBuffer.Identity(identity.Name, identity.Email, DateTimeOffset.Parse(identity.Date, CultureInfo.InvariantCulture));
}
