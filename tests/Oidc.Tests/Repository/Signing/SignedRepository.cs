using System.Text;
using ClusterTrust.Oidc.Repository;
using ClusterTrust.Sandbox.Processes;
using LibGit2Sharp;

namespace ClusterTrust.Oidc.Tests.Repository.Signing;

/// <summary>A bare repository with commits really made and signed, for the real git to verify.</summary>
internal sealed class SignedRepository : IDisposable
{
    public const string Committer = "ci@example.com";

    private readonly TemporaryFolder folder = new();
    private readonly LibGit2Sharp.Repository repository;

    public SignedRepository()
    {
        LibGit2Sharp.Repository.Init(folder.Path, isBare: true);
        repository = new LibGit2Sharp.Repository(folder.Path);
    }

    /// <summary>Makes a signed commit and returns its id.</summary>
    public string Commit(ICommitSigner signer, string message = "Update the issuer\n\nAdded:\n- kid-ü\n")
    {
        var tree = repository.ObjectDatabase.CreateTree(new TreeDefinition());
        var author = new Signature("Jörg Test", Committer, DateTimeOffset.Now);
        var buffer = LibGit2Sharp.Commit.CreateBuffer(author, author, message, tree, [], prettifyMessage: false, commentChar: null);
        var signature = signer.Sign(Encoding.UTF8.GetBytes(buffer));
        return repository.ObjectDatabase.CreateCommitWithSignature(buffer, signature.TrimEnd('\n')).Sha;
    }

    public string VerifyWithGpg(string commit, GnuPg gpg) => Tool.VerifyWithGpg(folder.Path, commit, gpg);

    public string VerifyWithSsh(string commit, string publicKey) => Tool.VerifyWithSsh(folder.Path, commit, Committer, publicKey);

    public void Dispose()
    {
        repository.Dispose();
        folder.Dispose();
    }
}
