namespace ClusterTrust.Oidc.Repository.GitHub.Wire;

/// <summary>A commit to make. Members that are null are left out, and GitHub fills them from the credentials.</summary>
internal sealed record NewCommit(
    string Message, string Tree, IReadOnlyList<string> Parents, NewIdentity? Author, NewIdentity? Committer, string? Signature);
