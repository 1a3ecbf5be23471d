using ClusterTrust.Hosting;
using LibGit2Sharp;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>
/// Looks how large a tree is before libgit2 unfolds it in memory, which it does with one call for each level. A few small objects are
/// enough for a tree of billions of files, when folders name the same folder many times.
/// </summary>
internal static class TreeBounds
{
    private const int MostEntries = 200_000;

    /// <summary>Deeper than any path that a file system takes (PATH_MAX, 4096 bytes).</summary>
    private const int MostLevels = 2048;

    /// <exception cref="JobException">It has more files than this job can handle, or goes deeper than a path can be (exit code 3).</exception>
    public static void Check(Tree root, string branch)
    {
        var entries = 0;
        var open = new Stack<(Tree Tree, int Level)>([(root, 1)]);
        while (open.TryPop(out var folder))
        {
            foreach (var entry in folder.Tree)
            {
                if (++entries > MostEntries || folder.Level > MostLevels)
                {
                    throw new JobException(
                        $"The tree of the branch {branch} has more than {MostEntries} files or {MostLevels} levels of folders: look at the repository, or publish to one of its own.",
                        ExitCode.Refused);
                }

                if (entry.Mode == Mode.Directory)
                {
                    open.Push(((Tree)entry.Target, folder.Level + 1));
                }
            }
        }
    }
}
