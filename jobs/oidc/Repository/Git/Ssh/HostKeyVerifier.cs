using Renci.SshNet;
using Renci.SshNet.Common;

namespace ClusterTrust.Oidc.Repository.Git.Ssh;

/// <summary>Verifies that a server's host key is a known one.</summary>
/// <param name="source">The origin of the keys, as a part of a sentence.</param>
/// <param name="skipped">All lines of the known_hosts file that cannot be used.</param>
internal sealed class HostKeyVerifier(RepositoryAddress address, HostKeys keys, string source, IReadOnlyList<KnownHostsLine> skipped)
{
    private const string CompareKeys = "compare it with the operator's published key, then correct the known_hosts file";
    private const int LinesShown = 5;

    // The encoded type and a few bytes of the key.
    private const int MinPrefix = 30;

    public JobException? Refusal { get; private set; }

    /// <summary>The numbers of the lines of the known_hosts file that were skipped; null for none.</summary>
    public string? Skipped => skipped.Count == 0 ? null : NumbersOf(skipped);

    private string Name => address.Port == 22 ? address.Host : $"[{address.Host}]:{address.Port}";

    /// <summary>Reads the known keys of the address's host: the file's keys, or GitHub's published keys where the file has none for it.</summary>
    /// <exception cref="JobException">The known_hosts file cannot be read (exit code 2).</exception>
    public static HostKeyVerifier For(RepositoryAddress address, SecretFile? file)
    {
        var builtIn = KnownHosts.Parse(GitHubHostKeys.KnownHosts).Of(address.Host, address.Port);
        var hosts = KnownHosts.Parse(file?.Read(FileKind.KnownHosts) ?? "");
        var own = hosts.Of(address.Host, address.Port);
        return own.Trusted.Count > 0 || builtIn.Trusted.Count == 0
            ? new HostKeyVerifier(address, own, file is null ? "GitHub's published keys" : $"the{file.Subject[3..]}", hosts.Skipped)
            : new HostKeyVerifier(
                address, builtIn with { Revoked = own.Revoked, Skipped = [.. own.Skipped.Where(static line => line.IsLostRevocation)] }, "GitHub's published keys", hosts.Skipped);
    }

    /// <summary>Restricts the host key algorithms to those of known keys: otherwise a server presents the key that it prefers.</summary>
    public void Restrict(ConnectionInfo connection)
    {
        var allowed = keys.Trusted.SelectMany(key => key.Algorithms).ToHashSet(StringComparer.Ordinal);
        foreach (var algorithm in connection.HostKeyAlgorithms.Keys.Where(algorithm => allowed.Count > 0 && !allowed.Contains(algorithm)).ToArray())
        {
            connection.HostKeyAlgorithms.Remove(algorithm);
        }
    }

    public void Verify(HostKeyEventArgs received)
    {
        Refusal = RefusalOf(received.HostKey, $"{received.HostKeyName} {HostKey.FingerprintOf(received.HostKey)}");
        received.CanTrust = Refusal is null;
    }

    /// <summary>The fault for a server that has no key of the known types.</summary>
    public JobException NoCommonType(Exception cause)
    {
        var types = string.Join(", ", keys.Trusted.Select(key => key.Type).Distinct());
        var why = keys.Skipped.Count > 0 ? $"and {NumbersOf(keys.Skipped)} cannot be used: copy the whole line again"
            : $"so it is another server, or its keys were replaced: {CompareKeys}";
        return new JobException(
            $"The server {Name} has no host key of the types that {source} has for it ({types}), {why}.", keys.Skipped.Count > 0 ? ExitCode.Usage : ExitCode.Refused, cause);
    }

    /// <summary>The fault for a server whose signature with its host key is invalid, which is checked before <see cref="Verify"/>.</summary>
    public JobException UnprovenKey(Exception cause) => new(
        $"The server {Name} presents a host key without proof that it is its own (the signature of the key exchange is invalid): the connection may be intercepted; investigate before you publish.",
        ExitCode.Refused,
        cause);

    private JobException? RefusalOf(byte[] presented, string fingerprint)
    {
        var encoded = Convert.ToBase64String(presented);
        return keys switch
        {
            _ when keys.Revoked.Any(key => key.Is(presented)) => new JobException(
                $"The server {address.Host} presents a host key that {source} marks as revoked ({fingerprint}): the connection may be intercepted; investigate before you publish.",
                ExitCode.Refused),
            _ when keys.Skipped.FirstOrDefault(static line => line.IsLostRevocation) is { } lost => new JobException(
                $"The known_hosts file revokes a host key of {Name}, but {NumbersOf([lost])} cannot be used: copy the whole line again.", ExitCode.Usage),
            _ when keys.Trusted.Any(key => key.Is(presented)) => null,
            // A truncated line is a prefix of the server's key.
            _ when keys.Skipped.FirstOrDefault(line => line.Text.Length > MinPrefix && encoded.StartsWith(line.Text.TrimEnd('='), StringComparison.Ordinal)) is { } cut => new JobException(
                $"The server {Name} presents the host key of which {NumbersOf([cut])} of {source} has only a part: copy the whole line again, for {fingerprint}.", ExitCode.Usage),
            { Trusted.Count: 0 } => new JobException(
                $"The server {Name} is not known{WhyUnknown}: compare its host key {fingerprint} with the operator's published key, then add it to the file of --known-hosts (ssh-keyscan prints the line).",
                ExitCode.Usage),
            _ => new JobException(
                $"The server {Name} presents another host key than {source} has for it (presented {fingerprint}, expected {string.Join(", ", keys.Trusted.Select(known => $"{known.Type} {HostKey.FingerprintOf(known.Blob)}"))}): "
                + $"the connection may be intercepted, or the key was replaced; {CompareKeys}.",
                ExitCode.Refused),
        };
    }

    private string WhyUnknown => keys.HasAuthority ? $", because {source} lists only a certificate authority for it, which is not supported"
        : Skipped is { } lines ? $", and of {source}, {lines} cannot be used"
        : "";

    private static string NumbersOf(IReadOnlyList<KnownHostsLine> lines) =>
        $"line{(lines.Count == 1 ? "" : "s")} {string.Join(", ", lines.Take(LinesShown).Select(static line => line.Number))}{(lines.Count > LinesShown ? $" and {lines.Count - LinesShown} more" : "")}";
}

/// <summary>The host keys that GitHub publishes (docs.github.com, "GitHub's SSH key fingerprints"; api.github.com/meta).</summary>
internal static class GitHubHostKeys
{
    /// <summary>As a known_hosts file; port 443 of ssh.github.com is the way through firewalls.</summary>
    public const string KnownHosts =
        """
        github.com,[ssh.github.com]:443 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl
        github.com,[ssh.github.com]:443 ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7opKgwFB9nkt5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg=
        github.com,[ssh.github.com]:443 ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQCj7ndNxQowgcQnjshcLrqPEiiphnt+VTTvDP6mHBL9j1aNUkY4Ue1gvwnGLVlOhGeYrnZaMgRK6+PKCUXaDbC7qtbW8gIkhL7aGCsOr/C56SJMy/BCZfxd1nWzAOxSDPgVsmerOBYfNqltV9/hWCqBywINIR+5dIg6JTJ72pcEpEjcYgXkE2YEFXV1JHnsKgbLWNlhScqb2UmyRkQyytRLtL+38TGxkxCflmO+5Z8CSSNY7GidjMIZ7Q4zMjA2n1nGrlTDkzwDCsw+wqFPGQA179cnfGWOWRVruj16z6XyvxvjJwbz0wQZ75XK5tKSb7FNyeIEs4TT4jk+S4dhPeAUC5y+bDYirYgM4GC7uEnztnZyaVWQ7B381AK4Qdrwt51ZqExKbQpTUNn+EjqoTwvqNj4kqx5QUCI0ThS/YkOxJCXmPUWZbhjpCg56i+2aB6CmK2JGhn57K5mj0MNdBXA4/WnwH6XoPWJzK5Nyu2zB3nAZp+S5hpQs+p1vN1/wsjk=
        """;
}
