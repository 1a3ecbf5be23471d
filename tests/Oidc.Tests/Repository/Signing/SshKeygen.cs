namespace ClusterTrust.Oidc.Tests.Repository.Signing;

/// <summary>Makes keys with the real ssh-keygen.</summary>
internal static class SshKeygen
{
    /// <summary>Makes a key pair and returns the private key's path; the public one lies beside it, with <c>.pub</c>.</summary>
    /// <param name="format">OpenSSH's own by default; <c>PEM</c> or <c>PKCS8</c>.</param>
    public static string MakeKey(TempFolder folder, string type, int? bits = null, string passphrase = "", string? format = null)
    {
        var path = folder.File($"{type}-{Guid.NewGuid():N}");
        string[] size = bits is null ? [] : ["-b", $"{bits}"];
        string[] form = format is null ? [] : ["-m", format];
        Tool.Run("ssh-keygen", ["-q", "-t", type, .. size, .. form, "-N", passphrase, "-C", "test", "-f", path]);
        return path;
    }
}
