namespace ClusterTrust.Oidc.Verification;

/// <summary>How one check of the published issuer came out, the gravest last.</summary>
public enum CheckResult
{
    /// <summary>A cloud would accept it.</summary>
    Ok,

    /// <summary>Works, and a person should know.</summary>
    Warning,

    /// <summary>A cache still serves an earlier state; it passes by itself.</summary>
    Stale,

    /// <summary>It could not be looked at from here.</summary>
    Unreachable,

    /// <summary>A cloud would refuse tokens.</summary>
    Fault,

    /// <summary>Something is published that the cluster does not say: somebody else may have written it, and a person must look.</summary>
    Unexpected,
}
