using LibGit2Sharp;

namespace ClusterTrust.Oidc.Repository.Git;

/// <param name="Default">The default branch's short name; null if the repository is empty or names none.</param>
internal sealed record RemoteBranches(string? Default, IReadOnlyDictionary<string, string> Tips)
{
    private const string Prefix = "refs/heads/";

    public bool IsEmpty => Tips.Count == 0;

    public static RemoteBranches Read(GitTransport transport)
    {
        transport.OnlyBranch = null;
        string? head = null;
        var tips = new SortedDictionary<string, string>(StringComparer.Ordinal);
        IEnumerable<Reference> references;
        try
        {
            references = LibGit2Sharp.Repository.ListRemoteReferences(transport.Url);
        }
        catch (InvalidOperationException inconsistent)
        {
            // LibGit2Sharp throws it for a symbolic reference without target.
            throw new JobException($"The server of {transport.Address} names a default branch that it does not list: check the repository's HEAD, and which server answers at that address.", ExitCode.Failed, inconsistent);
        }

        foreach (var reference in references)
        {
            // In the file system, libgit2 lists a branch that names another one as it is. A server lists its commit.
            if (reference.CanonicalName.StartsWith(Prefix, StringComparison.Ordinal))
            {
                tips[reference.CanonicalName[Prefix.Length..]] = reference.ResolveToDirectReference().TargetIdentifier;
            }
            else if (reference is SymbolicReference { CanonicalName: "HEAD" } && reference.TargetIdentifier.StartsWith(Prefix, StringComparison.Ordinal))
            {
                head = reference.TargetIdentifier[Prefix.Length..];
            }
        }

        return new RemoteBranches(head, tips);
    }

    public string? TipOf(string branch) => Tips.GetValueOrDefault(branch);
}
