using LibGit2Sharp;

namespace ClusterTrust.Oidc.Tests.Repository.Git;

/// <summary>The wordings of the hosts, from their sources and from public bug reports.</summary>
public sealed class ServerRefusalTests
{
    private const string Address = "git@github.com:acme/archived-and-disabled.git";

    [Theory]
    [InlineData("ERROR: The `acme' organization has enabled or enforced SAML SSO. To access\nthis repository, you must use the HTTPS remote with a personal access token", "requires single sign-on")]
    [InlineData("remote: ERROR: Cannot find valid SSO session. Please login via your group's SSO at https://gitlab.com/groups/acme/-/saml/sso?token=x", "requires single sign-on")]
    [InlineData("ERROR: The `acme' organization has an IP allow list enabled, and your IP address is not permitted to access this resource.", "allows only listed IP addresses")]
    [InlineData("To access this repository, an admin must whitelist your IP.", "allows only listed IP addresses")]
    [InlineData("remote: The 'acme' organization forbids access via a fine-grained personal access tokens if the token's lifetime is greater than 366 days.", "has a longer lifetime than the owner of")]
    [InlineData("remote: `acme` forbids access via a personal access token (classic).", "forbids classic personal access tokens")]
    [InlineData("remote: VS403463: The conditional access policy defined by your Azure Active Directory administrator has failed.", "conditional access policy")]
    [InlineData("ERROR: Deploy keys are disabled for this repository", "Deploy keys are disabled for")]
    [InlineData("remote: ERROR: Your SSH key has expired.", "has expired: add a new one")]
    [InlineData("ERROR: Your account is suspended. Please check with your installation administrator.", "is suspended or disabled")]
    [InlineData("remote: ERROR: Your account has been blocked.", "is suspended or disabled")]
    [InlineData("remote: ERROR: Your account has been deactivated by your administrator.", "is suspended or disabled")]
    [InlineData("ERROR: Repository 'acme/archived-and-disabled' is disabled.\nPlease ask the owner to check their account.", "or its owner's account is disabled")]
    [InlineData("ERROR: Account `acme' is disabled. Please ask the owner to check their account.", "or its owner's account is disabled")]
    [InlineData("ERROR: Access to this repository has been disabled by GitHub staff.", "or its owner's account is disabled")]
    [InlineData("ERROR: Repository unavailable due to DMCA takedown.", "or its owner's account is disabled")]
    [InlineData("ERROR: This repository was archived so it is read-only.", "is archived and refuses commits")]
    [InlineData("remote: ERROR: You can't push code to an archived project.", "is archived and refuses commits")]
    [InlineData("Gitea: Repo is archived.", "is archived and refuses commits")]
    [InlineData("remote: ERROR: Your push has been rejected, because this repository has exceeded its size limit of 10 MB by 5 MB.", "has exceeded a quota")]
    [InlineData("fatal: pack exceeds maximum allowed size (100 bytes)", "has exceeded a quota")]
    [InlineData("remote: Your push failed because the account 'acme' has exceeded its user limit and this repository is restricted to read-only access.", "has exceeded a quota")]
    [InlineData("remote: ERROR: Git access over SSH is not allowed", "does not allow this protocol: use another one")]
    [InlineData("sh: 1: git-upload-pack: not found", "does not run Git's programs")]
    [InlineData("This account is currently not available.", "does not run Git's programs")]
    [InlineData("ERROR: Repository not found.", "There is no repository")]
    [InlineData("remote: ERROR: The project you were looking for could not be found or you don't have permission to view it.", "There is no repository")]
    [InlineData("Gitea: Cannot find repository: acme/archived-and-disabled", "There is no repository")]
    [InlineData("remote: TF401019: The Git repository with name or identifier x does not exist or you do not have permissions for the operation you are attempting.", "There is no repository")]
    [InlineData("repository access denied. deployment key is not associated with the requested repository.", "may not be read with these credentials")]
    [InlineData("ERROR: Permission to acme/archived-and-disabled.git denied to deploy key", "may not be read with these credentials")]
    [InlineData("remote: Public key authentication failed.", "may not be read with these credentials")]
    [InlineData("ERROR: Something that was never heard of.", "refused this job: correct what its message names")]
    public void A_refusal_that_lasts_is_a_setting_to_correct(string output, string sentence)
    {
        var fault = Explain(output, GitSmartSubtransportAction.UploadPack);
        Assert.Contains(sentence, fault.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, fault.ExitCode);
        Assert.Contains(" The server reported: ", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ERROR: The key you are authenticating with has been marked as read only.")]
    [InlineData("remote: ERROR: This deploy key does not have write access to this project.")]
    [InlineData("repository access denied. access via a deployment key is read-only.")]
    [InlineData("Gitea: Deploy Key: 12:site is not authorized to write to acme/archived-and-disabled.")]
    [InlineData("remote: TF401027: You need the Git 'GenericContribute' permission to perform this action.")]
    public void A_read_only_key_is_an_error(string output) =>
        Assert.Fault(ExitCode.Usage, "may read the repository", () => throw Explain(output, GitSmartSubtransportAction.ReceivePack));

    [Theory]
    [InlineData("")]
    [InlineData("Gitea: Internal error")]
    [InlineData("remote: ERROR: The repository is temporarily read-only. Please try again later.")]
    [InlineData("fatal: Out of memory, malloc failed")]
    [InlineData("Welcome to the machine.")]
    public void What_may_pass_is_worth_a_retry(string output) => Assert.IsType<TransientGitException>(Explain(output, GitSmartSubtransportAction.UploadPack));

    [Fact]
    public void A_long_output_is_quoted_with_its_URL_whole()
    {
        var url = "https://docs.github.com/" + new string('u', 200);
        var fault = Explain($"ERROR: {string.Concat(Enumerable.Repeat("word ", 70))}\n{url} more of it", GitSmartSubtransportAction.UploadPack);
        Assert.EndsWith($" word {url}...", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cannot extend packfile '/tmp/clustertrust-oidc-5tFER1/.git/objects/pack/pack_git2_b1be': No space left on device", "There is no space left to clone the repository (")]
    [InlineData("remote error: cannot extend packfile '/srv/pack': No space left on device", "or its owner has exceeded a quota")]
    public void A_full_disk_of_this_machine_is_not_a_quota_of_the_host(string message, string sentence)
    {
        using var transport = new LocalTransport(RepositoryAddress.Parse(Address), new GitRepositoryOptions { Url = Address });
        var fault = Assert.IsType<JobException>(GitFaults.Explain(new LibGit2SharpException(message), transport));
        Assert.Contains(sentence, fault.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, fault.ExitCode);
    }

    /// <summary>A server has the token and may repeat it in any of its texts; this one has a form that no rule for credentials recognizes.</summary>
    [Fact]
    public void A_token_that_the_server_repeats_is_not_shown()
    {
        const string Token = "glpat-0123456789";
        using var transport = new LocalTransport(RepositoryAddress.Parse(Address), new GitRepositoryOptions { Url = Address, Token = Token + "\n" });
        transport.AddOutput("ERROR: glpat-0123456789 is not welcome."u8);
        JobException[] faults =
        [
            ServerRefusal.Explain(transport, GitSmartSubtransportAction.UploadPack),
            ServerRefusal.ExplainPush(transport, "main", $"no push with {Token}"),
            Assert.IsType<JobException>(GitFaults.Explain(new LibGit2SharpException($"remote error: not with {Token}"), transport)),
        ];
        Assert.All(faults, fault => Assert.DoesNotContain(Token, fault.Message, StringComparison.Ordinal));
        Assert.All(faults, fault => Assert.Contains("(redacted)", fault.Message, StringComparison.Ordinal));
    }

    private static JobException Explain(string output, GitSmartSubtransportAction action)
    {
        using var transport = new LocalTransport(RepositoryAddress.Parse(Address), new GitRepositoryOptions { Url = Address });
        transport.AddOutput(Encoding.UTF8.GetBytes(output));
        return ServerRefusal.Explain(transport, action);
    }
}
