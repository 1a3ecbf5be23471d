namespace ClusterTrust.Oidc.Tests;

/// <summary>A program of the machine (gpg, ssh-keygen, git): an independent implementation to test against.</summary>
internal static class Tool
{
    /// <summary>Runs it and returns both of its outputs as one text; fails the test if it exits with another code than 0.</summary>
    public static string Run(string program, IReadOnlyDictionary<string, string> environment, string input, params string[] arguments) => Task.Run(async () =>
    {
        await using var runner = new BinaryRunner(program) { WorkingDirectory = Environment.CurrentDirectory };
        var output = await runner.RunAsync(arguments, environment, input: Encoding.UTF8.GetBytes(input));
        Assert.True(output.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {output}");
        return output.StandardOutput + output.StandardError;
    }).GetAwaiter().GetResult();

    public static string Run(string program, params string[] arguments) =>
        Run(program, new Dictionary<string, string>(), "", arguments);

    /// <summary>The output of <c>git verify-commit</c> with gpg; it fails the test where git does not accept the commit.</summary>
    public static string VerifyWithGpg(string repository, string commit, GnuPg gpg) =>
        Run("git", gpg.Environment, "", "-C", repository, "verify-commit", "--raw", commit);

    /// <summary>The output of <c>git verify-commit</c> with ssh-keygen, where only the committer of <see cref="TestRepository"/> may sign, with this key.</summary>
    public static string VerifyWithSsh(string repository, string commit, string publicKey)
    {
        using var folder = new TemporaryFolder();
        var allowed = folder.Write("allowed", $"{TestRepository.Committer} namespaces=\"git\" {publicKey}\n");
        return Run("git", "-C", repository, "-c", "gpg.format=ssh", "-c", $"gpg.ssh.allowedSignersFile={allowed}", "verify-commit", commit);
    }
}
