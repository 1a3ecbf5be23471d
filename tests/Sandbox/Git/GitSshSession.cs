namespace ClusterTrust.Sandbox.Git;

/// <summary>One command that an authenticated client ran over SSH.</summary>
/// <param name="Access">What the client's key may do.</param>
/// <param name="Service"><c>git-upload-pack</c> (clone, fetch) or <c>git-receive-pack</c> (push).</param>
/// <param name="Repository">The repository as the client named it, without a leading slash and <c>.git</c>.</param>
public sealed record GitSshSession(GitAccess Access, string Service, string Repository);
