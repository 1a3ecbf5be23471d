namespace ClusterTrust.Oidc.Tests.Repository.Signing;

/// <summary>The real git's verdict on signed commits.</summary>
internal static class GitJudge
{
    /// <summary>What <c>git verify-commit</c> with gpg says; it fails the test where git does not accept the commit.</summary>
    public static string VerifyWithGpg(string repository, string commit, GnuPg gpg) =>
        Tool.Run("git", gpg.Environment, "", "-C", repository, "verify-commit", "--raw", commit);

    /// <summary>What <c>git verify-commit</c> with ssh-keygen says, where only this committer may sign, with this key.</summary>
    public static string VerifyWithSsh(string repository, string commit, string committer, string publicKey)
    {
        using var folder = new TempFolder();
        var allowed = folder.Write("allowed", $"{committer} namespaces=\"git\" {publicKey}\n");
        return Tool.Run(
            "git", "-C", repository, "-c", "gpg.format=ssh", "-c", $"gpg.ssh.allowedSignersFile={allowed}", "verify-commit", commit);
    }
}
