namespace ClusterTrust.Sandbox.Git;

/// <summary>What a token of <see cref="GitHttpsServer"/> stands for.</summary>
/// <param name="Login">Who pushes with it: REMOTE_USER of hooks and logs.</param>
/// <param name="Access">What it may do.</param>
/// <param name="Repository">The one repository it is for, <c>owner/repository</c>; every repository when null.</param>
internal sealed record GitToken(string Login, GitAccess Access, string? Repository);
