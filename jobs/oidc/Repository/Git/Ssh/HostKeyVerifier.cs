using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Site;
using ClusterTrust.Text;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace ClusterTrust.Oidc.Repository.Git.Ssh;

/// <summary>Verifies that a server's host key is a known one.</summary>
/// <param name="source">Where the keys are from, as a part of a sentence.</param>
/// <param name="isEmpty">Whether the known_hosts file has no usable line.</param>
internal sealed class HostKeyVerifier(RepositoryAddress address, HostKeys keys, string source, bool isEmpty = false)
{
    private const int LinesShown = 5;

    public JobException? Refusal { get; private set; }

    /// <summary>The lines of the known_hosts file that were skipped, as a part of a sentence; null for none.</summary>
    public string? Skipped { get; private init; }

    /// <summary>Reads what is known of the address's host: the file's keys, or GitHub's published keys where the file has none for it.</summary>
    /// <exception cref="JobException">The known_hosts file cannot be read (exit code 2).</exception>
    public static HostKeyVerifier For(RepositoryAddress address, SecretFile? knownHostsFile)
    {
        var builtIn = KnownHosts.Parse(GitHubHostKeys.KnownHosts).Of(address.Host, address.Port);
        if (knownHostsFile is null)
        {
            return new HostKeyVerifier(address, builtIn, "GitHub's published keys");
        }

        var hosts = KnownHosts.Parse(knownHostsFile.Read(FileKind.KnownHosts));
        var own = hosts.Of(address.Host, address.Port);
        var skipped = hosts.Skipped.Count == 0 ? null : LinesOf(hosts.Skipped);
        return own.Trusted.Count > 0 || builtIn.Trusted.Count == 0
            ? new HostKeyVerifier(address, own, char.ToLowerInvariant(knownHostsFile.Subject[0]) + knownHostsFile.Subject[1..], hosts.IsEmpty) { Skipped = skipped }
            : new HostKeyVerifier(address, builtIn with { Revoked = own.Revoked, Skipped = [.. own.Skipped.Where(static line => line.IsRevocation)] }, "GitHub's published keys") { Skipped = skipped };
    }

    /// <summary>Restricts the host key algorithms to those of known keys: else a server proves the key that it prefers.</summary>
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

    public void Verify(HostKeyEventArgs shown)
    {
        Refusal = RefusalOf(shown.HostKey, $"{shown.HostKeyName} {HostKey.FingerprintOf(shown.HostKey)}");
        shown.CanTrust = Refusal is null;
    }

    private JobException? RefusalOf(byte[] shown, string fingerprint)
    {
        var encoded = Convert.ToBase64String(shown);
        return keys switch
        {
            _ when keys.Revoked.Any(key => key.Is(shown)) => new JobException(
                $"The server {address.Host} presents a host key that {source} marks as revoked ({fingerprint}): the connection may be intercepted; investigate before you publish.",
                ExitCode.Refused),
            _ when keys.Skipped.FirstOrDefault(static line => line.IsRevocation) is { } unread => new JobException(
                $"The known_hosts file revokes a host key of {Name}, but {unread}: copy the whole line again.", ExitCode.Usage),
            { Trusted.Count: 0 } => new JobException(Unknown(fingerprint), ExitCode.Usage),
            _ when keys.Trusted.Any(key => key.Is(shown)) => null,
            // A truncated line is a prefix of the server's key.
            _ when keys.Skipped.FirstOrDefault(line => line.Key.Length > MinPrefix && encoded.StartsWith(line.Key.TrimEnd('='), StringComparison.Ordinal)) is { } cut => new JobException(
                $"{Capitalized(source)} lists the key of {Name}, but {cut}: copy the whole line again, for {fingerprint}.", ExitCode.Usage),
            _ => new JobException(
                $"The server {Name} presents another host key than {source} has for it (presented {fingerprint}, expected {string.Join(", ", keys.Trusted.Select(known => $"{known.Type} {HostKey.FingerprintOf(known.Blob)}"))}): "
                + "the connection may be intercepted, or the key was replaced; compare it with the operator's published key, then correct the known_hosts file.",
                ExitCode.Refused),
        };
    }

    /// <summary>The fault for a server that has no key of the known types.</summary>
    public JobException NoCommonType(Exception cause) => keys.Skipped.Count > 0
        ? new JobException(
            $"The server {Name} has no host key of the types that {source} has for it ({Types}), and {LinesOf(keys.Skipped)}: correct {(keys.Skipped.Count == 1 ? "that line" : "those lines")}.",
            ExitCode.Usage,
            cause)
        : new JobException(
            $"The server {Name} has no host key of the types that {source} has for it ({Types}): "
            + "it is another server, or its keys were replaced; compare them with the operator's published keys, then correct the known_hosts file.",
            ExitCode.Refused,
            cause);

    /// <summary>The fault for a server whose signature with its host key is invalid, which is checked before <see cref="Verify"/>.</summary>
    public JobException UnprovenKey(Exception cause) => new(
        $"The server {Name} presents a host key without proof that it is its own (the signature of the key exchange is invalid): the connection may be intercepted; investigate before you publish.",
        ExitCode.Refused,
        cause);

    // The encoded type and a few bytes of the key.
    private const int MinPrefix = 30;

    private string Types => string.Join(", ", keys.Trusted.Select(key => key.Type).Distinct());

    private string Name => address.Port == 22 ? address.Host : $"[{address.Host}]:{address.Port}";

    private string Unknown(string fingerprint)
    {
        if (keys.Skipped.Count > 0)
        {
            return $"{Capitalized(source)} has no usable key for {Name}, as {LinesOf(keys.Skipped)}: copy the whole line again; the server presents {fingerprint}: compare it with the operator's published key.";
        }

        return keys.HasAuthority
            ? $"{Capitalized(source)} lists only a certificate authority for {Name}, and host certificates are not supported: add the host's own key; the server presents {fingerprint}: compare it with the operator's published key."
            : $"{(isEmpty ? $"{Capitalized(source)} has no usable line{(Skipped is null ? "" : $" ({Skipped})")}, so the server {Name}" : $"The server {Name}")} is not known: "
                + $"compare its host key {fingerprint} with the operator's published key, then add it to the file of --known-hosts (ssh-keyscan prints the line).";
    }

    private static string LinesOf(IReadOnlyList<SkippedLine> lines) =>
        string.Join(", ", lines.Take(LinesShown)) + (lines.Count > LinesShown ? $" and {lines.Count - LinesShown} more" : "");

    private static string Capitalized(string text) => char.ToUpperInvariant(text[0]) + text[1..];
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
