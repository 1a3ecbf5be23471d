namespace ClusterTrust.Oidc.Trust;

/// <summary>How a trust is worded.</summary>
public enum TrustFormat
{
    /// <summary>Commands for the cloud's own command line (<see cref="TrustCommands"/>).</summary>
    Commands,

    /// <summary>OpenTofu configuration (<see cref="TrustTofu"/>).</summary>
    Tofu,

    /// <summary>An object with the trust's parts and the commands, for scripts.</summary>
    Json,
}
