namespace ClusterTrust.Sandbox.Git;

/// <summary>The real git, independent of the configuration of the user and the machine.</summary>
internal static class GitProgram
{
    /// <summary>What keeps git to itself. safe.directory: under sudo, and in containers, the temporary folder can belong to someone else.</summary>
    public static readonly IReadOnlyDictionary<string, string> Environment = new Dictionary<string, string>
    {
        ["GIT_CONFIG_GLOBAL"] = "/dev/null",
        ["GIT_CONFIG_NOSYSTEM"] = "1",
        ["GIT_CONFIG_COUNT"] = "2",
        ["GIT_CONFIG_KEY_0"] = "safe.directory",
        ["GIT_CONFIG_VALUE_0"] = "*",
        ["GIT_CONFIG_KEY_1"] = "gc.auto",
        ["GIT_CONFIG_VALUE_1"] = "0",
        ["GIT_TERMINAL_PROMPT"] = "0",
        ["LC_ALL"] = "C",
    };

    public static string Path => Tools.Find("git", "git");

    public static BinaryRunner Runner() => new(Path) { Environment = new Dictionary<string, string>(Environment) };
}
