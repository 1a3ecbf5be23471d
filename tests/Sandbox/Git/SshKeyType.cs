namespace ClusterTrust.Sandbox.Git;

/// <summary>Kinds of SSH keys, as ssh-keygen names them.</summary>
public enum SshKeyType
{
    Ed25519,

    /// <summary>RSA with 3,072 bits.</summary>
    Rsa,

    /// <summary>ECDSA on nistp256.</summary>
    Ecdsa,
}
