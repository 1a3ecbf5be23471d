using LibGit2Sharp;

namespace ClusterTrust.Oidc.Tests.Repository.Signing;

/// <summary>A bare repository with commits really made and signed, for the real git to verify.</summary>
internal sealed class SignedRepository : IDisposable
{
    public const string Committer = "ci@example.com";

    private readonly TemporaryFolder _folder = new();
    private readonly LibGit2Sharp.Repository _repository;

    public SignedRepository()
    {
        LibGit2Sharp.Repository.Init(_folder.Path, isBare: true);
        _repository = new LibGit2Sharp.Repository(_folder.Path);
    }

    /// <summary>Makes a signed commit and returns its id.</summary>
    public string Commit(ICommitSigner signer, string message = "Update the issuer\n\nAdded:\n- kid-ü\n")
    {
        var tree = _repository.ObjectDatabase.CreateTree(new TreeDefinition());
        var author = new Signature("Jörg Test", Committer, DateTimeOffset.Now);
        var buffer = LibGit2Sharp.Commit.CreateBuffer(author, author, message, tree, [], prettifyMessage: false, commentChar: null);
        var signature = signer.Sign(Encoding.UTF8.GetBytes(buffer));
        return _repository.ObjectDatabase.CreateCommitWithSignature(buffer, signature.TrimEnd('\n')).Sha;
    }

    public string VerifyWithGpg(string commit, GnuPg gpg) => Tool.VerifyWithGpg(_folder.Path, commit, gpg);

    public string VerifyWithSsh(string commit, string publicKey) => Tool.VerifyWithSsh(_folder.Path, commit, Committer, publicKey);

    public void Dispose()
    {
        _repository.Dispose();
        _folder.Dispose();
    }
}
