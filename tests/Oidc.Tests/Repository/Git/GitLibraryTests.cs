using LibGit2Sharp;

namespace ClusterTrust.Oidc.Tests.Repository.Git;

public sealed class GitLibraryTests
{
    /// <summary>A folder that this user may not search would fail every clone.</summary>
    [Theory]
    [InlineData(ConfigurationLevel.Global), InlineData(ConfigurationLevel.Xdg), InlineData(ConfigurationLevel.System)]
    [InlineData(ConfigurationLevel.ProgramData)]
    public void Configuration_files_are_searched_for_in_no_folder(ConfigurationLevel level)
    {
        GitLibrary.EnsureReady();

        Assert.All(GlobalSettings.GetConfigSearchPaths(level), Assert.Empty);
    }
}
