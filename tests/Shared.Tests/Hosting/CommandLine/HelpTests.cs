namespace ClusterTrust.Shared.Tests.Hosting.CommandLine;

public sealed class HelpTests : IDisposable
{
    private readonly TestApplication _application = new();

    public void Dispose() => _application.Dispose();

    [Fact]
    public async Task The_help_of_a_command_names_every_option_in_every_form()
    {
        var help = await _application.PrintAsync("sync", "--help");
        Assert.StartsWith("Writes to the vaults.\n\nUsage: certsync sync [options]\n", help, StringComparison.Ordinal);
        Assert.Contains(
            """
              --retain-removed-keys DURATION
                  How long a removed key stays.
                  environment CERTSYNC_RETAIN_REMOVED_KEYS; JSON retainRemovedKeys; default 48h

            """,
            help,
            StringComparison.Ordinal);
        Assert.Contains("  --vault NAME (repeatable)\n", help, StringComparison.Ordinal);
        Assert.Contains("environment CERTSYNC_VAULT, AZURE_KEY_VAULT_NAME; JSON vault\n", help, StringComparison.Ordinal);
        Assert.Contains("environment CERTSYNC_CLUSTER; JSON cluster; required\n", help, StringComparison.Ordinal);
        Assert.Contains("  CERTSYNC_HUB_TOKEN\n", help, StringComparison.Ordinal);
        Assert.DoesNotContain("--hub-token", help, StringComparison.Ordinal);
        Assert.Contains("  --output table|json\n", help, StringComparison.Ordinal);
        Assert.Contains("  # Sync one cluster.\n  certsync sync --cluster prod\n", help, StringComparison.Ordinal);
        Assert.Contains("  143  stopped by SIGTERM", help, StringComparison.Ordinal);
        Assert.DoesNotContain(help.Split('\n'), line => line.Length > 100 || line.EndsWith(' '));
        Assert.Empty(_application.Error.ToString());
    }

    [Theory]
    [InlineData("plan --help", true)]
    [InlineData("--help", true)]
    [InlineData("sync --help", false)]
    public async Task Only_commands_with_detailed_exit_codes_document_the_code_for_pending_changes(string commandLine, bool isDocumented) =>
        Assert.Equal(isDocumented, (await _application.PrintAsync(commandLine.Split(' '))).Contains("\n    4  there are changes to make", StringComparison.Ordinal));

    [Theory]
    [InlineData("--help"), InlineData("-h")]
    public async Task The_help_of_the_program_lists_the_commands(string flag)
    {
        var help = await _application.PrintAsync(flag);
        Assert.Contains("Usage: certsync [command] [options]\n", help, StringComparison.Ordinal);
        Assert.Contains("  sync        Writes to the vaults. (default)\n  plan        Writes nothing.\n  completion  Print a script", help, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--version"), InlineData("plan --version")]
    public async Task The_version_is_one_line(string commandLine) =>
        Assert.Matches(@"^certsync \S+( \(commit [0-9a-f]{7}\))?\n$", await _application.PrintAsync(commandLine.Split(' ')));

    [Theory]
    [InlineData("0.1.0+abcdef0123456789", "0.1.0 (commit abcdef0)")]
    [InlineData("0.1.0", "0.1.0")]
    [InlineData(null, "unknown")]
    public void The_version_names_its_commit_when_it_is_known(string? informational, string shown) =>
        Assert.Equal(shown, ClusterTrust.Hosting.JobApplication.DescribeVersion(informational));
}
