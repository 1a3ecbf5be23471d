namespace ClusterTrust.CertSync.Planning;

/// <summary>What the planner may do, as configured; the settings of the same names describe it.</summary>
/// <param name="Cluster">This cluster's name, as in the tag <see cref="Ownership.ClusterTag"/>.</param>
public sealed record SyncPolicy(string Cluster)
{
    /// <summary>Names that namespaces may use besides those of their own Secrets. Default none.</summary>
    public ImmutableArray<NameGrant> Grants { get; init; } = [];

    public bool IncludeAuthorities { get; init; }

    public bool Adopt { get; init; }

    public bool AllowOlder { get; init; }

    public bool Recover { get; init; } = true;

    public bool Full { get; init; }

    public PruneMode Prune { get; init; } = PruneMode.Keep;

    /// <summary>The maximum number of certificates that one run prunes, of one namespace and of all together.</summary>
    public int PruneLimit { get; init; } = 5;

    /// <summary>Whether a grant gives a namespace a name: through the annotation <see cref="Annotations.Name"/>, and even if another namespace used it first.</summary>
    public bool IsGranted(string @namespace, string name) =>
        Grants.Any(grant => grant.Namespaces.IsMatch(@namespace) && name.StartsWith(grant.Prefix, StringComparison.OrdinalIgnoreCase));
}

/// <summary>Allows matching namespaces to use every name that begins with a prefix.</summary>
/// <param name="Prefix">The beginning of the names, case-insensitive; empty grants every name.</param>
public sealed record NameGrant(Glob Namespaces, string Prefix)
{
    /// <summary>Reads <c>NAMESPACE-GLOB=PREFIX</c>; null if the text has another form, or if no namespace or no name can match.</summary>
    public static NameGrant? Parse(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && Glob.Parse(text[..equals].Trim()) is { } namespaces && Ownership.IsNamespacePattern(namespaces)
            && text[(equals + 1)..].Trim() is var prefix && VaultNames.Map($"{prefix}0") == $"{prefix}0"
            ? new NameGrant(namespaces, prefix)
            : null;
    }
}

/// <summary>What happens to this job's certificate whose Secret no longer exists.</summary>
public enum PruneMode
{
    /// <summary>Keep and report it.</summary>
    Keep,

    /// <summary>Disable it: it cannot be read until a person enables it again.</summary>
    Disable,

    /// <summary>Delete it: soft deletion keeps it recoverable for the vault's retention time.</summary>
    Delete,
}
