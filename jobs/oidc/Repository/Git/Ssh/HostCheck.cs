using ClusterTrust.Hosting;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace ClusterTrust.Oidc.Repository.Git.Ssh;

/// <summary>Decides whether a server is the one it should be.</summary>
internal sealed class HostCheck
{
    private readonly GitAddress address;
    private readonly HostKeys keys;
    private readonly string source;

    private HostCheck(GitAddress address, HostKeys keys, string source) => (this.address, this.keys, this.source) = (address, keys, source);

    /// <summary>Why the server was not trusted, or null.</summary>
    public JobException? Refusal { get; private set; }

    /// <summary>Reads what is known of the address's host.</summary>
    /// <exception cref="JobException">The known_hosts file cannot be read (exit code 2).</exception>
    public static HostCheck For(GitAddress address, string? knownHostsFile)
    {
        var builtIn = KnownHosts.Parse(GitHubHostKeys.KnownHosts).Of(address.Host, address.Port);
        if (knownHostsFile is null)
        {
            return new HostCheck(address, builtIn, "GitHub's published keys");
        }

        var own = KnownHosts.Parse(SecretFile.ReadText(knownHostsFile, "known_hosts file", "--known-hosts")).Of(address.Host, address.Port);
        return own.Trusted.Count > 0 || builtIn.Trusted.Count == 0
            ? new HostCheck(address, own, knownHostsFile)
            : new HostCheck(address, builtIn with { Revoked = own.Revoked }, "GitHub's published keys");
    }

    /// <summary>Has the server prove a key that is known, where it has several; else it would prove the one it likes best.</summary>
    public void Restrict(ConnectionInfo connection)
    {
        if (keys.Trusted.Count == 0)
        {
            return;
        }

        var wanted = keys.Trusted.SelectMany(key => key.Algorithms).ToHashSet(StringComparer.Ordinal);
        foreach (var algorithm in connection.HostKeyAlgorithms.Keys.Where(algorithm => !wanted.Contains(algorithm)).ToArray())
        {
            connection.HostKeyAlgorithms.Remove(algorithm);
        }
    }

    /// <summary>Judges the key that the server proved.</summary>
    public void Judge(HostKeyEventArgs shown)
    {
        var fingerprint = $"{shown.HostKeyName} {HostKey.FingerprintOf(shown.HostKey)}";
        if (keys.Revoked.Any(key => key.Is(shown.HostKey)))
        {
            Refusal = new JobException(
                $"The server {address.Host} shows a host key that {source} marks as revoked ({fingerprint}): someone may be in between; find out before anything is published.",
                ExitCode.Refused);
        }
        else if (keys.Trusted.Count == 0)
        {
            Refusal = new JobException(
                keys.HasAuthority
                    ? $"{source} lists only a certificate authority for {Name}, and host certificates are not supported: add the host's own key, which is {fingerprint} if nobody is in between."
                    : $"The server {Name} is not known: compare its host key {fingerprint} with what its operator publishes, then add it to the known_hosts file (ssh-keyscan prints the line) and name that with --known-hosts.",
                ExitCode.Usage);
        }
        else if (!keys.Trusted.Any(key => key.Is(shown.HostKey)))
        {
            Refusal = new JobException(
                $"The server {Name} shows another host key than {source} has for it (shown {fingerprint}, known {string.Join(", ", keys.Trusted.Select(key => $"{key.Type} {key.Fingerprint}"))}): "
                + "someone may be in between, or the key was changed; compare it with what the operator publishes, then correct the known_hosts file.",
                ExitCode.Refused);
        }

        shown.CanTrust = Refusal is null;
    }

    /// <summary>The sentence for a server that has no key of the known kinds.</summary>
    public JobException NoCommonKind(Exception cause) => new(
        $"The server {Name} has no host key of the kinds that {source} has for it ({string.Join(", ", keys.Trusted.Select(key => key.Type).Distinct())}): "
        + "it is another server, or its keys were changed; compare them with what the operator publishes, then correct the known_hosts file.",
        ExitCode.Refused,
        cause);

    private string Name => address.Port == 22 ? address.Host : $"[{address.Host}]:{address.Port}";
}
