namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>What is asked of a Git server.</summary>
internal enum GitService
{
    /// <summary>To send objects: <c>git-upload-pack</c>.</summary>
    UploadPack,

    /// <summary>To take objects and move branches: <c>git-receive-pack</c>.</summary>
    ReceivePack,
}
