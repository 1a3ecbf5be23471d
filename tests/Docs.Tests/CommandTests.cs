namespace ClusterTrust.Docs.Tests;

/// <summary>Every command of every page is read by the program that it is for: a flag, target, variable, script or path that does not exist fails here.</summary>
public sealed class CommandTests : IDisposable
{
    private readonly CommandRules _rules = new();

    public static TheoryData<string> Pages => [.. Page.Names];

    public void Dispose() => _rules.Dispose();

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Every_command_of_a_page_is_one(string name)
    {
        var faults = await FaultsAsync(Page.Read(name));
        Assert.True(faults.Count == 0, $"{name}: {string.Join('\n', faults)}");
    }

    /// <summary>Rules that refused nothing would prove nothing.</summary>
    [Theory]
    [InlineData("```sh\noidc publish --isuer https://a.example\n```", "--isuer is not an option")]
    [InlineData("```sh\ncertsync plan --prune erase\n```", "--prune must be")]
    [InlineData("```sh\nmake instal\n```", "no target instal")]
    [InlineData("```sh\nmake images \\\n  PUSHED=1\n```", "read PUSHED")]
    [InlineData("`FOLDERS=my-x make configure`", "read FOLDERS")]
    [InlineData("```sh\nkubectl apply -k kustomize/overlays/none\n```", "none")]
    [InlineData("```sh\nfor one in a b; do kubectl get pods --nmespace $one; done\n```", "unknown flag: --nmespace")]
    [InlineData("`kubectl wait --for complete`", "kubectl wait")]
    [InlineData("```sh\nkubectl create job a --from\n```", "flag needs an argument")]
    [InlineData("```sh\nscripts/missing.sh\n```", "scripts/missing.sh")]
    [InlineData("`missing.sh`", "no such script")]
    [InlineData("```sh\n.ci/run --fast\n```", "does not know --fast")]
    [InlineData("```sh\nflux bootstrap\n```", "flux is not known")]
    [InlineData("```sh\ngit pull\n```", "pull is not known")]
    [InlineData("```sh\nif true; then\n```", "syntax error")]
    [InlineData("```\nmake test\n```", "in the language ''")]
    [InlineData("Text.\n\n    make test\n", "an indented block")]
    [InlineData("```yaml\nsteps:\n  - run: make tests\n```", "no target tests")]
    [InlineData("```yaml\nsteps:\n  - name: one\n    run: |\n      umask 077\n      oidc plan --al\n```", "--al is not an option")]
    [InlineData("`--retain-keys 24h`", "--retain-keys is not a flag")]
    [InlineData("`OIDC_ISUER`", "OIDC_ISUER is not a variable")]
    public async Task What_is_wrong_is_named(string page, string fault) =>
        Assert.Contains(await FaultsAsync(new Page("page", page + "\n")), one => one.Contains(fault, StringComparison.Ordinal));

    private async Task<List<string>> FaultsAsync(Page page)
    {
        var faults = new List<string>(page.Faults);
        faults.AddRange(page.Inline.SelectMany(CommandRules.MentionFaults));
        foreach (var (scripts, inSentence) in new[] { (page.Scripts, false), ([.. page.Inline.Where(CommandRules.IsCommand)], true) })
        {
            var (commands, errors) = scripts.Count > 0 ? await Shell.ReadAsync(scripts, CommandRules.Programs) : ([], "");
            faults.AddRange(errors.Length > 0 ? [errors] : []);
            foreach (var command in commands.DistinctBy(static words => string.Join('\0', words)))
            {
                if (await _rules.FaultAsync(command, inSentence) is { } fault)
                {
                    faults.Add(fault);
                }
            }
        }

        return faults;
    }
}
